// The arguments of methods that stream: what is sent, what limit is asked for, and what is refused.
#include "bridge/transcode/stream_arguments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::transcode {
namespace {

constexpr char kProto[] = R"(
  syntax = "proto3"; package t;
  import "google/protobuf/any.proto"; import "google/protobuf/duration.proto";
  import "google/protobuf/empty.proto"; import "google/protobuf/struct.proto";
  message Line { int32 quantity = 1; string sku = 2; Line more = 3; map<string, int32> labels = 4; }
  message Taken { int32 stream_limit = 1; int32 other = 2 [json_name = "stream_limit_"]; }
  service S {
    rpc Watch(Line) returns (stream Line);
    rpc Send(stream Line) returns (Line);
    rpc Talk(stream Line) returns (stream Line);
    rpc WatchTaken(Taken) returns (stream Line);
    rpc WatchTime(google.protobuf.Duration) returns (stream Line);
    rpc WatchStruct(google.protobuf.Struct) returns (stream Line);
    rpc WatchAny(google.protobuf.Any) returns (stream Line);
    rpc WatchEmpty(google.protobuf.Empty) returns (stream Line);
    rpc SendTime(stream google.protobuf.Duration) returns (Line);
    rpc SendStruct(stream google.protobuf.Struct) returns (Line);
  })";

class Streams {
 public:
  explicit Streams(CodecLimits limits = {}, ArgumentForm form = ArgumentForm::kProtoJson)
      : graph_(descriptor::BuildOrThrow(descriptor::CompileText(kProto))),
        codec_(Codec::Make(graph_, limits, form)) {}

  // The messages as JSON, a space between them, and the limit; or a line for each fault.
  std::string Read(std::string_view method_name, std::string_view json, int* repairs = nullptr,
                   uint64_t* given = nullptr) const {
    const descriptor::Method& method = Find(method_name);
    const Plan& plan = *codec_->Compile(*method.input);
    StreamArguments arguments{.wire = "of the call before", .ends = {3, 4}, .max_seconds = 7};
    CodecError error;
    const ParseOptions options = {.repairs = repairs, .given = given};
    if (!StreamArgumentsToWire({*codec_, plan, descriptor::StreamingOf(method)}, json, options,
                               &arguments, &error)) {
      EXPECT_EQ(arguments.wire, "");
      EXPECT_TRUE(arguments.ends.empty());
      return Faults(error);
    }
    std::string text;
    for (size_t i = 0; i < arguments.ends.size(); ++i) {
      std::string message;
      EXPECT_TRUE(codec_->WireToStructured(plan, arguments.message(i), &message, &error));
      text += (i == 0 ? "" : " ") + message;
    }
    EXPECT_EQ(arguments.wire.size(), arguments.ends.empty() ? 0 : arguments.ends.back());
    if (arguments.max_messages)
      text += "; " + std::to_string(*arguments.max_messages) + " messages";
    if (arguments.max_seconds) text += "; " + std::to_string(*arguments.max_seconds) + " s";
    return text;
  }

 private:
  static std::string Faults(const CodecError& error) {
    std::string text = error.path + ": " + error.message;
    for (const CodecError& more : error.more) {
      EXPECT_TRUE(more.more.empty());
      text += "\n" + more.path + ": " + more.message;
    }
    return text + (error.and_more ? "\nand more" : "");
  }
  const descriptor::Method& Find(std::string_view name) const {
    for (const descriptor::Method& method : graph_->services().front().methods) {
      if (method.name == name) return method;
    }
    throw std::runtime_error("no method " + std::string(name));
  }

  std::shared_ptr<const descriptor::Graph> graph_;
  std::shared_ptr<const Codec> codec_;
};

struct Row {
  std::string_view method, json, outcome;
  int repairs = 0;
};

template <size_t kSize>
void Check(const Row (&rows)[kSize], const Streams& streams = Streams()) {
  for (const Row& row : rows) {
    int repairs = -1;
    EXPECT_EQ(streams.Read(row.method, row.json, &repairs), row.outcome) << row.json;
    EXPECT_EQ(repairs, row.repairs) << row.json;
  }
}

#define INT32 "expected an integer from -2147483648 to 2147483647"
#define COUNT "expected an integer from 1 to 4294967295"

