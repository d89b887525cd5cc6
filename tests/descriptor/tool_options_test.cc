// mcp.bridge.v1: what a service says about its own tools.
#include <fstream>
#include <iterator>
#include <string>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/rules.h"
#include "gmock/gmock.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::descriptor {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string OptionsProto() {
  std::ifstream file(TESTDATA_DIR "/../../proto/mcp/bridge/v1/options.proto");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Files Compile(const std::string& text) {
  return ProtoSource({{"mcp/bridge/v1/options.proto", OptionsProto()},
                      {"test.proto", "import \"mcp/bridge/v1/options.proto\";" + text}})
      .Compile("test.proto");
}

// As a server describes itself that does not know the options' file.
Files Alone(const Files& files) {
  Files alone = {files.back()};
  alone[0].clear_dependency();
  return alone;
}

constexpr char kShop[] = R"(
  message M {
    optional string id = 1 [(mcp.bridge.v1.field) = {description: "The id. It ends in a digit." example: "\"a-1\""}];
    optional string inner = 2 [(mcp.bridge.v1.field).hidden = true];
    optional string key = 3 [(mcp.bridge.v1.field).secret = true];
    optional string plain = 4;
  }
  service Shop {
    option (mcp.bridge.v1.service) = {name: "Store" hidden: true};
    rpc Buy(M) returns (M) {
      option (mcp.bridge.v1.tool) = {name: "buy" title: "Buy it" description: "Buys. At once."
                                     hidden: false read_only: false destructive: true};
    }
    rpc Look(M) returns (M) {
      option (mcp.bridge.v1.tool).hidden = false;
      option (mcp.bridge.v1.tool).open_world = false;
      option (mcp.bridge.v1.tool).idempotent = true;
    }
    rpc Internal(M) returns (M);
  })";

TEST(ToolOptions, AreReadWithAndWithoutTheirFile) {
  // An extension may be used by files of every syntax.
  const Files proto2 = Compile(kShop);
  Files editions = Alone(proto2);
  editions[0].set_syntax("editions");
  editions[0].GetReflection()->MutableUnknownFields(&editions[0])->AddVarint(14, 1000);
  for (const Files& files : {proto2, Alone(proto2), editions}) {
    const auto graph = BuildOrThrow(files);
    const Service& service = *graph->FindService("Shop");
    EXPECT_EQ(service.tool_prefix, "Store");
    EXPECT_TRUE(service.hidden);
    const Method& buy = service.methods[0];
    EXPECT_EQ(buy.tool_name, "buy");
    EXPECT_EQ(buy.title, "Buy it");
    EXPECT_EQ(buy.comment, "Buys. At once.");
    EXPECT_FALSE(buy.hidden);
    EXPECT_EQ(buy.hints.read_only, std::optional(false));
    EXPECT_EQ(buy.hints.destructive, std::optional(true));
    EXPECT_FALSE(buy.hints.idempotent.has_value());
    EXPECT_FALSE(buy.hints.open_world.has_value());
    const Method& look = service.methods[1];
    EXPECT_FALSE(look.hidden);
    EXPECT_EQ(look.tool_name, "");
    EXPECT_EQ(look.hints.open_world, std::optional(false));
    EXPECT_EQ(look.hints.idempotent, std::optional(true)) << "settings may be split";
    EXPECT_TRUE(service.methods[2].hidden);
    const Field& id = FieldOf(*graph, "M", "id");
    ASSERT_NE(id.texts, nullptr);
    EXPECT_EQ(id.texts->description, "The id. It ends in a digit.");
    EXPECT_EQ(id.texts->example, "\"a-1\"");
    EXPECT_FALSE(id.hidden);
    EXPECT_TRUE(FieldOf(*graph, "M", "inner").hidden);
    EXPECT_TRUE(FieldOf(*graph, "M", "key").debug_redact);
    EXPECT_FALSE(FieldOf(*graph, "M", "plain").debug_redact);
    EXPECT_EQ(FieldOf(*graph, "M", "plain").texts, nullptr);
    EXPECT_EQ(FieldOf(*graph, "M", "plain").rules, nullptr);
  }
}

