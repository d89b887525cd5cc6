// What each profile says of the same field.
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

std::shared_ptr<const descriptor::Graph> GraphOf(const std::string& body,
                                                 const std::string& syntax = "proto3") {
  return descriptor::BuildOrThrow(descriptor::CompileText(
      "syntax = \"" + syntax + "\"; import \"test_options.proto\";" +
      "import \"google/protobuf/struct.proto\"; import \"google/protobuf/any.proto\";" +
      "import \"google/protobuf/timestamp.proto\";" + body));
}

Json Input(const std::string& body, SchemaProfile profile, const std::string& syntax = "proto3") {
  const auto graph = GraphOf(body, syntax);
  SchemaOptions options;
  options.profile = profile;
  const std::string text = InputSchema(*graph->FindMessage("M"), options);
  if (profile == SchemaProfile::kOpenAiStrict) {
    EXPECT_THAT(VendorLint::Strict(text), IsEmpty()) << text;
  }
  return Json::parse(text);
}

Json FieldOf(const std::string& field, SchemaProfile profile,
             const std::string& syntax = "proto3") {
  return Input(
             "enum E { E_UNSPECIFIED = 0; ONE = 1; } message Sub { optional string x = 1; } "
             "message M { " +
                 field + " }",
             profile, syntax)["properties"]
      .front();
}

