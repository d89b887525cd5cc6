// The checker checks: each of its rules refuses a schema that breaks this rule only.
#include "tests/schema/vendor_lint.h"

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bridge::schema {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Row {
  std::string schema;  // or of the property "a"
  std::string_view complaint;
};

// An object with one optional property, and with a definition.
std::string Optional(const std::string& node) {
  return R"({"type":"object","properties":{"a":)" + node +
         R"(},"required":[],"additionalProperties":false})";
}
std::string WithDefinition(const std::string& node, const std::string& definition) {
  return R"({"type":"object","properties":{"a":)" + node +
         R"(},"required":["a"],"additionalProperties":false,"$defs":{"D":)" + definition + "}}";
}
std::string Closed(const std::string& node) {
  return R"({"type":"object","properties":{"a":)" + node +
         R"(},"required":["a"],"additionalProperties":false})";
}

std::string ManyValues(size_t count, const std::string& prefix) {
  std::string values;
  for (size_t i = 0; i < count; ++i) {
    values += (i == 0 ? "\"" : ",\"") + prefix + std::to_string(i) + '"';
  }
  return values;
}

TEST(VendorLint, GoodSchemasPass) {
  for (const std::string& schema :
       {Optional(R"({"type":"string","enum":["a"],"description":"A."})"),
        Optional(R"({"anyOf":[{"type":"string"},{"type":"array","items":{"type":"null"}}]})"),
        Optional(R"({"type":"object","additionalProperties":{"type":"integer","minimum":0}})"),
        WithDefinition(R"({"$ref":"#/$defs/D"})",
                       R"({"type":"object","properties":{"d":{"$ref":"#/$defs/D"}}})")}) {
    EXPECT_THAT(VendorLint::Input(schema), IsEmpty()) << schema;
  }
  for (const std::string& schema :
       {Closed(R"({"type":["string","null"],"pattern":"^a$"})"),
        Closed(R"({"anyOf":[{"type":"string","enum":["a"]},{"type":"null"}]})"),
        WithDefinition(R"({"$ref":"#/$defs/D"})",
                       Closed(R"({"anyOf":[{"$ref":"#/$defs/D"},{"type":"null"}]})"))}) {
    EXPECT_THAT(VendorLint::Strict(schema), IsEmpty()) << schema;
  }
  EXPECT_THAT(VendorLint::Output(R"({"type":"object","properties":{"a":{}}})"), IsEmpty());
}

TEST(VendorLint, WhatNoVendorTakesInArguments) {
  const Row rows[] = {
      {"{", "not JSON"},
      {R"({"type": "object","properties":{},"required":[]})", "not compact"},
      {R"({"type":"object","properties":{"a":{"type":"null"},"a":{"type":"null"}},"required":[]})",
       "duplicate key"},
      {R"({"type":"array","properties":{},"required":[],"items":{"type":"null"}})",
       "root is no object"},
      {R"({"type":"object","required":[]})", "root has no properties"},
      {R"({"type":"object","properties":{}})", "root has no required"},
      {R"({"type":"object","properties":{},"required":[],"anyOf":[]})", "anyOf at the root"},
      {R"({"type":"object","properties":{},"required":[],"oneOf":[]})", "oneOf at the root"},
      {R"({"type":"object","properties":{},"required":[],"allOf":[]})", "allOf at the root"},
      {R"({"type":"object","properties":{},"required":[],"not":{}})", "not at the root"},
      {R"({"type":"object","properties":{},"required":[],"enum":[]})", "enum at the root"},
      {R"({"$schema":"x","type":"object","properties":{},"required":[]})", "keyword $schema"},
      {R"({"type":"object","properties":{"@type":{"type":"string"}},"required":[]})", "key @type"},
      {R"({"type":"object","properties":{")" + std::string(65, 'k') +
           R"(":{"type":"string"}},"required":[]})",
       "key kkk"},
      {Optional("{}"), "has no type"},
      {Optional("true"), "is not an object"},
      {Optional(R"({"type":"any"})"), "type \"any\""},
      {Optional(R"({"type":["string","null"]})"), "several types"},
      {Optional(R"({"type":"array"})"), "array without items"},
      {Optional(R"({"type":"integer","enum":["1"]})"), "enum on a integer"},
      {Optional(R"({"type":"string","enum":[1]})"), "something else than strings"},
      {Optional(R"({"type":"string","enum":["a","a"]})"), "enum value twice"},
      {Optional(R"({"type":"string","enum":[]})"), "enum of a strange size"},
      {Optional(R"({"type":"string","enum":[)" + ManyValues(1001, "") + "]}"),
       "enum of a strange size"},
      {Optional(R"({"type":"string","enum":[)" + ManyValues(251, std::string(60, 'v')) + "]}"),
       "enum of a strange size"},
      {Optional(R"({"type":"string","format":"uri"})"), "format uri"},
      {Optional(R"({"type":"string","format":"duration"})"), "format duration"},
      {Optional(R"({"type":"string","format":"byte"})"), "format byte"},
      {Optional(R"({"type":"string","pattern":"(?i)a"})"), "pattern (?i)a"},
      {Optional(R"({"type":"string","minimum":1})"), "minimum on a string"},
      {Optional(R"({"type":"integer","minLength":1})"), "minLength on a integer"},
      {Optional(R"({"type":"object","additionalProperties":true})"), "additionalProperties"},
      {Optional(R"({"type":"object","properties":{},"required":["x"]})"),
       "requires an unknown member"},
      {Optional(R"({"type":"string","anyOf":[{"type":"string"}]})"), "type beside anyOf"},
      {Optional(R"({"type":"string","description":""})"), "description of a strange size"},
      {Optional(R"({"type":"string","description":"\t"})"), "control character"},
      {Optional(R"({"$ref":"#/$defs/None"})"), "$ref to nothing"},
      {Optional(R"({"$ref":"https://example.com/x"})"), "$ref to nothing"},
      {WithDefinition(R"({"type":"string"})", R"({"type":"object"})"), "is never used"},
      {WithDefinition(R"({"$ref":"#/$defs/D","description":"x"})", R"({"type":"object"})"),
       "$ref has siblings"},
      {WithDefinition(
           R"({"$ref":"#/$defs/D"})",
           R"({"type":"object","properties":{"d":{"$ref":"#/$defs/D"}},"required":["d"]})"),
       "can never end"},
      {WithDefinition(R"({"$ref":"#/$defs/D"})", R"({"type":"object","$defs":{}})"),
       "$defs below the root"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(VendorLint::Input(row.schema), Contains(HasSubstr(row.complaint))) << row.schema;
  }
  for (const char* keyword : {"exclusiveMinimum",
                              "exclusiveMaximum",
                              "multipleOf",
                              "const",
                              "default",
                              "examples",
                              "deprecated",
                              "readOnly",
                              "uniqueItems",
                              "patternProperties",
                              "propertyNames",
                              "title",
                              "contentEncoding",
                              "oneOf",
                              "allOf",
                              "not",
                              "if",
                              "then",
                              "else",
                              "dependentRequired",
                              "dependentSchemas",
                              "minProperties",
                              "maxProperties",
                              "nullable",
                              "$comment"}) {
    EXPECT_THAT(
        VendorLint::Input(Optional(R"({"type":"string",")" + std::string(keyword) + R"(":1})")),
        Contains("#/a: keyword " + std::string(keyword)));
  }
}

TEST(VendorLint, WhatStrictModeDoesNotTake) {
  std::string deep = R"({"type":"string"})";
  for (int i = 0; i < 10; ++i) deep = R"({"type":"array","items":)" + deep + "}";
  std::string many;
  for (int i = 0; i < 5001; ++i) {
    many += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + R"(":{"type":"string"})";
  }
  std::string enums;
  for (int i = 0; i < 5; ++i) {
    enums += (i == 0 ? "{\"type\":\"string\",\"enum\":[" : ",{\"type\":\"string\",\"enum\":[") +
             ManyValues(201, "v") + "]}";
  }
  std::string letters;
  for (int i = 0; i < 9; ++i) {
    letters +=
        (i == 0 ? "{\"type\":\"string\",\"enum\":[\"" : ",{\"type\":\"string\",\"enum\":[\"") +
        std::string(14'000, static_cast<char>('a' + i)) + "\"]}";
  }
  const Row rows[] = {
      {Optional(R"({"type":"string"})"), "does not require a"},
      {R"({"type":"object","properties":{},"required":[]})", "is open"},
      {Closed(R"({"type":"object"})"), "object without properties"},
      {Closed(R"({"type":"object","properties":{},"additionalProperties":{"type":"string"}})"),
       "is open"},
      {Closed(R"({"type":["string","integer"]})"), "several types other than null"},
      {Closed(R"({"type":["string","integer","null"]})"), "several types other than null"},
      {Closed("{}"), "has no type"},
      {Closed(R"({"type":"string","format":"uri"})"), "format uri"},
      {Closed(R"({"type":"array"})"), "array without items"},
      {R"({"type":"object","properties":{},"required":[],"additionalProperties":false,"anyOf":[]})",
       "anyOf at the root"},
      {Closed(deep), "more than 10 levels"},
      {R"({"type":"object","properties":{)" + many + "}}", "more than 5000 properties"},
      {Closed(R"({"anyOf":[)" + enums + "]}"), "more than 1000 enum values"},
      {Closed(R"({"anyOf":[)" + letters + "]}"), "more than 120000 characters"},
      {WithDefinition(R"({"$ref":"#/$defs/D"})", Closed(R"({"$ref":"#/$defs/D"})")),
       "can never end"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(VendorLint::Strict(row.schema), Contains(HasSubstr(row.complaint)))
        << row.schema.substr(0, 300);
  }
  for (const char* keyword :
       {"minLength", "maxLength", "default", "examples", "uniqueItems", "oneOf", "allOf", "not",
        "if", "patternProperties", "propertyNames", "minProperties", "title", "contentEncoding"}) {
    EXPECT_THAT(
        VendorLint::Strict(Closed(R"({"type":"string",")" + std::string(keyword) + R"(":1})")),
        Contains("#/a: keyword " + std::string(keyword)));
  }
}

TEST(VendorLint, WhatAResultMustNotPromise) {
  const Row rows[] = {
      {R"({"type":"object","properties":{"a":{}},"required":["b"]})", "requires an unknown member"},
      {R"({"type":"object","properties":{},"additionalProperties":false})", "additionalProperties"},
      {R"({"type":"string"})", "root is no object"},
      {R"({"type":"object","properties":{"a":{"type":"string","minLength":1,"not":{}}}})",
       "keyword not"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(VendorLint::Output(row.schema), Contains(HasSubstr(row.complaint))) << row.schema;
  }
}

TEST(VendorLint, WhatEveryClientNeeds) {
  const Row rows[] = {
      {R"({"type":"object","properties":{},"required":[],"oneOf":[]})", "oneOf at the root"},
      {Optional(R"({"$ref":"#/$defs/None"})"), "$ref to nothing"},
      {Optional(R"({"type":"array"})"), "array without items"},
      {Optional(R"({"type":"string","pattern":"[[:alpha:]]"})"), "pattern"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(VendorLint::Standard(row.schema), Contains(HasSubstr(row.complaint))) << row.schema;
  }
}

TEST(VendorLint, ToolNames) {
  for (const std::string_view good : {"a", "Orders_Create-2"}) {
    EXPECT_TRUE(VendorLint::IsToolName(good)) << good;
  }
  for (const std::string_view bad : {"", "_a", "2a", "a.b", "a b", "ä"}) {
    EXPECT_FALSE(VendorLint::IsToolName(bad)) << bad;
  }
  EXPECT_FALSE(VendorLint::IsToolName(std::string(65, 'a')));
}

}  // namespace
}  // namespace bridge::schema