TEST(StreamArguments, OneMessageAndTheLimitWhereverItStands) {
  const Row rows[] = {
      {"Watch", "", "{}"},
      {"Watch", R"({"quantity":1})", R"({"quantity":1})"},
      {"Watch", R"({"stream_limit":{"messages":3,"seconds":60}})", "{}; 3 messages; 60 s"},
      {"Watch", R"({ "stream_limit" : {"seconds":60} , "quantity":1})", R"({"quantity":1}; 60 s)"},
      {"Watch", R"({"quantity":1,"stream_limit":{"messages":3},"sku":"a"})",
       R"({"quantity":1,"sku":"a"}; 3 messages)"},
      {"Watch", R"({"quantity":1 , "stream_limit":{"messages":3} })",
       R"({"quantity":1}; 3 messages)"},
      {"Watch", R"({"stream_\u006cimit":{"messages":3},"quantity":1})",
       R"({"quantity":1}; 3 messages)"},
      {"Watch", R"({"stream_limit":null,"quantity":null})", "{}"},
      {"Watch", R"({"stream_limit":{"messages":null,"seconds":null}})", "{}"},
      {"Watch", R"({"stream_limit":{}})", "{}"},
      // A number as ProtoJSON has integers.
      {"Watch", R"({"stream_limit":{"messages":"3","seconds":1e2}})", "{}; 3 messages; 100 s"},
      {"Watch", R"({"stream_limit":{"messages":4294967295,"seconds":1.0}})",
       "{}; 4294967295 messages; 1 s"},
      // Inside of the message the name means nothing.
      {"Watch", R"({"labels":{"stream_limit":5}})", R"({"labels":{"stream_limit":5}})"},
      {"WatchTaken", R"({"stream_limit":1,"stream_limit_":2,"stream_limit_2":{"seconds":3}})",
       R"({"streamLimit":1,"stream_limit_":2}; 3 s)"},
      {"WatchTime", R"({"value":"1.5s","stream_limit":{"messages":3}})",
       R"({"value":"1.500s"}; 3 messages)"},
      {"WatchStruct", R"({"a":1,"stream_limit":{"messages":3},"b":{"stream_limit":2}})",
       R"({"a":1,"b":{"stream_limit":2}}; 3 messages)"},
      {"WatchAny", R"({"stream_limit":{"messages":3},"@type":"x/t.Line","quantity":2})",
       R"({"@type":"x/t.Line","quantity":2}; 3 messages)"},
      {"WatchEmpty", R"({"stream_limit":{"seconds":9}})", "{}; 9 s"},
  };
  Check(rows);
}

TEST(StreamArguments, AListIsSentInItsOrder) {
  const Row rows[] = {
      {"Send", R"({"messages":[]})", ""},
      {"Send", R"({"messages":[{}]})", "{}"},
      {"Send", R"({"messages":[{"quantity":2},{},{"sku":"a","more":{"quantity":1}}]})",
       R"({"quantity":2} {} {"sku":"a","more":{"quantity":1}})"},
      {"SendTime", R"({"messages":[{"value":"1s"},{},{"value":null}]})",
       R"({"value":"1s"} {"value":"0s"} {"value":"0s"})"},
      {"SendStruct", R"({"messages":[{"messages":[1]},{}]})", R"({"messages":[1]} {})"},
      {"Talk", R"({"stream_limit":{"messages":1},"messages":[{"quantity":2}]})",
       R"({"quantity":2}; 1 messages)"},
      {"Talk", R"({"messages":[],"stream_limit":{"seconds":2}})", "; 2 s"},
  };
  Check(rows);
}

TEST(StreamArguments, RepairsAreMadeAndCounted) {
  const Row rows[] = {
      {"Send", R"({"messages":{"quantity":2}})", R"({"quantity":2})", 1},
      {"Send", R"({"messages":"[{\"quantity\":2},{}]"})", R"({"quantity":2} {})", 1},
      {"Send", R"({"messages":["{\"quantity\":\" 2 \"}",{"quantity":"+3"}]})",
       R"({"quantity":2} {"quantity":3})", 3},
      {"Send", R"("{\"messages\":[{}]}")", "{}", 1},
      {"Watch", R"("{\"quantity\":1,\"stream_limit\":{\"seconds\":2}}")", R"({"quantity":1}; 2 s)",
       1},
      {"Watch", R"({"quantity":" 1","stream_limit":"{\"seconds\":\" 2\"}"})",
       R"({"quantity":1}; 2 s)", 3},
  };
  Check(rows);
  for (const Row& row : rows) {
    EXPECT_TRUE(Streams().Read(row.method, row.json).starts_with("$")) << row.json;
  }
}

