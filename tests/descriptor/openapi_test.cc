// OpenAPI annotations of both generations, under their numbers.
#include "bridge/descriptor/openapi.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::descriptor {
namespace {

using ::testing::ElementsAre;

constexpr char kOptions[] = R"(
  syntax = "proto3"; import "google/protobuf/descriptor.proto";
  message V2 { string title = 5; string description = 6; string default = 7; bool read_only = 8;
    string example = 9; double multiple_of = 10; double maximum = 11; bool exclusive_maximum = 12;
    double minimum = 13; bool exclusive_minimum = 14; uint64 max_length = 15; uint64 min_length = 16;
    string pattern = 17; uint64 max_items = 20; uint64 min_items = 21; bool unique_items = 22;
    repeated string required = 26; string format = 36; repeated string enum = 46; }
  message V2Schema { V2 json_schema = 1; }
  message V3Any { string yaml = 2; }
  message V3Default { optional double number = 1; optional bool boolean = 2; optional string string = 3; }
  message V3 { bool read_only = 3; bool write_only = 4; V3Any example = 7; bool deprecated = 8;
    string title = 9; double maximum = 11; uint64 min_length = 16; repeated string required = 23;
    V3Default default = 33; string description = 34; string format = 35; }
  message Operation { string summary = 2; string description = 3; bool v3_deprecated = 10; bool v2_deprecated = 11; }
  extend google.protobuf.FieldOptions { V2 v2 = 1042; V3 v3 = 1143; }
  extend google.protobuf.MessageOptions { V2Schema v2_message = 1042; V3 v3_message = 1143; }
  extend google.protobuf.MethodOptions { Operation v2_operation = 1042; Operation v3_operation = 1143; })";

TEST(OpenApi, FieldsTakeTextsMarksAndBounds) {
  const auto graph = BuildOrThrow(CompileText(std::string(kOptions) + R"(
    message M {
      string text = 1 [(v2) = {title: "A title" description: "Words. More." default: "x" example: "\"y\""
                               min_length: 2 max_length: 9 pattern: "^a" format: "uuid" enum: "a" enum: "b"}];
      int32 whole = 2 [(v2) = {minimum: 1.5 maximum: 10 exclusive_maximum: true multiple_of: 2}];
      double part = 3 [(v2) = {minimum: 0 exclusive_minimum: true maximum: 1e300}];
      repeated string list = 4 [(v2) = {min_items: 1 max_items: 3 unique_items: true max_length: 5}];
      string given = 5 [(v2).read_only = true];
      string secret = 6 [(v3) = {write_only: true deprecated: true default: {boolean: true}
                                 example: {yaml: "z\n"} title: "T" description: "D" format: "date"}];
      int64 huge = 7 [(v2).minimum = 1e30];
      float both = 8 [(v2) = {title: "two" maximum: 2}, (v3) = {title: "three" default: {number: 0.5}}];
      string none = 9;
    })"));
  const auto rules = [&graph](const char* name) { return *FieldOf(*graph, "M", name).rules; };
  const Field& text = FieldOf(*graph, "M", "text");
  EXPECT_EQ(text.texts->title, "A title");
  EXPECT_EQ(text.texts->description, "Words. More.");
  EXPECT_EQ(text.texts->example, "\"y\"");
  EXPECT_EQ(text.rules->min_length, 2u);
  EXPECT_EQ(text.rules->max_length, 9u);
  EXPECT_EQ(text.rules->pattern, "^a");
  EXPECT_EQ(text.rules->format, TextFormat::kUuid);
  EXPECT_THAT(text.rules->in, ElementsAre("a", "b"));
  EXPECT_THAT(text.rules->texts, ElementsAre("Default: `x`."));
  EXPECT_FALSE(text.rules->zero_violates) << "OpenAPI asks nothing of a field that is not given";
  EXPECT_EQ(rules("whole").minimum, "2");
  EXPECT_EQ(rules("whole").maximum, "9");
  EXPECT_FALSE(rules("whole").exclusive_maximum);
  EXPECT_THAT(rules("whole").texts, ElementsAre("Must be a multiple of 2."));
  EXPECT_EQ(rules("part").minimum, "0");
  EXPECT_TRUE(rules("part").exclusive_minimum);
  EXPECT_EQ(rules("part").maximum, "1e+300");
  EXPECT_EQ(rules("list").min_count, 1u);
  EXPECT_EQ(rules("list").max_count, 3u);
  EXPECT_TRUE(rules("list").unique);
  EXPECT_FALSE(rules("list").max_length.has_value());
  EXPECT_EQ(FieldOf(*graph, "M", "given").behavior, kOutputOnly);
  const Field& secret = FieldOf(*graph, "M", "secret");
  EXPECT_EQ(secret.behavior, kInputOnly);
  EXPECT_TRUE(secret.deprecated);
  EXPECT_EQ(secret.texts->title, "T");
  EXPECT_EQ(secret.texts->description, "D");
  EXPECT_THAT(secret.rules->texts, ElementsAre("Format: date.", "Default: `true`."));
  EXPECT_EQ(rules("huge").minimum, "");
  EXPECT_EQ(FieldOf(*graph, "M", "both").texts->title, "three");
  EXPECT_EQ(rules("both").maximum, "2");
  EXPECT_THAT(rules("both").texts, ElementsAre("Default: `0.5`."));
  EXPECT_EQ(FieldOf(*graph, "M", "none").rules, nullptr);
}

TEST(OpenApi, ValidationRulesWin) {
  const auto graph = BuildOrThrow(CompileText(std::string(kOptions) + R"(
    message Numbers { optional int32 lte = 3; } message Rules { Numbers int32 = 3; }
    extend google.protobuf.FieldOptions { Rules rules = 1159; }
    message M { int32 a = 1 [(rules).int32.lte = 5, (v2) = {minimum: 7 maximum: 9}]; })"));
  EXPECT_EQ(FieldOf(*graph, "M", "a").rules->maximum, "5");
  EXPECT_EQ(FieldOf(*graph, "M", "a").rules->minimum, "");
}

TEST(OpenApi, MessagesAndMethods) {
  const auto graph = BuildOrThrow(CompileText(std::string(kOptions) + R"(
    message M {
      option (v2_message) = {json_schema: {description: "A message." required: "first_name"}};
      string first_name = 1; string last_name = 2;
    }
    message N { option (v3_message) = {required: "lastName"}; string first_name = 1; string last_name = 2; }
    service S {
      rpc Do(M) returns (N) { option (v2_operation) = {summary: "Does" description: "Does it." v2_deprecated: true}; }
      rpc Be(M) returns (N) { option (v3_operation) = {v2_deprecated: true}; }
    })"));
  EXPECT_EQ(graph->FindMessage("M")->comment, "A message.");
  EXPECT_EQ(FieldOf(*graph, "M", "first_name").behavior, kRequired);
  EXPECT_EQ(FieldOf(*graph, "M", "last_name").behavior, 0);
  EXPECT_EQ(FieldOf(*graph, "N", "last_name").behavior, kRequired);
  const Method& method = graph->FindService("S")->methods[0];
  EXPECT_EQ(method.title, "Does");
  EXPECT_EQ(method.comment, "Does it.");
  EXPECT_TRUE(method.deprecated);
  EXPECT_FALSE(graph->FindService("S")->methods[1].deprecated);
}

}  // namespace
}  // namespace bridge::descriptor