TEST(Profiles, EachSaysWhatItCan) {
  struct Row {
    std::string field, standard, strict;
    std::string syntax = "proto3";
  };
  for (
      const Row& row : {
          Row{"string s = 1;", R"({"type":"string"})", R"({"type":["string","null"]})"},
          Row{"string s = 1 [(test.rules).required = true];", R"({"type":"string","minLength":1})",
              R"({"type":"string","description":"At least 1 characters."})"},
          Row{"string s = 1 [(test.rules).string = { min_len: 2 max_len: 5 }];",
              R"({"type":"string","maxLength":5,"minLength":2})",
              R"({"type":"string","description":"At least 2, at most 5 characters."})"},
          Row{"string s = 1 [(test.rules).string = { min_len: 5 max_len: 5 }];",
              R"({"type":"string","maxLength":5,"minLength":5})",
              R"({"type":"string","description":"Exactly 5 characters."})"},
          Row{"string s = 1 [(test.rules).string = { in: [\"a\", \"b\"] }];",
              R"({"type":"string","enum":["a","b"]})", R"({"type":"string","enum":["a","b"]})"},
          Row{"optional string s = 1 [(test.rules).string = { const: \"a\" }];",
              R"({"type":"string","const":"a"})",
              R"({"anyOf":[{"type":"string","enum":["a"]},{"type":"null"}]})"},
          Row{"string s = 1 [(test.rules).string = { not_in: [\"a\"] }];",
              R"({"type":"string","not":{"enum":["a"]}})",
              R"({"type":["string","null"],"description":"Not: a."})"},
          Row{"bytes b = 1;",
              R"({"type":"string","contentEncoding":"base64","description":"Base64, e.g. aGVsbG8= for hello."})",
              R"({"type":["string","null"],"description":"Base64, e.g. aGVsbG8= for hello."})"},
          Row{"double d = 1 [(test.rules).double = { gt: 0 lt: 1 }];",
              R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})",
              R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})"},
          Row{"optional int32 i = 1 [(test.rules).int32 = { const: 7 }];",
              R"({"type":"integer","const":7})",
              R"({"type":["integer","null"],"minimum":7,"maximum":7})"},
          Row{"int32 i = 1 [(test.rules).int32 = { in: [0, 2] not_in: [3] }];",
              R"({"type":"integer","enum":[0,2],"not":{"enum":[3]}})",
              R"({"type":["integer","null"],"description":"One of: 0, 2. Not: 3."})"},
          Row{"optional int32 i = 1 [(test.rules).int32 = { lt: 0 gt: 10 }];",
              R"({"type":"integer","anyOf":[{"maximum":-1},{"minimum":11}]})",
              R"({"type":["integer","null"],"description":"Must be at most -1 or at least 11."})"},
          Row{"uint32 i = 1;", R"({"type":"integer","minimum":0})",
              R"({"type":["integer","null"],"minimum":0})"},
          Row{"E e = 1;", R"({"type":"string","enum":["ONE"]})",
              R"({"anyOf":[{"type":"string","enum":["ONE"]},{"type":"null"}]})"},
          Row{"google.protobuf.NullValue n = 1;", R"({"type":"null"})",
              R"({"anyOf":[{"type":"string","enum":["NULL_VALUE"]},{"type":"null"}]})"},
          Row{"google.protobuf.Value v = 1;", R"({"description":"Any JSON value."})",
              R"({"type":["string","null"],"description":"JSON text of any value, e.g. [1,\"a\"]."})"},
          Row{"google.protobuf.ListValue v = 1;", R"({"type":"array","items":{}})",
              R"({"type":["string","null"],"description":"JSON text of an array."})"},
          Row{"google.protobuf.Struct s = 1;",
              R"({"type":"object","additionalProperties":true,"description":"Any JSON object."})",
              R"({"type":["string","null"],"description":"JSON text of any object."})"},
          Row{"repeated string l = 1 [(test.rules).repeated = { unique: true max_items: 3 }];",
              R"({"type":"array","items":{"type":"string"},"maxItems":3,"uniqueItems":true})",
              R"({"anyOf":[{"type":"array","items":{"type":"string"},"maxItems":3,)"
              R"("description":"No duplicates."},{"type":"null"}]})"},
          Row{"map<int32, bool> m = 1 [(test.rules).map = { max_pairs: 9 }];",
              R"({"type":"object","additionalProperties":{"type":"boolean"},)"
              R"("propertyNames":{"pattern":"^-?(0|[1-9][0-9]*)$"},"maxProperties":9})",
              R"({"anyOf":[{"type":"array","items":{"type":"object","properties":{)"
              R"("key":{"type":"string","pattern":"^-?(0|[1-9][0-9]*)$",)"
              R"("description":"A decimal integer."},"value":{"type":"boolean"}},)"
              R"("required":["key","value"],"additionalProperties":false},"maxItems":9,)"
              R"("description":"Each key once."},{"type":"null"}]})"},
          Row{"Sub sub = 1;",
              R"({"type":"object","properties":{"x":{"type":"string"}},)"
              R"("additionalProperties":false})",
              R"({"anyOf":[{"type":"object","properties":{"x":{"type":["string","null"]}},)"
              R"("required":["x"],"additionalProperties":false},{"type":"null"}]})"},
          Row{"string old = 1 [deprecated = true];", R"({"type":"string","deprecated":true})",
              R"({"type":["string","null"],"description":"Deprecated."})"},
          Row{"optional int32 i = 1 [default = 5];", R"({"type":"integer","default":5})",
              R"({"type":["integer","null"],"description":"Default: `5`."})", "proto2"},
          Row{"optional int64 i = 1 [default = 5];",
              R"({"type":"string","pattern":"^-?[0-9]+$",)"
              R"("description":"64-bit integer as a string.","default":"5"})",
              R"({"type":["string","null"],"pattern":"^-?[0-9]+$",)"
              R"("description":"Default: `\"5\"`. 64-bit integer as a string."})",
              "proto2"},
          Row{"optional double d = 1 [default = inf];",
              R"({"type":"number","description":"Default: `\"Infinity\"`."})",
              R"({"type":["number","null"],"description":"Default: `\"Infinity\"`."})", "proto2"},
          Row{R"(optional bytes b = 1 [default = "\001\377"];)",
              R"({"type":"string","contentEncoding":"base64","description":"Base64, e.g. aGVsbG8= for hello.",)"
              R"("default":"Af8="})",
              R"({"type":["string","null"],"description":"Default: `\"Af8=\"`. Base64, e.g. aGVsbG8= for hello."})",
              "proto2"},
          Row{"required string s = 1;", R"({"type":"string"})", R"({"type":"string"})", "proto2"},
      }) {
    EXPECT_EQ(FieldOf(row.field, SchemaProfile::kStandard, row.syntax).dump(), row.standard)
        << row.field;
    EXPECT_EQ(FieldOf(row.field, SchemaProfile::kOpenAiStrict, row.syntax).dump(), row.strict)
        << row.field;
  }
}