TEST(StreamArguments, WhatIsRefusedIsNamed) {
  const Row rows[] = {
      {"Send", "{}", R"($: required field "messages" is missing)"},
      {"Send", R"({"messages":null})", "$.messages: expected an array, found null"},
      {"Send", R"({"messages":5})", "$.messages: expected an array, found a number (5)"},
      {"Send", R"({"messages":"{}"})", R"($.messages: expected an array, found a string ("{}"))"},
      {"Send", R"({"messages":[{},null]})",
       "$.messages[1]: null is not allowed in a list; leave the element out"},
      {"Send", R"({"messages":[[]]})",
       R"($.messages[0]: expected an object with "quantity", "sku", "more" or "labels", found an array)"},
      {"Send", R"({"messages":[{},{"more":{"quantity":"x"}}]})",
       R"($.messages[1].more.quantity: )" INT32 R"(, found "x")"},
      {"Send", R"({"messages":[],"messages":[]})",
       R"($.messages: duplicate field "messages"; it may be given only once)"},
      {"Send", R"({"mesages":[]})",
       "$: unknown field \"mesages\"; did you mean \"messages\"?\n"
       R"($: required field "messages" is missing)"},
      {"Send", R"({"messages":[],"stream_limit":{}})",
       R"($: unknown field "stream_limit"; expected "messages")"},
      {"Send", R"({"messages":[],"sku":"a"})",
       R"($: unknown field "sku"; it belongs in an object in "messages")"},
      {"SendTime", R"({"messages":[{"value":"x"}],"value":"1s"})",
       "$.messages[0].value: expected a duration in seconds with the suffix s, such as \"1.5s\", "
       "found \"x\"\n"
       R"($: unknown field "value"; it belongs in an object in "messages")"},
      {"Talk", R"({"messages":[],"streamLimit":{}})",
       R"($: unknown field "streamLimit"; did you mean "stream_limit"?)"},
      {"Talk", R"({"messages":[],"x":{}})",
       R"($: unknown field "x"; expected "messages" or "stream_limit")"},
      {"Watch", R"({"streamLimit":{},"quantity":"x"})",
       R"($.quantity: )" INT32 ", found \"x\"\n"
       R"($: unknown field "streamLimit"; did you mean "stream_limit"?)"},
      {"Watch", R"({"quantitty":1})", R"($: unknown field "quantitty"; did you mean "quantity"?)"},
      {"WatchEmpty", R"({"limit":1})", R"($: unknown field "limit"; expected "stream_limit")"},
      {"WatchTime", R"({"x":1})", R"($: unknown field "x"; expected "value" or "stream_limit")"},
      {"Watch", R"({"stream_limit":{"messages":1},"stream_limit":{}})",
       R"($.stream_limit: duplicate field "stream_limit"; it may be given only once)"},
      {"Watch", R"({"stream_limit":5})",
       R"($.stream_limit: expected an object with "messages" or "seconds", found a number (5))"},
      {"Watch", R"({"stream_limit":{"message":5,"messages":0,"seconds":-1}})",
       "$.stream_limit: unknown field \"message\"; did you mean \"messages\"?\n"
       "$.stream_limit.messages: " COUNT ", found a number (0)\n"
       "$.stream_limit.seconds: " COUNT ", found a number (-1)"},
      {"Watch", R"({"stream_limit":{"messages":1,"messages":2,"seconds":0.5}})",
       "$.stream_limit.messages: duplicate field \"messages\"; it may be given only once\n"
       "$.stream_limit.seconds: " COUNT ", found a number (0.5)"},
      {"Watch", R"({"stream_limit":{"messages":4294967296,"seconds":"soon"}})",
       "$.stream_limit.messages: " COUNT ", found a number (4294967296)\n"
       "$.stream_limit.seconds: " COUNT ", found a string (\"soon\")"},
      {"Watch", R"({"stream_limit":{"messages":true,"seconds":[]}})",
       "$.stream_limit.messages: " COUNT ", found true\n"
       "$.stream_limit.seconds: " COUNT ", found an array"},
      {"Watch", "[]", "$: expected an object, found an array"},
      {"Watch", R"({"quantity":1)", "$: invalid JSON at byte 13: unexpected end of text"},
      {"Send", R"({"messages":[}]})",
       "$: invalid JSON at byte 13: unexpected character, expected a value"},
      {"Send", R"({"messages":[]} x)",
       "$: invalid JSON at byte 16: unexpected text after the value"},
  };
  Check(rows);
}

