// The tools of methods that stream: their schemas in each profile, and what is said of them.
#include "bridge/descriptor/streaming.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/schema/tool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"
#include "tests/schema/vendor_lint.h"

namespace bridge::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::ordered_json;

constexpr char kProto[] = R"(
  syntax = "proto3"; package p;
  import "test_options.proto";
  import "google/protobuf/duration.proto"; import "google/protobuf/struct.proto";
  message Item {
    string id = 1 [(test.field_behavior) = REQUIRED];
    int32 count = 2;
    oneof choice { string a = 3; string b = 4; }
  }
  message Choice { oneof choice { string a = 1; string b = 2; } }
  message Tree { string name = 1; repeated Tree children = 2; }
  message Page { string page_token = 1; string next_page_token = 2; }
  message Operation { string name = 1; bool done = 2; }
  service S {
    rpc Watch(Item) returns (stream Item);
    rpc Send(stream Item) returns (Item);
    rpc Talk(stream Item) returns (stream Item);
    rpc WatchChoice(Choice) returns (stream Choice);
    rpc SendChoice(stream Choice) returns (Choice);
    rpc WatchTime(google.protobuf.Duration) returns (stream google.protobuf.Duration);
    rpc SendTime(stream google.protobuf.Duration) returns (google.protobuf.Duration);
    rpc WatchStruct(google.protobuf.Struct) returns (stream google.protobuf.Struct);
    rpc WalkTrees(stream Tree) returns (stream Tree);
    rpc Pages(Page) returns (stream Page);
    rpc Execute(Item) returns (stream Operation);
    rpc GetOperation(Operation) returns (Operation);
  })";

class Streaming : public testing::Test {
 protected:
  const descriptor::Method& Find(std::string_view name) const {
    for (const descriptor::Method& method : graph_->services().front().methods) {
      if (method.name == name) return method;
    }
    throw std::runtime_error("no method " + std::string(name));
  }
  Tool Make(std::string_view method, SchemaProfile profile = SchemaProfile::kPortable) const {
    Tool tool = MakeTool(Find(method), {.profile = profile});
    const auto lint = profile == SchemaProfile::kPortable   ? &VendorLint::Input
                      : profile == SchemaProfile::kStandard ? &VendorLint::Standard
                                                            : &VendorLint::Strict;
    EXPECT_THAT(lint(tool.input_schema), IsEmpty()) << tool.input_schema;
    EXPECT_THAT(VendorLint::Output(tool.output_schema), IsEmpty()) << tool.output_schema;
    return tool;
  }

  std::shared_ptr<const descriptor::Graph> graph_ =
      descriptor::BuildOrThrow(descriptor::CompileText(kProto));
};

std::string Limit(const std::string& key = "stream_limit") {
  return '"' + key +
         R"(":{"type":"object","description":"Ends the call when so many messages have come or )"
         R"(after so many seconds.","properties":{"messages":{"type":"integer","minimum":1},)"
         R"("seconds":{"type":"integer","minimum":1}},"additionalProperties":false})";
}

const std::string kStrictLimit =
    R"("stream_limit":{"anyOf":[{"type":"object","description":"Ends the call when so many )"
    R"(messages have come or after so many seconds.","properties":{"messages":{"type":["integer",)"
    R"("null"],"minimum":1},"seconds":{"type":["integer","null"],"minimum":1}},"required":)"
    R"(["messages","seconds"],"additionalProperties":false},{"type":"null"}]})";
const std::string kFields =
    R"("id":{"type":"string"},"count":{"type":"integer"},"a":{"type":"string"},)"
    R"("b":{"type":"string"})";
const std::string kStrictFields =
    R"("id":{"type":"string"},"count":{"type":["integer","null"]},"a":{"type":["string","null"]},)"
    R"("b":{"type":["string","null"]})";

// The schema of arguments that are a list of objects with `members`.
std::string Sent(const std::string& members, const std::string& others = "",
                 const std::string& required = R"("messages")") {
  return R"({"type":"object","properties":{"messages":{"type":"array","items":{"type":"object",)" +
         members + R"(},"description":"Sent in this order."})" + others + R"(},"required":[)" +
         required + R"(],"additionalProperties":false})";
}

// The schema of an answer of such objects.
std::string Received(const std::string& members) {
  return R"({"type":"object","properties":{"messages":{"type":"array","items":{"type":"object",)" +
         members +
         R"(},"description":"In the order they came."},"truncated":{"type":"string",)"
         R"("description":"Only where a limit has cut the stream: which one, and how to ask for )"
         R"(less."}},"required":["messages"]})";
}

