// google.api.field_info in each profile.
#include <string>

#include "bridge/schema/tool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"
#include "tests/schema/vendor_lint.h"

namespace bridge::schema {
namespace {

using Json = nlohmann::json;

TEST(B47FieldInfo, IsAFormatAndWords) {
  struct Row {
    std::string field;
    const char* format;  // null: words only
    std::string words;
  };
  for (const Row& row : {
           Row{"string f = 1 [(test.info).format = 1];", "uuid", "A random UUID (version 4)."},
           Row{"string f = 1 [(test.info).format = 2];", "ipv4", "An IPv4 address."},
           Row{"string f = 1 [(test.info).format = 3];", "ipv6", "An IPv6 address."},
           Row{"string f = 1 [(test.info).format = 4];", nullptr, "An IPv4 or IPv6 address."},
           Row{"optional string f = 1 [(test.info).format = 2];", "ipv4", "An IPv4 address."},
           Row{"google.protobuf.StringValue f = 1 [(test.info).format = 3];", "ipv6",
               "An IPv6 address."},
           Row{"repeated string f = 1 [(test.info).format = 2];", "ipv4", "An IPv4 address."},
           Row{"repeated string f = 1 [(test.info).format = 4];", nullptr,
               "An IPv4 or IPv6 address."},
           Row{"repeated string f = 1 [(test.info).format = 1, (test.rules).repeated.items.string "
               "= { prefix: \"a\" }];",
               "uuid", "A random UUID (version 4)."},
           Row{"// Where.\nstring f = 1 [(test.info).format = 2];", "ipv4",
               "Where. An IPv4 address."},
       }) {
    const auto graph = descriptor::BuildOrThrow(
        descriptor::CompileText("syntax = \"proto3\"; import \"test_options.proto\"; "
                                "import \"google/protobuf/wrappers.proto\"; message M {\n" +
                                row.field + " }"));
    for (const SchemaProfile profile :
         {SchemaProfile::kPortable, SchemaProfile::kStandard, SchemaProfile::kOpenAiStrict}) {
      SchemaOptions options;
      options.profile = profile;
      const std::string text = InputSchema(*graph->FindMessage("M"), options);
      Json field = Json::parse(text)["properties"]["f"];
      if (field.contains("anyOf")) field = field["anyOf"][0];
      EXPECT_EQ(field["description"], row.words) << row.field;
      const Json& value = field.contains("items") ? field["items"] : field;
      if (row.format == nullptr) {
        EXPECT_FALSE(value.contains("format")) << text;
      } else {
        EXPECT_EQ(value["format"], row.format) << text;
      }
      EXPECT_FALSE(field.contains("items") && field.contains("format")) << text;
    }
  }
}

}  // namespace
}  // namespace bridge::schema