TEST(Profiles, WhatCanNotBeAKeywordIsSaidOrLeftOut) {
  struct Row {
    std::string field, standard;
  };
  for (
      const Row& row : {
          // An enum of JSON Schema has each value once.
          Row{R"(string s = 1 [(test.rules).string = { in: ["a", "b", "a"] }];)",
              R"({"type":"string","enum":["a","b"]})"},
          // What nobody sees must not be in a keyword, where it has to be exact.
          Row{R"(string s = 1 [(test.rules).string = { in: ["a", "b\u200b"] }];)",
              R"({"type":"string","description":"One of: a, b."})"},
          Row{R"(string s = 1 [(test.rules).string = { not_in: ["a\u200b"] }];)",
              R"({"type":"string","description":"Not: a."})"},
          // Counts beyond 2^53 are not exact for every client, and no text is as long.
          Row{"string s = 1 [(test.rules).string = { max_len: 9007199254740992 }];",
              R"({"type":"string","maxLength":9007199254740992})"},
          Row{"string s = 1 [(test.rules).string = { max_len: 9007199254740993 }];",
              R"({"type":"string"})"},
          Row{"repeated bool l = 1 [(test.rules).repeated = { max_items: 9007199254740993 }];",
              R"({"type":"array","items":{"type":"boolean"}})"},
          Row{"bytes b = 1 [(test.rules).bytes = { max_len: 18446744073709551615 }];",
              R"({"type":"string","contentEncoding":"base64","description":"Base64, e.g. aGVsbG8= for hello."})"},
      }) {
    EXPECT_EQ(FieldOf(row.field, SchemaProfile::kStandard).dump(), row.standard) << row.field;
  }
}

TEST(Profiles, StandardSaysChoicesInKeywordsBelowTheRoot) {
  const auto graph = GraphOf(R"(
    message One { oneof o { string a = 1; string b = 2; } }
    message Must { oneof o { option (test.oneof_required) = true; string a = 1; string b = 2; }
                   string c = 3; }
    message Mixed { string c = 3; oneof o { string a = 1; string b = 2; } }
    message Two { oneof o { string a = 1; string b = 2; } oneof p { string c = 3; string d = 4; } }
    message M { One one = 1; Mixed mixed = 2; Two two = 3; Must must = 6;
                oneof r { string x = 4; string y = 5; } })");
  SchemaOptions options;
  options.profile = SchemaProfile::kStandard;
  const Json schema = Json::parse(InputSchema(*graph->FindMessage("M"), options));
  EXPECT_FALSE(schema.contains("oneOf"));
  const Json& properties = schema["properties"];
  EXPECT_EQ(properties["one"]["maxProperties"], 1);
  EXPECT_EQ(properties["mixed"]["oneOf"].dump(),
            R"([{"required":["a"]},{"required":["b"]},)"
            R"({"not":{"anyOf":[{"required":["a"]},{"required":["b"]}]}}])");
  EXPECT_EQ(properties["must"]["oneOf"].dump(), R"([{"required":["a"]},{"required":["b"]}])");
  EXPECT_EQ(properties["two"]["allOf"].size(), 2u);
  EXPECT_THAT(properties["one"]["description"], HasSubstr("at most one of: a, b"));
}

TEST(Profiles, StandardRefersBackWhereATypeRecurs) {
  const std::string body = R"(
    message Node { string name = 1; repeated Node children = 2; }
    message M { M parent = 1; Node tree = 2; Node other = 3; })";
  const auto graph = GraphOf(body);
  SchemaOptions options;
  options.profile = SchemaProfile::kStandard;
  for (const std::string& text : {InputSchema(*graph->FindMessage("M"), options),
                                  OutputSchema(*graph->FindMessage("M"), options)}) {
    const Json schema = Json::parse(text);
    EXPECT_EQ(schema["properties"]["parent"]["$ref"], "#/$defs/M");
    EXPECT_EQ(schema["properties"]["tree"]["$ref"], "#/$defs/Node");
    EXPECT_EQ(schema["$defs"]["Node"]["properties"]["children"]["items"]["$ref"], "#/$defs/Node");
    EXPECT_EQ(schema["$defs"].size(), 2u);
  }
}

TEST(Profiles, AFieldCommentStandsBesideItsReference) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(
      "syntax = \"proto3\"; message M {\n// The one above.\nM parent = 1 [deprecated = true]; }"));
  SchemaOptions options;
  options.profile = SchemaProfile::kStandard;
  EXPECT_EQ(Json::parse(InputSchema(*graph->FindMessage("M"), options))["properties"]["parent"],
            Json({{"$ref", "#/$defs/M"}, {"description", "The one above."}, {"deprecated", true}}));
}

TEST(Profiles, StrictCutsWhatRecursToJsonText) {
  const Json schema = Input("message M { M next = 1; }", SchemaProfile::kOpenAiStrict);
  EXPECT_EQ(schema["properties"]["next"]["anyOf"][0]["properties"]["next"].dump(),
            R"({"type":["string","null"],"description":"JSON text of a M, same shape as above."})");
}

