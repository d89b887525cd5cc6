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

TEST(Graph, BrokenDescriptorsAreRefusedByName) {
  struct Row {
    const char* text;
    const char* expected;
  };
  const Row rows[] = {
      {R"pb(name: "a" package: "p/q")pb", "package"},
      {R"pb(name: "a" package: "p..q")pb", "package"},
      {R"pb(name: "a" syntax: "proto4")pb", "syntax"},
      {R"pb(name: "a"
            message_type { name: "M/N" })pb",
       "message name"},
      {R"pb(name: "a"
            message_type { name: "" })pb",
       "message name"},
      {R"pb(name: "a"
            enum_type { name: "E" })pb",
       "without values"},
      {R"pb(name: "a"
            enum_type {
              name: "E"
              value { name: "A B" number: 0 }
            })pb",
       "enum value"},
      {R"pb(name: "a"
            enum_type {
              name: "E"
              value { name: "A" number: 0 }
              value { name: "A" number: 1 }
            })pb",
       "E.A: is declared twice"},
      {R"pb(name: "a"
            service { name: "S\r\nX" })pb",
       "service name"},
      {R"pb(name: "a"
            message_type { name: "M" }
            service {
              name: "S"
              method { name: "a/../b" input_type: "M" output_type: "M" }
            })pb",
       "method name"},
      {R"pb(name: "a"
            message_type { name: "M" }
            service {
              name: "S"
              method { name: "Do" input_type: "M" output_type: "N" }
            })pb",
       "S.Do: its type \"N\""},
      {R"pb(name: "a"
            message_type { name: "M" }
            message_type {
              name: "M"
              field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
            })pb",
       "declares this name differently"},
      {R"pb(name: "a"
            message_type {
              name: "M"
              field { name: "x" number: 0 label: LABEL_OPTIONAL type: TYPE_INT32 }
            })pb",
       "M.x: its number is out of range"},
      {R"pb(name: "a"
            message_type {
              name: "M"
              field { name: "x" number: 536870912 label: LABEL_OPTIONAL type: TYPE_INT32 }
            })pb",
       "out of range"},
      {R"pb(name: "a"
            message_type {
              name: "M"
              field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
              field { name: "y" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
            })pb",
       "M.y: its number belongs to another field too"},
      {R"pb(name: "a"
            message_type {
              name: "M"
              field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
              field { name: "x" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 }
            })pb",
       "same name"},
      {R"pb(name: "a"
            message_type {
              name: "M"
              field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 json_name: "a\nb" }
            })pb",
       "json_name"},
      {R"pb(name: "a"
            message_type {
              name: "M"
              field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 oneof_index: 3 }
            })pb",
       "oneof"},
      {R"pb(name: "a"
            message_type {
              name: "M"
              field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_ENUM type_name: ".M" }
            })pb",
       "another kind"},
      {R"pb(name: "a"
            message_type {
              name: "M"
              field {
                name: "x"
                number: 1
                label: LABEL_REPEATED
                type: TYPE_MESSAGE
                type_name: ".M.E"
              }
              nested_type {
                name: "E"
                options { map_entry: true }
              }
            })pb",
       "map entry"},
      {R"pb(name: "a"
            service { name: "S" }
            message_type { name: "S" })pb",
       "differently"},
  };
  for (const Row& row : rows) {
    const auto graph = Graph::Build(Files{FromText(row.text)});
    ASSERT_EQ(graph.status().code(), absl::StatusCode::kInvalidArgument) << row.text;
    EXPECT_THAT(std::string(graph.status().message()),
                AllOf(HasSubstr("file \"a\""), HasSubstr(row.expected)));
    EXPECT_EQ(graph.status().message().find('\n'), absl::string_view::npos) << row.text;
  }
}

TEST(Graph, LimitsAreNamed) {
  const Files files = {
      FromText(R"pb(name: "a"
                    syntax: "proto3"
                    message_type {
                      name: "M"
                      field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
                      field { name: "y" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 }
                    }
                    message_type { name: "LongName" })pb"),
      FromText(R"pb(name: "b")pb")};
  EXPECT_TRUE(Graph::Build(files).ok());
  struct Row {
    GraphLimits limits;
    const char* name;
  };
  for (const Row& row : {Row{{.files = 1}, "files"}, Row{{.messages = 1}, "messages"},
                         Row{{.fields = 1}, "fields"}, Row{{.name_length = 7}, "name_length"}}) {
    const auto graph = Graph::Build(files, {}, row.limits);
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
  const auto deep = Graph::Build(Files{FromText("name: \"a\" " + nested + tail)});
  EXPECT_THAT(std::string(deep.status().message()), HasSubstr("nested too deep"));
}

}  // namespace
}  // namespace bridge::descriptor