TEST_F(Streaming, ArgumentsAreTheMessageAndALimit) {
  EXPECT_EQ(Make("Watch").input_schema, R"({"type":"object","properties":{)" + kFields + "," +
                                            Limit() +
                                            R"(},"required":["id"],"additionalProperties":false})");
  EXPECT_EQ(Make("Watch", SchemaProfile::kOpenAiStrict).input_schema,
            R"({"type":"object","properties":{)" + kStrictFields + "," + kStrictLimit +
                R"(},"required":["id","count","a","b","stream_limit"],)"
                R"("additionalProperties":false})");
  // To count properties would count the limit.
  const std::string choice = R"("a":{"type":"string"},"b":{"type":"string"})";
  EXPECT_EQ(Make("WatchChoice", SchemaProfile::kStandard).input_schema,
            R"({"type":"object","properties":{)" + choice + "," + Limit() +
                R"(},"required":[],"additionalProperties":false})");
  EXPECT_EQ(Make("WatchTime").input_schema,
            R"({"type":"object","properties":{"value":{"type":"string",)"
            R"("pattern":"^-?[0-9]+(\\.[0-9]{1,9})?s$",)"
            R"("description":"Seconds with suffix s, e.g. \"1.5s\"."},)" +
                Limit() + R"(},"required":[],"additionalProperties":false})");
  EXPECT_EQ(Make("WatchStruct").input_schema,
            R"({"type":"object","description":"Any JSON object.","properties":{)" + Limit() +
                R"(},"required":[]})");
  EXPECT_EQ(Make("WatchStruct", SchemaProfile::kOpenAiStrict).input_schema,
            R"({"type":"object","properties":{"value":{"type":["string","null"],)"
            R"("description":"JSON text of any object."},)" +
                kStrictLimit +
                R"(},"required":["value","stream_limit"],)"
                R"("additionalProperties":false})");
}

TEST_F(Streaming, ArgumentsAreAListOfMessages) {
  const std::string members = R"("description":"Set at most one of: a, b.","properties":{)" +
                              kFields + R"(},"required":["id"],"additionalProperties":false)";
  EXPECT_EQ(Make("Send").input_schema, Sent(members));
  EXPECT_EQ(Make("Talk").input_schema, Sent(members, "," + Limit()));
  EXPECT_EQ(Make("Talk", SchemaProfile::kOpenAiStrict).input_schema,
            Sent(R"("description":"Set at most one of: a, b.","properties":{)" + kStrictFields +
                     R"(},"required":["id","count","a","b"],"additionalProperties":false)",
                 "," + kStrictLimit, R"("messages","stream_limit")"));
  EXPECT_EQ(Make("SendChoice", SchemaProfile::kStandard).input_schema,
            Sent(R"("description":"Set at most one of: a, b.","properties":)"
                 R"({"a":{"type":"string"},"b":{"type":"string"}},"additionalProperties":false,)"
                 R"("maxProperties":1)"));
  EXPECT_EQ(Make("SendTime").input_schema,
            Sent(R"("properties":{"value":{"type":"string",)"
                 R"("pattern":"^-?[0-9]+(\\.[0-9]{1,9})?s$",)"
                 R"("description":"Seconds with suffix s, e.g. \"1.5s\"."}},"required":[],)"
                 R"("additionalProperties":false)"));
}

