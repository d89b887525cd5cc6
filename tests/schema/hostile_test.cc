// Descriptors come from servers: damaged ones are refused or understood, never more.
#include <random>
#include <string>
#include <vector>

#include "bridge/schema/reach.h"
#include "bridge/schema/schema.h"
#include "bridge/schema/tool.h"
#include "google/protobuf/stubs/logging.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"
#include "tests/schema/vendor_lint.h"

namespace bridge::schema {
namespace {

TEST(Hostile, DamagedDescriptorsAreRefusedOrHaveLegalSchemas) {
  constexpr int kRounds = 150;
  std::mt19937 random(20261121);
  const auto pick = [&random](size_t count) {
    return std::uniform_int_distribution<size_t>(0, count - 1)(random);
  };
  const google::protobuf::LogSilencer no_complaints_about_the_bytes;
  int built = 0;
  int refused = 0;
  for (const char* name : {"kinds.proto", "rules.proto", "legacy.proto", "resources.proto"}) {
    descriptor::Files files = descriptor::ProtoSource().Compile(name);
    files.back().clear_source_code_info();
    for (int round = 0; round < kRounds; ++round) {
      descriptor::Files damaged = files;
      std::string bytes = damaged.back().SerializeAsString();
      for (size_t i = 1 + pick(4); i > 0; --i)
        bytes[pick(bytes.size())] = static_cast<char>(pick(256));
      damaged.back().Clear();
      damaged.back().ParsePartialFromString(bytes);
      const auto graph = descriptor::Graph::Build(descriptor::PointersTo(damaged));
      if (!graph.ok()) {
        ++refused;
        EXPECT_FALSE(graph.status().message().empty());
        continue;
      }
      ++built;
      for (const auto& service : (*graph)->services()) {
        for (const auto& method : service.methods) {
          const Tool tool = MakeTool(method);
          EXPECT_EQ(VendorLint::Input(tool.input_schema), std::vector<std::string>{}) << round;
          EXPECT_EQ(VendorLint::Output(tool.output_schema), std::vector<std::string>{}) << round;
          EXPECT_FALSE(tool.description.empty());
        }
      }
    }
  }
  EXPECT_GT(built, 50);
  EXPECT_GT(refused, 50);
}

// Each tool would walk all of them.
TEST(Hostile, WhatNoSchemaCanShowIsNotWalked) {
  std::string proto = "syntax = \"proto3\"; package t;";
  constexpr int kMessages = 12'000;
  for (int i = 0; i < kMessages; ++i) {
    const auto name = [](int n) { return "M" + std::to_string(n % kMessages); };
    proto += " message " + name(i) + " { " + name(2 * i + 1) + " a = 1; " + name(2 * i + 2) +
             " b = 2; string c = 3; }";
  }
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(proto));
  const descriptor::Message& root = *graph->FindMessage("t.M0");
  EXPECT_LT(FindReach(root, Direction::kInput, 3'000).uses.size(), 1'100u);
  EXPECT_EQ(FindReach(root, Direction::kInput, 100'000).uses.size(), size_t{kMessages});
  const std::string schema = InputSchema(root, {});
  EXPECT_EQ(VendorLint::Input(schema), std::vector<std::string>{});
  EXPECT_LE(schema.size(), SchemaOptions().max_bytes);
}

TEST(Hostile, CommentsCanNotHideInstructions) {
  const auto graph = descriptor::BuildOrThrow(
      descriptor::CompileText("syntax = \"proto3\";\n"
                              "message M {\n"
                              "// Looks\u200b harmless\u202e.\x1b[31m \U000E0049\U000E0067nore\n"
                              "string a = 1; }\n"
                              "service S {\n"
                              "// (-- hidden --)Plain\u2066 text.\x07\n"
                              "rpc Do(M) returns (M); }"));
  const Tool tool = MakeTool(graph->services().front().methods.front());
  EXPECT_EQ(tool.description, "Plain text.");
  EXPECT_NE(tool.input_schema.find(R"("description":"Looks harmless.[31m nore")"),
            std::string::npos)
      << tool.input_schema;
}

}  // namespace
}  // namespace bridge::schema
