#include "bridge/transcode/strict_arguments.h"

#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "bridge/base/json_cursor.h"
#include "bridge/transcode/codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::transcode {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kProto = R"(
  syntax = "proto3";
  import "google/protobuf/any.proto"; import "google/protobuf/duration.proto";
  import "google/protobuf/empty.proto"; import "google/protobuf/struct.proto";
  import "google/protobuf/wrappers.proto";
  message M {
    string text = 1; optional int32 maybe = 2; repeated string list = 3; M sub = 4;
    repeated M subs = 5; map<string, string> labels = 6; map<int64, M> by_id = 7;
    map<bool, int32> flags = 8; map<string, google.protobuf.Value> values = 9;
    google.protobuf.Struct object = 10; google.protobuf.Value any_value = 11;
    google.protobuf.ListValue values_list = 12; google.protobuf.Any any = 13;
    google.protobuf.Duration time = 14; google.protobuf.NullValue null = 15;
    repeated google.protobuf.Value many = 16; google.protobuf.Empty empty = 17;
    google.protobuf.Int64Value wrapped = 18;
    oneof o { string a = 19; google.protobuf.Value b = 20; google.protobuf.NullValue c = 21; }
  })";

class StrictArguments : public testing::Test {
 protected:
  StrictArguments()
      : graph_(descriptor::BuildOrThrow(descriptor::CompileText(kProto))),
        strict_(Codec::Make(graph_, {}, ArgumentForm::kStrict)),
        plain_(Codec::Make(graph_)) {}

  static std::string Convert(const Codec& codec, const descriptor::Message& message,
                             std::string_view json) {
    const Plan& plan = *codec.Compile(message);
    std::string wire, back;
    CodecError error;
    if (!codec.ArgumentsToWire(plan, json, &wire, &error)) {
      return error.path + ": " + error.message;
    }
    if (!codec.WireToStructured(plan, wire, &back, &error)) return "no JSON: " + error.message;
    return back;
  }
  std::string Strict(std::string_view json, const std::string& type = "M") const {
    return Convert(*strict_, *graph_->FindMessage(type), json);
  }
  std::string Plain(std::string_view json, const std::string& type = "M") const {
    return Convert(*plain_, *graph_->FindMessage(type), json);
  }

  std::shared_ptr<const descriptor::Graph> graph_;
  std::shared_ptr<const Codec> strict_;
  std::shared_ptr<const Codec> plain_;
};