TEST_F(Streaming, AnswersAreAListOfMessages) {
  for (const auto profile :
       {SchemaProfile::kPortable, SchemaProfile::kStandard, SchemaProfile::kOpenAiStrict}) {
    // Each has its zeros, as an answer that is alone.
    const std::string item =
        Received(R"("properties":{)" + kFields + R"(},"required":["id","count"])");
    EXPECT_EQ(Make("Watch", profile).output_schema, item);
    EXPECT_EQ(Make("Talk", profile).output_schema, item);
  }
  EXPECT_EQ(Make("Send").output_schema,
            R"({"type":"object","properties":{)" + kFields + R"(},"required":["id","count"]})");
  EXPECT_EQ(Make("WatchStruct").output_schema, Received(R"("properties":{})"));
}

TEST_F(Streaming, DefinitionsStandAtTheRoot) {
  const Tool tool = Make("WalkTrees", SchemaProfile::kStandard);
  const std::string tree = R"("properties":{"name":{"type":"string"},)"
                           R"("children":{"type":"array","items":{"$ref":"#/$defs/Tree"}}})";
  const std::string closed = tree + R"(,"additionalProperties":false)";
  std::string sent = Sent(closed, "," + Limit());
  sent.insert(sent.size() - 1, R"(,"$defs":{"Tree":{"type":"object",)" + closed + "}}");
  EXPECT_EQ(tool.input_schema, sent);
  std::string received = Received(tree + R"(,"required":["name"])");
  received.insert(received.size() - 1, R"(,"$defs":{"Tree":{"type":"object",)" + tree + "}}");
  EXPECT_EQ(tool.output_schema, received);
}

TEST_F(Streaming, SizesAreKept) {
  SchemaOptions options;
  options.max_bytes = 1'200;
  for (const auto profile :
       {SchemaProfile::kPortable, SchemaProfile::kStandard, SchemaProfile::kOpenAiStrict}) {
    options.profile = profile;
    const Tool tool = MakeTool(Find("WalkTrees"), options);
    EXPECT_LE(tool.input_schema.size(), options.max_bytes) << tool.input_schema;
    EXPECT_LE(tool.output_schema.size(), options.max_bytes) << tool.output_schema;
    EXPECT_THAT(tool.input_schema, HasSubstr("children")) << "its fields are still told";
  }
  // Not even the names of the fields fit.
  options.profile = SchemaProfile::kPortable;
  options.max_bytes = 100;
  const Tool bare = MakeTool(Find("Talk"), options);
  EXPECT_EQ(bare.input_schema, Sent(R"("description":"Set at most one of: a, b.",)"
                                    R"("properties":{},"required":[])",
                                    "," + Limit()));
  EXPECT_EQ(bare.output_schema, Received(R"("properties":{},"required":[])"));
  options.profile = SchemaProfile::kOpenAiStrict;
  EXPECT_EQ(MakeTool(Find("Watch"), options).input_schema,
            R"({"type":"object","properties":{)" + kStrictLimit +
                R"(},"required":["stream_limit"],"additionalProperties":false})");
}

TEST_F(Streaming, TheStrictFormIsNotNestedTooDeep) {
  std::string proto = "syntax = \"proto3\"; message M0 { int32 n = 1; }";
  for (int i = 1; i <= 12; ++i) {
    proto +=
        "message M" + std::to_string(i) + " { repeated M" + std::to_string(i - 1) + " m = 1; }";
  }
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(
      proto +
      "service S { rpc Send(stream M12) returns (M0); rpc Watch(M12) returns (stream M0); }"));
  for (const descriptor::Method& method : graph->services().front().methods) {
    const std::string schema =
        MakeTool(method, {.profile = SchemaProfile::kOpenAiStrict}).input_schema;
    EXPECT_THAT(VendorLint::Strict(schema), IsEmpty()) << schema;
    EXPECT_THAT(schema, HasSubstr("JSON text of a M")) << schema;
  }
}