TEST(StreamArguments, FiveFaultsOfAllMessagesAreToldAtOnce) {
  const std::string bad = R"({"quantity":"x"})";
  const auto fault = [](const std::string& path) {
    return "$." + path + ": " INT32 ", found \"x\"";
  };
  std::string messages = bad, faults = fault("messages[0].quantity");
  for (int i = 1; i < 5; ++i) {
    messages += "," + bad;
    faults += "\n" + fault("messages[" + std::to_string(i) + "].quantity");
  }
  EXPECT_EQ(Streams().Read("Send", R"({"messages":[)" + messages + "]}"), faults);
  EXPECT_EQ(Streams().Read("Send", R"({"messages":[)" + messages + ",{}," + bad + "]}"),
            faults + "\nand more");
  // What one message has counts too, and what is beside them.
  EXPECT_EQ(
      Streams().Read("Send", R"({"messages":[{},{"quantity":"x","more":{"quantity":"x"}}],"y":1})"),
      fault("messages[1].quantity") + "\n" + fault("messages[1].more.quantity") +
          "\n$: unknown field \"y\"; expected \"messages\"");
  std::string six;
  for (int i = 0; i < 6; ++i) six += (i == 0 ? "\"l" : ",\"l") + std::to_string(i) + "\":\"x\"";
  const std::string outcome =
      Streams().Read("Send", R"({"messages":[{"labels":{)" + six + "}}," + bad + "]}");
  EXPECT_TRUE(outcome.starts_with("$.messages[0].labels.l0: ")) << outcome;
  EXPECT_TRUE(outcome.ends_with("\nand more")) << outcome;
  EXPECT_EQ(outcome.find("messages[1]"), std::string::npos) << outcome;
}

TEST(StreamArguments, AreLimitedInMessagesAndInBytes) {
  const Streams streams({.max_wire_bytes = 20, .max_messages = 3});
  EXPECT_EQ(streams.Read("Send", R"({"messages":[{},{},{}]})"), "{} {} {}");
  EXPECT_EQ(streams.Read("Send", R"({"messages":[{},{},{},{}]})"),
            "$.messages: more than the limit of 3 messages; send fewer in one call");
  EXPECT_EQ(streams.Read("Send", R"({"messages":[{"sku":"12345678"},{"sku":"12345678"}]})"),
            R"({"sku":"12345678"} {"sku":"12345678"})");
  EXPECT_EQ(streams.Read("Send", R"({"messages":[{"sku":"12345678"},{"sku":"123456789"},{}]})"),
            "$.messages: the encoded messages are larger than the limit of 20 bytes");
  EXPECT_EQ(streams.Read("Send", R"({"messages":[{},{"sku":"1234567890123456789"}]})"),
            "$.messages[1]: the encoded message is larger than the limit of 20 bytes");
}

TEST(StreamArguments, UnknownNamesAreLookedForOnlyAFewTimes) {
  std::string json = "{";
  for (int i = 0; i < 100'000; ++i) {
    json += (i == 0 ? "\"streamLimit" : ",\"streamLimit") + std::to_string(i) + "\":1";
  }
  const std::string outcome = Streams().Read("Watch", json + "}");
  EXPECT_TRUE(outcome.ends_with("\nand more")) << outcome;
  EXPECT_EQ(std::count(outcome.begin(), outcome.end(), '\n'), 5) << outcome;
}

TEST(StreamArguments, TheFieldsThatAreGivenAreTold) {
  uint64_t given = ~uint64_t{0};
  EXPECT_EQ(Streams().Read("Watch", R"({"sku":"a","stream_limit":{}})", nullptr, &given),
            R"({"sku":"a"})");
  EXPECT_EQ(given, 2u);
  Streams().Read("Send", R"({"messages":[{"sku":"a"}]})", nullptr, &given);
  EXPECT_EQ(given, 0u);
}

TEST(StreamArguments, TheStrictFormIsReadBack) {
  const Row rows[] = {
      {"Watch",
       R"({"quantity":null,"sku":"a","more":null,"labels":[{"key":"k","value":1}],"stream_limit":null})",
       R"({"sku":"a","labels":{"k":1}})"},
      {"Watch",
       R"({"quantity":1,"sku":null,"more":null,"labels":null,"stream_limit":{"messages":null,"seconds":5}})",
       R"({"quantity":1}; 5 s)"},
      {"WatchStruct", R"({"value":"{\"a\":1}","stream_limit":{"messages":2,"seconds":null}})",
       R"({"a":1}; 2 messages)"},
      {"WatchTime", R"({"value":null,"stream_limit":null})", R"({"value":"0s"})"},
      {"Talk",
       R"({"messages":[{"quantity":1,"sku":null,"more":"{\"sku\":\"b\"}","labels":[{"key":"k","value":1}]}],"stream_limit":null})",
       R"({"quantity":1,"more":{"sku":"b"},"labels":{"k":1}})"},
      {"SendStruct", R"({"messages":[{"value":"{\"a\":1}"},{"value":null}]})", R"({"a":1} {})"},
      {"Send", R"({"messages":[{"labels":[{"key":"k"}]}]})",
       "$.messages[0].labels[0]: expected an entry with both \"key\" and \"value\""},
  };
  Check(rows, Streams({}, ArgumentForm::kStrict));
}

}  // namespace
}  // namespace bridge::transcode
