#include <string>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"

namespace bridge::descriptor {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Graph, LimitsAreNamed) {
  const Files files = {
      FromText(
          R"pb(name: "a"
               syntax: "proto3"
               message_type {
                 name: "M"
                 field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
                 field { name: "y" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 oneof_index: 0 }
                 oneof_decl { name: "o" }
               }
               message_type { name: "LongName" })pb"),
      FromText(R"pb(name: "b")pb")};
  EXPECT_TRUE(Graph::Build(PointersTo(files)).ok());
  struct Row {
    GraphLimits limits;
    const char* name;
  };
  for (const Row& row :
       {Row{{.files = 1}, "files"}, Row{{.messages = 1}, "messages"}, Row{{.fields = 1}, "fields"},
        Row{{.name_length = 7}, "name_length"}, Row{{.message_fields = 1}, "message_fields"},
        Row{{.message_oneofs = 0}, "message_oneofs"}}) {
    const auto graph = Graph::Build(PointersTo(files), {}, row.limits);
    EXPECT_EQ(graph.status().code(), absl::StatusCode::kResourceExhausted) << row.name;
    EXPECT_THAT(std::string(graph.status().message()),
                HasSubstr(std::string("limit: ") + row.name));
  }
  std::string nested = R"(message_type { name: "M")";
  std::string tail = "}";
  for (int i = 0; i < 80; ++i) {
    nested += R"( nested_type { name: "M")";
    tail += "}";
  }
  const auto deep = Graph::Build(PointersTo({FromText("name: \"a\" " + nested + tail)}));
  EXPECT_THAT(std::string(deep.status().message()), HasSubstr("nested too deep"));
}

TEST(Graph, NamesHaveALimitEverywhere) {
  const std::string name(600, 'n');
  for (const std::string& text : {
           "enum_type { name: \"E\" value { name: \"" + name + "\" number: 0 } }",
           "enum_type { name: \"" + name + "\" value { name: \"A\" number: 0 } }",
           "package: \"" + name + "\" message_type { name: \"M\" }",
           "service { name: \"" + name + "\" }",
           "message_type { name: \"M\" } service { name: \"S\" method { name: \"" + name +
               "\" input_type: \"M\" output_type: \"M\" } }",
           "message_type { name: \"M\" field { name: \"" + name +
               "\" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 } }",
           "message_type { name: \"M\" field { name: \"x\" json_name: \"" + name +
               "\" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 } }",
           "message_type { name: \"M\" oneof_decl { name: \"" + name +
               "\" } field { name: \"x\" oneof_index: 0 number: 1 label: LABEL_OPTIONAL type: "
               "TYPE_INT32 } }",
           "message_type { name: \"M\" field { name: \"x\" number: 1 label: LABEL_OPTIONAL type: "
           "TYPE_MESSAGE type_name: \"" +
               name + "\" } }",
       }) {
    const auto graph = Graph::Build(PointersTo({FromText("name: \"a\" " + text)}));
    EXPECT_FALSE(graph.ok()) << text;
    EXPECT_THAT(std::string(graph.status().message()), HasSubstr("file \"a\"")) << text;
    EXPECT_LT(graph.status().message().size(), 600u);
  }
}

// Each of these took time that grew with the square of its size.
TEST(Graph, ManyOfOneKindTakeLinearTime) {
  constexpr int kMany = 50'000;
  auto file = FromText(R"pb(name: "a"
                            message_type {
                              name: "M"
                              oneof_decl { name: "o" }
                            })pb");
  const auto fill = [](google::protobuf::FieldDescriptorProto* field, const std::string& name,
                       int number) {
    field->set_name(name);
    field->set_number(number);
    field->set_type(google::protobuf::FieldDescriptorProto::TYPE_INT32);
  };
  auto* message = file.mutable_message_type(0);
  auto* options = message->mutable_oneof_decl(0)->mutable_options();
  options->GetReflection()->MutableUnknownFields(options)->AddLengthDelimited(
      1, std::string(1'000'000, '\x08'));
  for (int i = 0; i < kMany; ++i) {
    fill(message->add_field(), "f" + std::to_string(i), i + 1);
    message->mutable_field(i)->set_oneof_index(0);
    auto* extension = file.add_extension();
    fill(extension, "e" + std::to_string(i), kMany + i + 1);
    extension->set_extendee(".M");
    file.add_dependency("missing/" + std::to_string(i));
  }
  const GraphLimits limits = {.message_fields = 2 * kMany};
  const auto graph = Graph::Build(PointersTo({file}), {}, limits);
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_EQ((*graph)->FindMessage("M")->extensions.size(), size_t{kMany});
  file.mutable_extension(0)->set_extendee(".Missing");
  const auto broken = Graph::Build(PointersTo({file}), {}, limits);
  EXPECT_LT(broken.status().message().size(), 1000u);
}

}  // namespace
}  // namespace bridge::descriptor