TEST(Profiles, StrictKeepsToItsLimits) {
  // 30 levels of lists of messages; 40 enums of 40 values.
  std::string body;
  for (int i = 0; i < 30; ++i) {
    body += "message L" + std::to_string(i) + " { repeated L" + std::to_string(i + 1) +
            " next = 1; map<string, L" + std::to_string(i + 1) + "> more = 2; }";
  }
  body += "message L30 { string end = 1; } enum E { E_UNSPECIFIED = 0;";
  for (int i = 1; i <= 40; ++i) body += "V" + std::to_string(i) + " = " + std::to_string(i) + ";";
  body += "} message M { L0 deep = 100;";
  for (int i = 1; i <= 40; ++i) body += "E e" + std::to_string(i) + " = " + std::to_string(i) + ";";
  const Json schema = Input(body + "}", SchemaProfile::kOpenAiStrict);
  EXPECT_THAT(schema.dump(), HasSubstr("JSON text of a L"));
  EXPECT_THAT(schema["properties"]["e40"]["description"], HasSubstr("One of the 40 values of E"));
  EXPECT_TRUE(schema["properties"]["e1"].contains("anyOf"));
}

TEST(Profiles, StrictRootsAreObjects) {
  const auto graph = GraphOf(
      "message M { google.protobuf.Struct s = 1; google.protobuf.Any a = 2; "
      "google.protobuf.Timestamp t = 3; }");
  SchemaOptions options;
  options.profile = SchemaProfile::kOpenAiStrict;
  for (const auto& [name, type] : {std::pair{"Struct", "JSON text of any object."},
                                   {"Any", "JSON text of an object. ProtoJSON Any"},
                                   {"Timestamp", "RFC 3339"},
                                   {"Value", "JSON text of any value"}}) {
    const std::string text =
        InputSchema(*graph->FindMessage("google.protobuf." + std::string(name)), options);
    EXPECT_THAT(VendorLint::Strict(text), IsEmpty()) << text;
    EXPECT_THAT(Json::parse(text)["properties"]["value"]["description"], HasSubstr(type));
  }
}

TEST(Profiles, ResultsAreProtoJsonInStrictToo) {
  const auto graph = GraphOf("message M { map<string, M> m = 1; google.protobuf.Struct s = 2; }");
  SchemaOptions strict;
  strict.profile = SchemaProfile::kOpenAiStrict;
  EXPECT_EQ(OutputSchema(*graph->FindMessage("M"), strict), OutputSchema(*graph->FindMessage("M")));
}

// A required field that leads back could never end for those who unroll references.
TEST(Profiles, RequiredCyclesAreCut) {
  const std::string body = R"(
    message M { Node node = 1 [(test.field_behavior) = REQUIRED]; Node other = 2; string pad = 3; }
    message Node { Node next = 1 [(test.field_behavior) = REQUIRED]; string pad = 2; })";
  const auto graph = GraphOf(body);
  SchemaOptions options;
  options.max_inline_bytes = 0;
  const std::string portable = InputSchema(*graph->FindMessage("M"), options);
  EXPECT_THAT(VendorLint::Input(portable), IsEmpty()) << portable;
  EXPECT_THAT(portable, HasSubstr("$ref"));
  EXPECT_THAT(portable, HasSubstr("same shape as above"));
  options.profile = SchemaProfile::kOpenAiStrict;
  EXPECT_THAT(VendorLint::Strict(InputSchema(*graph->FindMessage("M"), options)), IsEmpty());
}

TEST(Profiles, HowMuchOfCommentsIsSaid) {
  const std::string rest(150, 'X');
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(
      "syntax = \"proto3\"; message M {\n// First. Second, about other_field.\nstring a = 1;\n"
      "string other_field = 2;\n// Third. " +
      rest + "\nstring b = 3; }"));
  const descriptor::Message& message = *graph->FindMessage("M");
  SchemaOptions options;
  const std::string all_of_a = R"("First. Second, about otherField.")";
  const std::string with_short = InputSchema(message, options);
  EXPECT_THAT(with_short, HasSubstr(all_of_a));
  EXPECT_THAT(with_short, HasSubstr(R"("Third.")")) << "of what is longer";
  SchemaOptions whole = options;
  UseWholeComments(&whole);
  const std::string with_all = InputSchema(message, whole);
  EXPECT_THAT(with_all, HasSubstr(all_of_a));
  EXPECT_THAT(with_all, HasSubstr("\"Third. " + rest + "\""));
  options.max_inline_bytes = options.max_bytes = with_short.size() - 1;
  whole.max_inline_bytes = whole.max_bytes = with_all.size() - 1;
  for (const SchemaOptions& tight : {options, whole}) {
    const std::string small = InputSchema(message, tight);
    EXPECT_THAT(small, HasSubstr(R"("First.")")) << "first sentences before none";
    EXPECT_THAT(small, Not(HasSubstr("Second")));
  }
}

}  // namespace
}  // namespace bridge::schema
