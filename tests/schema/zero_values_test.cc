// A result's schema requires the zero values that answers have.

#include <string>

#include "bridge/schema/tool.h"
#include "bridge/transcode/codec.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::schema {
namespace {

using descriptor::ZeroValues;
using Json = nlohmann::ordered_json;

constexpr char kFiles[] = R"(
syntax = "proto3";
message Check { bool allowed = 1; string why_not = 2; optional int32 maybe = 3; Inner inner = 4; }
message Inner { int32 count = 1; repeated string names = 2; }
message Nine { int32 a = 1; int32 b = 2; int32 c = 3; int32 d = 4; int32 e = 5; int32 f = 6; int32 g = 7;
  int32 h = 8; int32 i = 9; }
)";

Json Output(const std::string& message, ZeroValues values,
            SchemaProfile profile = SchemaProfile::kPortable) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(kFiles));
  SchemaOptions options;
  options.profile = profile;
  options.zero_values = values;
  return Json::parse(OutputSchema(*graph->FindMessage(message), options));
}

TEST(B29OutputSchema, RequiresWhatIsAlwaysThere) {
  const Json own = Json::array({"allowed", "whyNot"});
  for (const SchemaProfile profile :
       {SchemaProfile::kPortable, SchemaProfile::kStandard, SchemaProfile::kOpenAiStrict}) {
    for (const ZeroValues values : {ZeroValues::kAuto, ZeroValues::kTop}) {
      const Json schema = Output("Check", values, profile);
      EXPECT_EQ(schema["required"], own);
      EXPECT_FALSE(schema["properties"]["inner"].contains("required"));
    }
    const Json all = Output("Check", ZeroValues::kAll, profile);
    EXPECT_EQ(all["required"], own);
    EXPECT_EQ(all["properties"]["inner"]["required"], Json::array({"count"}));
    EXPECT_FALSE(Output("Check", ZeroValues::kNone, profile).contains("required"));
  }
  EXPECT_FALSE(Output("Nine", ZeroValues::kAuto).contains("required"));
  EXPECT_EQ(Output("Nine", ZeroValues::kTop)["required"].size(), 9u);
}

TEST(B29OutputSchema, PromisesNothingWhereTheRequestChooses) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(R"(
syntax = "proto3";
import "google/protobuf/field_mask.proto";
enum View { VIEW_UNSPECIFIED = 0; FULL = 1; }
message Thing { string name = 1; int32 count = 2; }
message GetRequest { string name = 1; google.protobuf.FieldMask read_mask = 2; }
message ViewRequest { string name = 1; View view = 2; }
message UpdateRequest { Thing thing = 1; google.protobuf.FieldMask update_mask = 2; }
message PlainRequest { string name = 1; }
service Things {
  rpc Get(GetRequest) returns (Thing);
  rpc See(ViewRequest) returns (Thing);
  rpc Update(UpdateRequest) returns (Thing);
  rpc Plain(PlainRequest) returns (Thing);
})"));
  const auto codec = transcode::Codec::Make(graph);
  for (const descriptor::Method& method : graph->FindService("Things")->methods) {
    const bool promised = method.name == "Update" || method.name == "Plain";
    const Json schema = Json::parse(MakeTool(method).output_schema);
    EXPECT_EQ(schema.contains("required"), promised) << method.name;
    std::string json;
    transcode::CodecError error;
    ASSERT_TRUE(
        codec->WireToStructured(*codec->CompileAnswer(*method.output, &method), "", &json, &error));
    EXPECT_EQ(json, promised ? R"({"name":"","count":0})" : "{}") << method.name;
  }
}

}  // namespace
}  // namespace bridge::schema