TEST_F(StrictArguments, BecomeProtoJson) {
  const struct {
    std::string_view strict, proto_json;
  } rows[] = {
      {R"({"text":null,"maybe":null,"list":null,"sub":null,"labels":null})", "{}"},
      {R"({"text":"x","maybe":0,"list":[],"labels":[]})", R"({"text":"x","maybe":0})"},
      {R"({"labels":[{"key":"a","value":"b"},{"value":"d","key":"c"}]})",
       R"({"labels":{"a":"b","c":"d"}})"},
      {R"({"labels":[{"key":"\"\u00e4","value":"\n"}]})", R"({"labels":{"\"ä":"\n"}})"},
      {R"({"byId":[{"key":"7","value":{"text":"x","labels":[{"key":"k","value":"v"}]}}]})",
       R"({"byId":{"7":{"text":"x","labels":{"k":"v"}}}})"},
      {R"({"by_id":[{"key":7,"value":"{\"text\":\"x\",\"labels\":[]}"}]})",
       R"({"byId":{"7":{"text":"x"}}})"},
      {R"({"flags":[{"key":"true","value":1},{"key":false,"value":2}]})",
       R"({"flags":{"true":1,"false":2}})"},
      {R"({"values":[{"key":"a","value":"[1,null]"},{"key":"b","value":"null"}]})",
       R"({"values":{"a":[1,null],"b":null}})"},
      {R"({"object":"{\"a\":{\"b\":[]}}"})", R"({"object":{"a":{"b":[]}}})"},
      {R"({"object":"{}","valuesList":"[\"x\"]"})", R"({"object":{},"valuesList":["x"]})"},
      {R"({"anyValue":"\"text\""})", R"({"anyValue":"text"})"},
      {R"({"anyValue":" 42 "})", R"({"anyValue":42})"},
      {R"({"anyValue":"null"})", R"({"anyValue":null})"},
      {R"({"anyValue":null,"null":null})", "{}"},
      {R"({"many":["1","null","\"x\"","{\"a\":1}"]})", R"({"many":[1,null,"x",{"a":1}]})"},
      {R"({"any":"{\"@type\":\"type.googleapis.com/google.protobuf.Duration\",\"value\":\"1s\"}"})",
       R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}})"},
      {R"({"time":"1.500s","wrapped":"5","empty":{}})",
       R"({"time":"1.500s","wrapped":"5","empty":{}})"},
      {R"({"sub":"{\"sub\":\"{\\\"text\\\":\\\"x\\\"}\",\"labels\":[{\"key\":\"a\",\"value\":\"b\"}]}"})",
       R"({"sub":{"sub":{"text":"x"},"labels":{"a":"b"}}})"},
      {R"({"sub":{"sub":{"anyValue":"[]"}},"subs":[{"text":null},"{\"text\":\"x\"}"]})",
       R"({"sub":{"sub":{"anyValue":[]}},"subs":[{},{"text":"x"}]})"},
      {R"({"a":null,"b":null,"c":null})", "{}"},
      {R"({"a":"x","b":null,"c":null})", R"({"a":"x"})"},
      {R"({"a":null,"b":"null","c":null})", R"({"b":null})"},
      {R"({"a":null,"b":null,"c":"NULL_VALUE"})", R"({"c":null})"},
      {"", "{}"},
      // ProtoJSON where it is unambiguous.
      {R"({"labels":{"a":"b"},"object":{"a":1},"anyValue":[1],"byId":{"7":"{\"text\":\"x\"}"}})",
       R"({"labels":{"a":"b"},"object":{"a":1},"anyValue":[1],"byId":{"7":{"text":"x"}}})"},
  };
  for (const auto& row : rows) {
    const std::string found = Strict(row.strict);
    EXPECT_EQ(found, Plain(row.proto_json)) << row.strict;
    EXPECT_THAT(found, StartsWith("{")) << row.strict;
  }
}

TEST_F(StrictArguments, RootsThatAreNoOrdinaryMessages) {
  const struct {
    std::string type, strict, proto_json;
  } rows[] = {
      {"Struct", R"({"value":"{\"a\":1}"})", R"({"a":1})"},
      {"Struct", R"({"value":{"a":1}})", R"({"a":1})"},
      {"Struct", R"({"value":null})", "{}"},
      {"Struct", "{}", "{}"},
      {"Any", R"({"value":"{\"@type\":\"x/google.protobuf.Empty\"}"})",
       R"({"@type":"x/google.protobuf.Empty"})"},
      {"Any", R"({"value":null})", "{}"},
      {"Value", R"({"value":"\"x\""})", R"({"value":"x"})"},
      {"Value", R"({"value":"null"})", R"({"value":null})"},
      {"ListValue", R"({"value":"[1]"})", R"({"value":[1]})"},
      {"Duration", R"({"value":"1s"})", R"({"value":"1s"})"},
      {"Int64Value", R"({"value":null})", "{}"},
      {"Empty", "{}", "{}"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Strict(row.strict, "google.protobuf." + row.type),
              Plain(row.proto_json, "google.protobuf." + row.type))
        << row.type << row.strict;
  }
}