TEST_F(Streaming, TheLimitHasANameThatNoFieldHas) {
  const struct {
    std::string fields, key;
  } rows[] = {
      {"int32 limit = 1; int32 streamLimit = 2;", "stream_limit"},
      {"int32 stream_limit = 1;", "stream_limit_"},
      {"int32 x = 1 [json_name = \"stream_limit\"];", "stream_limit_"},
      {"int32 stream_limit = 1; int32 x = 2 [json_name = \"stream_limit_\"]; "
       "int32 y = 3 [json_name = \"stream_limit_3\"];",
       "stream_limit_2"},
      {"int32 stream_limit = 1; int32 x = 2 [json_name = \"stream_limit_\"]; "
       "int32 y = 3 [json_name = \"stream_limit_2\"];",
       "stream_limit_3"},
  };
  for (const auto& row : rows) {
    const auto graph = descriptor::BuildOrThrow(
        descriptor::CompileText("syntax = \"proto3\"; message M {" + row.fields +
                                "} service S { rpc Watch(M) returns (stream M); "
                                "rpc Talk(stream M) returns (stream M); "
                                "rpc Send(stream M) returns (M); rpc Get(M) returns (M); }"));
    const auto& methods = graph->services().front().methods;
    const descriptor::Streaming watch = descriptor::StreamingOf(methods[0]);
    EXPECT_EQ(watch.limit_key, row.key);
    EXPECT_EQ(watch.shape, descriptor::Shape::kServerStream);
    EXPECT_TRUE(Json::parse(MakeTool(methods[0]).input_schema)["properties"].contains(row.key));
    EXPECT_THAT(MakeTool(methods[0]).description, HasSubstr("; set " + row.key + " if it may"));
    EXPECT_EQ(descriptor::StreamingOf(methods[1]).limit_key, "stream_limit");
    EXPECT_EQ(descriptor::StreamingOf(methods[1]).shape, descriptor::Shape::kBidi);
    EXPECT_EQ(descriptor::StreamingOf(methods[2]).limit_key, "");
    EXPECT_EQ(descriptor::StreamingOf(methods[2]).shape, descriptor::Shape::kClientStream);
    EXPECT_EQ(descriptor::StreamingOf(methods[3]).limit_key, "");
    EXPECT_EQ(descriptor::StreamingOf(methods[3]).shape, descriptor::Shape::kUnary);
  }
}

TEST_F(Streaming, DescriptionsSayWhatAModelHasToKnow) {
  constexpr const char* kAnswer =
      "The answer is a stream, returned as a whole when it ends or reaches a limit; set "
      "stream_limit "
      "if it may not end by itself.";
  EXPECT_THAT(Make("Watch").description,
              ::testing::EndsWith(std::string("Set at most one of: a, b. ") + kAnswer));
  EXPECT_THAT(Make("Send").description,
              ::testing::EndsWith("Returns Item. Sends all messages as a stream, in their order."));
  EXPECT_THAT(Make("Talk").description,
              ::testing::EndsWith(
                  std::string("Returns Item. Sends all messages as a stream, in their order, "
                              "without waiting for answers. ") +
                  kAnswer));
  EXPECT_THAT(Make("Pages").description, Not(HasSubstr("Paginated")));
  EXPECT_THAT(Make("Execute").description, Not(HasSubstr("Long-running")));
  EXPECT_EQ(OperationRoleOf(Find("Execute")), OperationRole::kNone);
  EXPECT_EQ(OperationRoleOf(Find("GetOperation")), OperationRole::kGets);
}

TEST_F(Streaming, WhatMustBeOnTheWireIsOfTheOneMessage) {
  EXPECT_EQ(Make("Watch").required.size(), 1u);
  EXPECT_EQ(Make("Send").required.size(), 0u);
  EXPECT_EQ(Make("Talk").required.size(), 0u);
}

}  // namespace
}  // namespace bridge::schema
