// What happens to a schema that is too large, and to one that never ends.
#include <string>
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
using ::testing::Not;
using Json = nlohmann::json;

constexpr const char* kShared = R"(
  syntax = "proto3"; package p;
  // An address.
  message Address { string street = 1; string city = 2; Country country = 3; }
  message Country { string code = 1; Once once = 2; }
  message Once { string only_here = 1; }
  // A root.
  message Root {
    // Where it goes.
    Address shipping = 1; Address billing = 2; Country origin = 3; Root parent = 4;
  })";

SchemaOptions Small(size_t inline_bytes, size_t bytes) {
  SchemaOptions options;
  options.max_inline_bytes = inline_bytes;
  options.max_bytes = bytes;
  return options;
}

TEST(Budget, WhatIsUsedTwiceIsSharedOnlyAboveTheBudget) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(kShared));
  const descriptor::Message& root = *graph->FindMessage("p.Root");
  EXPECT_THAT(InputSchema(root), Not(HasSubstr("$ref")));
  const std::string text = InputSchema(root, Small(500, 5000));
  const Json schema = Json::parse(text);
  EXPECT_EQ(schema["properties"]["shipping"], Json({{"$ref", "#/$defs/Address"}}));
  EXPECT_EQ(schema["properties"]["origin"], Json({{"$ref", "#/$defs/Country"}}));
  EXPECT_EQ(schema["properties"]["parent"], Json({{"$ref", "#/$defs/Root"}}));
  EXPECT_EQ(schema["$defs"]["Root"]["properties"]["parent"], Json({{"$ref", "#/$defs/Root"}}));
  EXPECT_EQ(schema["$defs"]["Address"]["description"], "An address.");
  EXPECT_TRUE(schema["$defs"]["Country"]["properties"]["once"].contains("properties"))
      << "what is used once stays in its place";
  EXPECT_EQ(VendorLint::Input(text), std::vector<std::string>{});
}

TEST(Budget, CommentsGoBeforeDepthGoes) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(kShared));
  const descriptor::Message& root = *graph->FindMessage("p.Root");
  const std::string with = InputSchema(root, Small(0, 5000));
  const std::string without = InputSchema(root, Small(0, with.size() - 1));
  EXPECT_THAT(with, HasSubstr("An address."));
  EXPECT_THAT(without, Not(HasSubstr("An address.")));
  EXPECT_THAT(without, HasSubstr("onlyHere"));
  std::string last = without;
  size_t steps = 0;
  for (size_t budget = without.size() - 1; budget > 90; budget = last.size() - 1) {
    const std::string smaller = InputSchema(root, Small(0, budget));
    ASSERT_LE(smaller.size(), std::max<size_t>(budget, 60)) << smaller;
    EXPECT_EQ(VendorLint::Input(smaller), std::vector<std::string>{}) << smaller;
    ASSERT_LT(smaller.size(), last.size());
    last = smaller;
    ++steps;
  }
  EXPECT_GE(steps, 2u);
  EXPECT_EQ(InputSchema(root, Small(0, 10)), R"({"type":"object","properties":{},"required":[]})")
      << "an open object is true of everything";
}

TEST(Budget, DefinitionsOfOneNameAreToldApart) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(R"(
    syntax = "proto3";
    message A { message Part { string a = 1; string long_name_of_a_field = 2; } }
    message B { message Part { string b = 1; string long_name_of_a_field = 2; } }
    message M { A.Part a = 1; A.Part a2 = 2; B.Part b = 3; B.Part b2 = 4; })"));
  const Json schema = Json::parse(InputSchema(*graph->FindMessage("M"), Small(0, 5000)));
  EXPECT_EQ(schema["properties"]["a"]["$ref"], "#/$defs/Part");
  EXPECT_EQ(schema["properties"]["b2"]["$ref"], "#/$defs/Part_2");
  EXPECT_TRUE(schema["$defs"]["Part"]["properties"].contains("a"));
  EXPECT_TRUE(schema["$defs"]["Part_2"]["properties"].contains("b"));
}

TEST(Budget, RecursionIsUnrolledAsOftenAsAsked) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(
      R"(syntax = "proto3"; message Node { string v = 1; Node next = 2; })"));
  const auto depth_of = [&](int max_recursion) {
    SchemaOptions options;
    options.max_recursion = max_recursion;
    const std::string text = InputSchema(*graph->FindMessage("Node"), options);
    int depth = 0;
    for (size_t at = 0; (at = text.find("\"v\":", at)) != std::string::npos; ++at) ++depth;
    return depth;
  };
  EXPECT_EQ(depth_of(1), 1);
  EXPECT_EQ(depth_of(2), 2);
  EXPECT_EQ(depth_of(5), 5);
}

TEST(Budget, ManyMessagesThatReachEachOtherEndQuickly) {
  std::string text = "syntax = \"proto3\";";
  for (int i = 0; i < 60; ++i) {
    text += "message M" + std::to_string(i) + " {";
    for (int j = 0; j < 60; ++j) {
      text +=
          "M" + std::to_string(j) + " f" + std::to_string(j) + " = " + std::to_string(j + 1) + ";";
    }
    text += "}";
  }
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(text));
  for (const std::string& schema :
       {InputSchema(*graph->FindMessage("M0")), OutputSchema(*graph->FindMessage("M0"))}) {
    EXPECT_LE(schema.size(), SchemaOptions().max_bytes);
    EXPECT_THAT(schema, HasSubstr("\"f59\""));
  }
  EXPECT_EQ(VendorLint::Input(InputSchema(*graph->FindMessage("M0"))), std::vector<std::string>{});
}

TEST(Budget, AChainOfThousandsOfMessagesIsCut) {
  std::string text = "syntax = \"proto3\";";
  for (int i = 0; i < 3000; ++i) {
    text += "message M" + std::to_string(i) + " { M" + std::to_string((i + 1) % 3000) + " n = 1; }";
  }
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(text));
  const std::string schema = InputSchema(*graph->FindMessage("M0"));
  EXPECT_THAT(schema, HasSubstr("M25."));
  EXPECT_THAT(schema, Not(HasSubstr("M26")));
  EXPECT_EQ(VendorLint::Input(schema), std::vector<std::string>{});
}

TEST(Budget, LongEnumsAreDescribed) {
  std::string text = "syntax = \"proto3\"; enum E { ZERO = 0;";
  for (int i = 1; i < 60; ++i) text += "V" + std::to_string(i) + " = " + std::to_string(i) + ";";
  const auto graph = descriptor::BuildOrThrow(
      descriptor::CompileText(text + "} message M { E e = 1; repeated E many = 2; }"));
  const Json input = Json::parse(InputSchema(*graph->FindMessage("M")));
  EXPECT_EQ(
      input["properties"]["e"],
      Json({{"type", "string"}, {"description", "One of the 60 values of E, e.g. ZERO, V59."}}));
  EXPECT_EQ(input["properties"]["many"]["items"], Json({{"type", "string"}}));
  const Json output = Json::parse(OutputSchema(*graph->FindMessage("M")));
  EXPECT_EQ(output["properties"]["e"], Json({{"type", {"string", "integer"}}}));
  SchemaOptions options;
  options.max_enum_values = 60;
  EXPECT_EQ(
      Json::parse(InputSchema(*graph->FindMessage("M"), options))["properties"]["e"]["enum"].size(),
      60u);
}

}  // namespace
}  // namespace bridge::schema
