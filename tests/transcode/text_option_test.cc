// (mcp.bridge.v1.field).text: bytes that are text.

#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "bridge/transcode/codec.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"
#include "tests/transcode/wire_bytes.h"

namespace bridge::transcode {
namespace {

constexpr char kNotes[] = R"(
syntax = "proto3";
package t;
import "mcp/bridge/v1/options.proto";
message Note {
  bytes text = 1 [(mcp.bridge.v1.field).text = true];
  repeated bytes lines = 2 [(mcp.bridge.v1.field).text = true];
  bytes raw = 3 [(mcp.bridge.v1.field).text = false];
  int32 count = 4 [(mcp.bridge.v1.field).text = true];
}
)";

TEST(B37TextOption, BytesAreTextInBothDirections) {
  std::ifstream options(TESTDATA_DIR "/../../proto/mcp/bridge/v1/options.proto");
  const auto graph = descriptor::BuildOrThrow(
      descriptor::ProtoSource(
          {{"note.proto", kNotes},
           {"mcp/bridge/v1/options.proto", {std::istreambuf_iterator<char>(options), {}}}})
          .Compile("note.proto"));
  const auto codec = Codec::Make(graph);
  const Plan& plan = *codec->Compile(*graph->FindMessage("t.Note"));
  std::string wire;
  std::string json;
  CodecError error;
  const std::string arguments =
      R"({"text":"user","lines":["hello","ä"],"raw":"dXNlcg==","count":5})";
  ASSERT_TRUE(codec->ArgumentsToWire(plan, arguments, &wire, &error)) << error.message;
  EXPECT_EQ(wire, WireBytes(1, "user") + WireBytes(2, "hello") + WireBytes(2, "ä") +
                      WireBytes(3, "user") + WireNumber(4, 5));
  ASSERT_TRUE(codec->WireToStructured(plan, wire, &json, &error)) << error.message;
  EXPECT_EQ(json, arguments);
  json.clear();
  ASSERT_TRUE(codec->WireToStructured(plan, WireBytes(1, "a\xFF"), &json, &error));
  EXPECT_EQ(json, "{\"text\":\"a\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace bridge::transcode
