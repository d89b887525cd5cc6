#include <string>
#include <string_view>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/option_reader.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::descriptor {
namespace {

const std::string kDeepGroups = std::string(100, '\x0b') + std::string(100, '\x0c') + "\x08\x05";

TEST(Graph, OptionsAreReadByNumber) {
  const auto graph = BuildOrThrow(CompileText(R"(
    syntax = "proto3"; package p;
    import "google/api/annotations.proto"; import "google/protobuf/descriptor.proto";
    enum Behavior { NONE = 0; REQUIRED = 2; OUTPUT_ONLY = 3; IMMUTABLE = 5; }
    extend google.protobuf.FieldOptions { repeated Behavior unpacked = 1052 [packed = false]; }
    extend google.protobuf.OneofOptions { bool must = 1071; }
    message M {
      string a = 1 [(unpacked) = REQUIRED, (unpacked) = IMMUTABLE];
      string b = 2;
      oneof c { option (must) = true; int32 d = 3; }
      oneof e { int32 f = 4; }
    }
    service S {
      option deprecated = true;
      rpc Get(M) returns (M) { option (google.api.http) = { get: "/v1/{a=x/*}" }; }
      rpc Put(M) returns (M) { option (google.api.http) = { put: "/v1" body: "*" }; }
      rpc Mix(M) returns (M) { option (google.api.http) = { custom: { kind: "HEAD" path: "/" } }; }
      rpc Del(M) returns (M) { option (google.api.http) = { delete: "/v1" }; option deprecated = true; }
      rpc Pure(M) returns (stream M) { option idempotency_level = NO_SIDE_EFFECTS; }
      rpc Again(stream M) returns (M) { option idempotency_level = IDEMPOTENT; }
    })"));
  EXPECT_EQ(FieldOf(*graph, "p.M", "a").behavior, kRequired | kImmutable);
  EXPECT_EQ(FieldOf(*graph, "p.M", "b").behavior, 0);
  EXPECT_TRUE(graph->FindMessage("p.M")->oneofs[0].required);
  EXPECT_FALSE(graph->FindMessage("p.M")->oneofs[1].required);
  const Service& service = *graph->FindService("p.S");
  EXPECT_TRUE(service.deprecated);
  EXPECT_EQ(service.methods[0].http_verb, HttpVerb::kGet);
  EXPECT_EQ(service.methods[1].http_verb, HttpVerb::kPut);
  EXPECT_EQ(service.methods[2].http_verb, HttpVerb::kCustom);
  EXPECT_EQ(service.methods[3].http_verb, HttpVerb::kDelete);
  EXPECT_TRUE(service.methods[3].deprecated);
  EXPECT_EQ(service.methods[4].http_verb, HttpVerb::kNone);
  EXPECT_EQ(service.methods[4].idempotency, Idempotency::kNoSideEffects);
  EXPECT_TRUE(service.methods[4].server_streaming);
  EXPECT_EQ(service.methods[5].idempotency, Idempotency::kIdempotent);
  EXPECT_TRUE(service.methods[5].client_streaming);
}

TEST(Graph, PackedBehaviorAndDebugRedact) {
  Files files = CompileText(R"(syntax = "proto3"; message M { string a = 1; })");
  auto* options = files[0].mutable_message_type(0)->mutable_field(0)->mutable_options();
  auto* unknown = options->GetReflection()->MutableUnknownFields(options);
  unknown->AddLengthDelimited(1052, "\x02\x03");
  unknown->AddVarint(16, 1);
  const auto graph = BuildOrThrow(files);
  EXPECT_EQ(FieldOf(*graph, "M", "a").behavior, kRequired | kOutputOnly);
  EXPECT_TRUE(FieldOf(*graph, "M", "a").debug_redact);
}

TEST(Graph, CommentsComeFromTheFileOrJoinByFullName) {
  const std::string text = R"(syntax = "proto3"; package p;
    // Orders of the shop.
    service S {
      // Creates an order. // (-- internal --)
      // buf:lint:ignore X
      rpc Create(M) returns (M);
    }
    // A message.
    message M {
      // Required. The id.
      string id = 1;
      string late = 2;  // Trailing one.
      // Pick one.
      oneof choice { string x = 3; }
      // Colours.
      enum Color { RED = 0;  // Very red.
      }
    })";
  const Files with = CompileText(text);
  Files bare = with;
  for (auto& file : bare) file.clear_source_code_info();
  for (const auto& graph : {BuildOrThrow(with), BuildOrThrow(bare, with)}) {
    EXPECT_EQ(graph->FindService("p.S")->comment, "Orders of the shop.");
    EXPECT_EQ(graph->FindService("p.S")->methods[0].comment, "Creates an order. //");
    EXPECT_EQ(graph->FindMessage("p.M")->comment, "A message.");
    EXPECT_EQ(FieldOf(*graph, "p.M", "id").comment, "Required. The id.") << "nothing encodes it";
    EXPECT_EQ(FieldOf(*graph, "p.M", "late").comment, "Trailing one.");
    EXPECT_EQ(graph->FindMessage("p.M")->oneofs[0].comment, "Pick one.");
    EXPECT_EQ(graph->FindEnum("p.M.Color")->comment, "Colours.");
    EXPECT_EQ(graph->FindEnum("p.M.Color")->values[0].comment, "Very red.");
  }
  EXPECT_EQ(FieldOf(*BuildOrThrow(bare), "p.M", "id").comment, "");
}

TEST(Graph, GooglesOwnEssaysAreNotComments) {
  const auto graph = BuildOrThrow(ProtoSource().Compile("google/protobuf/timestamp.proto"));
  EXPECT_EQ(graph->FindMessage("google.protobuf.Timestamp")->comment, "");
  EXPECT_EQ(FieldOf(*graph, "google.protobuf.Timestamp", "seconds").comment, "");
}

TEST(OptionReader, SkipsGroupsAndStopsAtDamage) {
  using namespace std::string_view_literals;
  struct Row {
    std::string_view bytes;
    std::vector<uint64_t> values;  // of field 1
  };
  for (const Row& row : {
           Row{"\x08\x05"sv, {5}},
           Row{"\x0b\x08\x07\x0c\x08\x05"sv, {5}},
           Row{"\x13\x1b\x12\x01\x61\x1c\x11\1\2\3\4\5\6\7\0\x15\1\2\3\4\x14\x08\x05"sv, {5}},
           Row{"\x08\x05\x13\x0c\x08\x06"sv, {5}},
           Row{"\x0a\x03\x01\x02\x03\x08\x09"sv, {1, 2, 3, 9}},
           Row{"\x08\x05\x0a\x09\x01"sv, {5}},
           Row{"\x0d\x01\x00\x00\x00"sv, {1}},
           Row{"\x09\x01\x02\x00\x00\x00\x00\x00\x00"sv, {0x201}},
           Row{"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv, {~uint64_t{0}}},
           Row{"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv, {}},
           Row{"\x08"sv, {}},
           Row{"\x00\x01"sv, {}},
           Row{"\x0f\x01"sv, {}},
           Row{std::string_view(kDeepGroups), {}},
       }) {
    std::vector<uint64_t> values;
    OptionReader reader(row.bytes);
    for (OptionField field; reader.Next(&field);) {
      if (field.number == 1) {
        ForEachNumber(field, [&values](uint64_t value) { values.push_back(value); });
      }
    }
    EXPECT_EQ(values, row.values);
  }
}

}  // namespace
}  // namespace bridge::descriptor