TEST(ToolOptions, AnotherOptionOfThatNumberIsNotRead) {
  const auto graph = BuildOrThrow(CompileText(R"(
    import "google/protobuf/descriptor.proto";
    message Cost { optional string unit = 1; optional bool counted = 4; }
    extend google.protobuf.MethodOptions { optional Cost cost = 50627; }
    message M {}
    service S { rpc Do(M) returns (M) { option (cost) = {unit: "no name", counted: true}; } })"));
  const Method& method = graph->FindService("S")->methods[0];
  EXPECT_EQ(method.tool_name, "");
  EXPECT_FALSE(method.hidden);
  // Nor is one of another type, whose file is unknown.
  Files files = {FromText(R"pb(name: "a"
                               message_type { name: "M" }
                               service {
                                 name: "S"
                                 method { name: "Do" input_type: "M" output_type: "M" }
                               })pb")};
  auto* options = files[0].mutable_service(0)->mutable_method(0)->mutable_options();
  auto* unknown = options->GetReflection()->MutableUnknownFields(options);
  unknown->AddVarint(50627, 1);
  unknown->AddLengthDelimited(50627, "\x08\x01\x20");
  EXPECT_EQ(BuildOrThrow(files)->FindService("S")->methods[0].tool_name, "");
}

TEST(ToolOptions, NamesThatNoClientTakesAreLeftAside) {
  struct Row {
    std::string text;
    const char* element;
  };
  const Row rows[] = {
      {R"(rpc Do(M) returns (M) { option (mcp.bridge.v1.tool).name = "a b"; })", "S.Do"},
      {R"(rpc Do(M) returns (M) { option (mcp.bridge.v1.tool).name = "1a"; })", "S.Do"},
      {"rpc Do(M) returns (M) { option (mcp.bridge.v1.tool).name = \"" + std::string(49, 'a') +
           "\"; }",
       "S.Do"},
      {R"(option (mcp.bridge.v1.service).name = "a/b"; )", "S"},
      {"option (mcp.bridge.v1.service).name = \"" + std::string(33, 'a') + "\"; ", "S"},
  };
  for (const Row& row : rows) {
    const auto graph = BuildOrThrow(Compile("message M {} service S { " + row.text + "}"));
    EXPECT_THAT(graph->remarks(), ElementsAre(AllOf(HasSubstr("test.proto"),
                                                    HasSubstr(std::string(row.element) + ": "),
                                                    HasSubstr("must be a letter"))))
        << row.text;
    const Service& service = graph->services()[0];
    EXPECT_EQ(service.tool_prefix, "");
    for (const Method& method : service.methods) EXPECT_EQ(method.tool_name, "");
  }
}

TEST(ToolOptions, WhatOnlySomeMaySeeIsHidden) {
  const auto graph = BuildOrThrow(CompileText(R"(
    import "google/protobuf/descriptor.proto";
    message Rule { optional string restriction = 2; }
    extend google.protobuf.FieldOptions { optional Rule field_visibility = 72295727; }
    extend google.protobuf.MethodOptions { optional Rule method_visibility = 72295727; }
    message M {
      optional string a = 1 [(field_visibility).restriction = "INTERNAL"];
      optional string b = 2 [(field_visibility) = {}];
    }
    service S {
      rpc Do(M) returns (M) { option (method_visibility).restriction = "PREVIEW"; }
      rpc Be(M) returns (M);
    })"));
  EXPECT_TRUE(FieldOf(*graph, "M", "a").hidden);
  EXPECT_FALSE(FieldOf(*graph, "M", "b").hidden);
  EXPECT_TRUE(graph->FindService("S")->methods[0].hidden);
  EXPECT_FALSE(graph->FindService("S")->methods[1].hidden);
}

}  // namespace
}  // namespace bridge::descriptor