TEST_F(StrictArguments, WhatDoesNotFitIsSaid) {
  const struct {
    std::string strict, error;
  } rows[] = {
      {R"({"labels":[{"key":"a","value":"1"},{"key":"a","value":"2"}]})", "duplicate map key"},
      {R"({"byId":[{"key":"7","value":{}},{"key":7,"value":{}}]})", "duplicate map key"},
      {R"({"labels":[{"key":"a"}]})", "$.labels[0]: expected an entry with both"},
      {R"({"labels":[{"value":"a"}]})", "$.labels[0]: expected an entry with both"},
      {R"({"labels":[{"key":"a","key":"b","value":"c"}]})",
       "$.labels[0]: duplicate member \"key\""},
      {R"({"labels":[{"key":"a","value":"b","value":"c"}]})",
       "$.labels[0]: duplicate member \"value\""},
      {R"({"labels":[{"key":"a","value":"b","more":1}]})", "$.labels[0]: an entry has no other"},
      {R"({"labels":[{"key":null,"value":"b"}]})", "$.labels[0].key: expected a string"},
      {R"({"labels":["a"]})", "$.labels[0]: expected an entry"},
      {R"({"labels":[{"key":"a","value":null}]})", "null is not allowed as a map value"},
      {R"({"labels":7})", "expected an object"},
      {R"({"object":"[1]"})", "expected an object"},
      {R"({"object":"{\"a\":}"})", "$.object: invalid JSON in the string, at byte 5"},
      {R"({"anyValue":"text"})",
       "$.anyValue: invalid JSON in the string, at byte 0: expected true or false; "
       R"(in JSON text a string has quotes of its own, such as "\"black\"")"},
      {R"({"anyValue":"1 2"})", "$.anyValue: invalid JSON in the string, at byte 2"},
      {R"({"anyValue":""})", "$.anyValue: invalid JSON in the string, at byte 0"},
      {R"({"sub":"{\"text\":1}"})", "$.sub.text: expected a string"},
      {R"({"text":null,"text":"x"})", "$.text: duplicate field \"text\""},
      {R"({"anyValue":null,"any_value":"1"})", "$.anyValue: duplicate field \"anyValue\""},
      {R"({"texd":"x"})", "did you mean \"text\""},
      {R"({"a":"x","b":"1"})", "can not both be set"},
      {R"({"text":"x"} x)", "invalid JSON at byte 13"},
      {R"({"subs":[null]})", "null is not allowed in a list"},
      {"[]", "expected an object"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(Strict(row.strict), HasSubstr(row.error)) << row.strict;
  }
  EXPECT_THAT(Strict(R"({"values":[]})", "google.protobuf.Struct"),
              HasSubstr("the only field is \"value\""));
  EXPECT_THAT(Strict(R"({"value":"{}","value":"{}"})", "google.protobuf.Struct"),
              HasSubstr("duplicate field \"value\""));
}

TEST_F(StrictArguments, DepthIsLimitedThroughStringsToo) {
  std::string nested = "{}";
  for (int i = 0; i < 300; ++i) nested = R"({"sub":)" + nested + "}";
  EXPECT_THAT(Strict(nested), HasSubstr("too deep"));
  std::string in_text = R"({"sub":")";
  for (int i = 0; i < 300; ++i) in_text += R"({\"sub\":)";
  in_text += "{}" + std::string(300, '}') + "\"}";
  EXPECT_THAT(Strict(in_text), HasSubstr("too deep"));
}

// Whatever comes, it ends, and what it hands on is JSON.
TEST_F(StrictArguments, DamagedTextEndsInAnErrorOrInJson) {
  const Plan& plan = *strict_->Compile(*graph_->FindMessage("M"));
  const std::string_view text =
      R"({"labels":[{"key":"a","value":"b"}],"byId":[{"key":7,"value":"{\"text\":\"x\"}"}],)"
      R"("anyValue":"[1,null]","sub":{"object":"{}","b":null},"many":["1"],"list":["x"],"maybe":1})";
  constexpr std::string_view kBytes = "{}[]\",:\\nul1e. k";
  std::mt19937 random(20261121);
  int fine = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string damaged(text);
    for (auto i = 1 + random() % 3; i > 0; --i) {
      damaged[random() % damaged.size()] = kBytes[random() % kBytes.size()];
    }
    std::string proto_json;
    CodecError error;
    if (StrictToProtoJson(plan, damaged, 100, &proto_json, &error)) {
      ++fine;
      EXPECT_TRUE(IsValidJson(proto_json)) << damaged << " " << proto_json;
      EXPECT_LE(proto_json.size(), damaged.size());
    } else {
      EXPECT_FALSE(error.message.empty()) << damaged;
    }
  }
  EXPECT_GT(fine, 100);
}

TEST_F(StrictArguments, OtherCodecsKnowNothingOfIt) {
  EXPECT_THAT(Plain(R"({"labels":[{"key":"a","value":"b"}]})"), HasSubstr("expected an object"));
  EXPECT_EQ(Plain(R"({"anyValue":"1"})"), R"({"anyValue":"1"})");
}

}  // namespace
}  // namespace bridge::transcode
