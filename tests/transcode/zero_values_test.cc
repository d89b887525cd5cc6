// Zero values that ProtoJSON leaves out and answers have.

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/transcode/codec_case.h"
#include "tests/transcode/wire_bytes.h"

namespace bridge::transcode {
namespace {

using descriptor::ZeroValues;

constexpr char kChecks[] = R"(
syntax = "proto3";
package t;
import "google/protobuf/any.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";
import "google/api/field_behavior.proto";
import "mcp/bridge/v1/options.proto";
enum State { STATE_UNSPECIFIED = 0; OPEN = 1; }
message Check { bool allowed = 1; string reason = 3; }
message Each {
  double d = 1; float f = 2; int32 i = 3; int64 l = 4; bytes b = 5; State s = 6; fixed64 x = 7; sint32 z = 8;
}
message Others {
  optional int32 o = 1; repeated int32 r = 2; map<string, int32> m = 3; Check c = 4;
  google.protobuf.Int32Value w = 5; google.protobuf.NullValue n = 6;
  oneof choice { int32 a = 7; string b = 8; }
}
message Hidden {
  int32 secret = 1 [(mcp.bridge.v1.field).hidden = true];
  int32 sent = 2 [(google.api.field_behavior) = INPUT_ONLY];
  int32 seen = 3;
}
message Nine { int32 a = 1; int32 b = 2; int32 c = 3; int32 d = 4; int32 e = 5; int32 f = 6; int32 g = 7;
  int32 h = 8; int32 i = 9; }
message Tree { int32 n = 1; Tree left = 2; repeated Check checks = 3; google.protobuf.Any any = 4;
  map<string, Check> by_name = 5; }
)";

class Answers {
 public:
  explicit Answers(ZeroValues values) {
    auto files = std::map<std::string, std::string>{
        {"test.proto", kChecks},
        {"google/api/field_behavior.proto", ReadProto("google/api/field_behavior.proto")},
        {"mcp/bridge/v1/options.proto", ReadProto("mcp/bridge/v1/options.proto")}};
    graph_ = descriptor::BuildOrThrow(descriptor::ProtoSource(files).Compile("test.proto"));
    codec_ = Codec::Make(graph_, {}, ArgumentForm::kProtoJson, values);
  }

  std::string Json(std::string_view message, const std::string& wire) const {
    const Plan& plan = *codec_->CompileAnswer(*graph_->FindMessage(message));
    std::string json;
    CodecError error;
    if (codec_->WireToStructured(plan, wire, &json, &error)) return json;
    return error.path + ": " + error.message;
  }

 private:
  static std::string ReadProto(const std::string& name) {
    std::ifstream file(std::string(TESTDATA_DIR "/../../proto/") + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::shared_ptr<const descriptor::Graph> graph_;
  std::shared_ptr<const Codec> codec_;
};

constexpr std::string_view kZeroes =
    R"({"d":0,"f":0,"i":0,"l":"0","b":"","s":"STATE_UNSPECIFIED","x":"0","z":0})";

TEST(B29ZeroValues, AutoIsOfAnswersWithFewFields) {
  const Answers answers(ZeroValues::kAuto);
  EXPECT_EQ(answers.Json("t.Check", ""), R"({"allowed":false,"reason":""})");
  EXPECT_EQ(answers.Json("t.Each", ""), kZeroes);
  EXPECT_EQ(answers.Json("t.Nine", ""), "{}");
  EXPECT_EQ(answers.Json("t.Nine", WireNumber(3, 5)), R"({"c":5})");
  // Only its own fields.
  EXPECT_EQ(answers.Json("t.Tree", WireBytes(2, "") + WireBytes(3, "")),
            R"({"n":0,"left":{},"checks":[{}]})");
}

TEST(B29ZeroValues, StandWhereTheFieldWould) {
  const Answers answers(ZeroValues::kAuto);
  EXPECT_EQ(answers.Json("t.Check", WireBytes(3, "x")), R"({"allowed":false,"reason":"x"})");
  EXPECT_EQ(answers.Json("t.Check", WireNumber(1, 1)), R"({"allowed":true,"reason":""})");
  EXPECT_EQ(answers.Json("t.Each", WireNumber(3, 7) + WireNumber(6, 1)),
            R"({"d":0,"f":0,"i":7,"l":"0","b":"","s":"OPEN","x":"0","z":0})");
  // Out of order, twice, with unknown fields, or as zeros on the wire: the same.
  EXPECT_EQ(answers.Json("t.Each", WireNumber(6, 1) + WireNumber(3, 7)),
            R"({"d":0,"f":0,"i":7,"l":"0","b":"","s":"OPEN","x":"0","z":0})");
  EXPECT_EQ(answers.Json("t.Each", WireNumber(3, 7) + WireNumber(3, 0)), kZeroes);
  EXPECT_EQ(answers.Json("t.Each", WireNumber(3, 0) + WireBytes(5, "") + WireNumber(99, 1)),
            kZeroes);
  EXPECT_EQ(answers.Json("t.Check", WireNumber(2, 1) + WireNumber(1, 0)),
            R"({"allowed":false,"reason":""})");
}

TEST(B29ZeroValues, AreOfShownScalarsWithoutPresence) {
  const Answers answers(ZeroValues::kTop);
  EXPECT_EQ(answers.Json("t.Others", ""), "{}");
  EXPECT_EQ(answers.Json("t.Hidden", ""), R"({"seen":0})");
  EXPECT_EQ(answers.Json("t.Hidden", WireNumber(1, 1) + WireNumber(2, 2)),
            R"({"secret":1,"sent":2,"seen":0})");
  EXPECT_EQ(answers.Json("t.Nine", WireNumber(9, 1)),
            R"({"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":1})");
}

TEST(B29ZeroValues, NoneIsProtoJson) {
  const Answers answers(ZeroValues::kNone);
  EXPECT_EQ(answers.Json("t.Check", ""), "{}");
  EXPECT_EQ(answers.Json("t.Each", WireNumber(3, 0)), "{}");
}

TEST(B29ZeroValues, AllIsOfEveryObject) {
  const Answers answers(ZeroValues::kAll);
  const std::string check = R"({"allowed":false,"reason":""})";
  EXPECT_EQ(answers.Json("t.Nine", "").size(), std::string(R"({"a":0})").size() * 9 - 8);
  const std::string any = WireBytes(1, "x/t.Check") + WireBytes(2, WireNumber(1, 1));
  EXPECT_EQ(answers.Json("t.Tree", WireBytes(2, WireBytes(3, "")) + WireBytes(4, any) +
                                       WireBytes(5, WireBytes(1, "k") + WireBytes(2, ""))),
            R"({"n":0,"left":{"n":0,"checks":[)" + check +
                R"(]},"any":{"@type":"x/t.Check","allowed":true,"reason":""},"byName":{"k":)" +
                check + "}}");
}

TEST(B29ZeroValues, ArgumentsAndThePlainPlanHaveNone) {
  const CodecCase plain(R"(syntax = "proto3"; package t; message Check { bool allowed = 1; })");
  EXPECT_EQ(plain.Answer("t.Check", ""), "{}");
  EXPECT_EQ(plain.Json("t.Check", ""), "{}");
}

}  // namespace
}  // namespace bridge::transcode
