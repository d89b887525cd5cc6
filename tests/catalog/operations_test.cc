// What tools that return an Operation say of the tools that follow it.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bridge/catalog/catalog.h"

namespace bridge::catalog {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kOperation[] = R"pb(
  name: "operations.proto"
  package: "google.longrunning"
  syntax: "proto3"
  message_type {
    name: "Operation"
    field { name: "name" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING json_name: "name" }
    field { name: "done" number: 3 label: LABEL_OPTIONAL type: TYPE_BOOL json_name: "done" }
    field { name: "error" number: 4 label: LABEL_OPTIONAL type: TYPE_STRING json_name: "error" }
    field {
      name: "response"
      number: 5
      label: LABEL_OPTIONAL
      type: TYPE_STRING
      json_name: "response"
    }
  }
  message_type {
    name: "Get"
    field { name: "name" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING json_name: "name" }
  })pb";

// Methods of one service that return an Operation, and take its name.
struct Service {
  std::string name;
  std::vector<std::string> methods;
};

Source MakeSource(const std::vector<Service>& services, const std::string& response = "",
                  size_t index = 0, const std::string& alias = "up") {
  Source source{.upstream = alias, .index = index};
  google::protobuf::FileDescriptorProto file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kOperation, &file));
  for (const Service& service : services) {
    auto* const declared = file.add_service();
    declared->set_name(service.name);
    source.services.push_back("google.longrunning." + service.name);
    for (const std::string& name : service.methods) {
      auto* const method = declared->add_method();
      method->set_name(name);
      method->set_input_type(".google.longrunning.Get");
      method->set_output_type(".google.longrunning.Operation");
      if (response.empty()) continue;
      auto* const options = method->mutable_options();
      const std::string info = "\n" + std::string(1, static_cast<char>(response.size())) + response;
      options->GetReflection()->MutableUnknownFields(options)->AddLengthDelimited(1049, info);
    }
  }
  source.files.push_back(file.SerializeAsString());
  return source;
}

std::string DescriptionOf(const std::vector<Source>& sources, const std::string& tool) {
  std::vector<std::string> problems;
  const auto catalog = Catalog::Make(sources, {}, {}, &problems);
  const Tool* const found = catalog->Find(tool);
  return found == nullptr ? "no tool " + tool : found->text.description;
}

TEST(B46Operations, NameTheToolsThatFollowThem) {
  struct Row {
    std::vector<Service> services;
    std::string response, expected;
  };
  const Service starter = {"Shop", {"Export"}};
  for (const Row& row : {
           Row{{starter, {"Operations", {"GetOperation", "WaitOperation", "CancelOperation"}}},
               "shop.v1.Report",
               "Long-running: returns an Operation; call Operations_WaitOperation or "
               "Operations_GetOperation with its name until done is true; response then holds the "
               "Report, or error says why it failed."},
           Row{{starter, {"Operations", {"GetOperation"}}},
               "Report",
               "Long-running: returns an Operation; call Operations_GetOperation with its name "
               "until done is true; response then holds the Report, or error says why it failed."},
           Row{{starter, {"Operations", {"WaitOperation"}}},
               "google.protobuf.Empty",
               "Long-running: returns an Operation; call Operations_WaitOperation with its name "
               "until done is true; response is then empty, or error says why it failed."},
           Row{{starter, {"OperationService", {"Get"}}},
               "",
               "Long-running: returns an Operation; call Operation_Get with its name until done is "
               "true."},
           // The service's own before that of another.
           Row{{{"Shop", {"Export", "GetOperation"}}, {"Operations", {"GetOperation"}}},
               "",
               "Long-running: returns an Operation; call Shop_GetOperation with its name until "
               "done is true."},
           Row{{starter}, "", "Long-running: returns an Operation, finished when done is true."},
       }) {
    EXPECT_THAT(DescriptionOf({MakeSource(row.services, row.response)}, "Shop_Export"),
                EndsWith(" Returns Operation. " + row.expected));
  }
}

TEST(B46Operations, ThoseThatFollowThemAreNotLongRunning) {
  const Source source = MakeSource({{"Operations", {"GetOperation", "WaitOperation"}}}, "Report");
  for (const char* tool : {"Operations_GetOperation", "Operations_WaitOperation"}) {
    EXPECT_THAT(DescriptionOf({source}, tool), Not(HasSubstr("Long-running"))) << tool;
  }
}

TEST(B46Operations, ToolsOfAnotherUpstreamAreNotNamed) {
  const Source starts = MakeSource({{"Shop", {"Export"}}}, "", 0, "a");
  const Source follows = MakeSource({{"Operations", {"GetOperation"}}}, "", 1, "b");
  EXPECT_THAT(DescriptionOf({starts, follows}, "Shop_Export"), Not(HasSubstr("GetOperation")));
  // As they are called in this catalog.
  const Source both =
      MakeSource({{"Shop", {"Export"}}, {"Operations", {"GetOperation"}}}, "", 0, "a");
  EXPECT_THAT(DescriptionOf({both, follows}, "Shop_Export"),
              HasSubstr("call a_Operations_GetOperation with"));
}

TEST(B46Operations, AnOperationIsKnownByItsFields) {
  Source source = MakeSource({{"Shop", {"Export"}}, {"Operations", {"GetOperation"}}});
  google::protobuf::FileDescriptorProto file;
  ASSERT_TRUE(file.ParseFromString(source.files[0]));
  file.mutable_message_type(0)->mutable_field(1)->set_name("finished");
  source.files[0] = file.SerializeAsString();
  EXPECT_THAT(DescriptionOf({source}, "Shop_Export"), Not(HasSubstr("Long-running")));
}

}  // namespace
}  // namespace bridge::catalog
