// Damaged input: whatever bytes arrive, a conversion ends with a result or an error, and what it
// accepts is well-formed. Fixed seed; the sanitizers watch the rest.

#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/base/json_cursor.h"
#include "gtest/gtest.h"
#include "tests/transcode/codec_case.h"
#include "tests/transcode/kinds_proto.h"

namespace bridge::transcode {
namespace {

constexpr int kRounds = 30000;

const std::string_view kTexts[] = {
    R"({"fDouble":0.1,"fFloat":"NaN","fInt32":-7,"fInt64":"9007199254740993","fBool":true,)"
    R"("fString":"t\u00e9xt \ud83d\ude00","fBytes":"AQID","fColor":"RED","cLeaf":{"list":[1,2]}})",
    R"({"rInt32":[1,-1],"rString":["a",""],"rLeaf":[{},{"a":2}],"mString":{"a":"b","c":"d"},)"
    R"("mInt32":{"1":2,"-1":0},"mBool":{"true":{"a":1}},"rColor":["RED",5]})",
    R"({"wTime":"2025-01-31T12:00:00.5Z","wDuration":"-1.500s","wMask":"fooBar,baz",)"
    R"("wStruct":{"a":[1,null,{"b":"c"}]},"wValue":true,"wInt64":"5","wString":"",)"
    R"("wAny":{"@type":"x/t.Leaf","b":"any"},"rwAny":[{"@type":"x/google.protobuf.Duration",)"
    R"("value":"1s"}]})",
};

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  std::string Mutate(std::string text, const std::vector<std::string>& pieces) {
    for (uint64_t n = 1 + random_() % 3; n > 0; --n) {
      const size_t at = text.empty() ? 0 : random_() % text.size();
      const size_t size = random_() % 8;
      switch (random_() % 6) {
        case 0:
          if (!text.empty()) text[at] = static_cast<char>(random_());
          break;
        case 1:
          text.erase(at, size);
          break;
        case 2:
          text.resize(at);
          break;
        case 3:
          text.insert(at, pieces[random_() % pieces.size()]);
          break;
        case 4:
          text.insert(at, text.substr(at, size * 4));
          break;
        default:
          if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << random_() % 8));
      }
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

// True if the text was accepted: then it is JSON, and the writer can print what the parser wrote.
bool CheckJson(const CodecCase& codec_case, const char* message, const std::string& json,
               const ParseOptions& options) {
  const Plan& plan = codec_case.plan(message);
  std::string wire;
  std::string again;
  CodecError error;
  if (!codec_case.codec().JsonToWire(plan, json, options, &wire, &error)) {
    EXPECT_TRUE(wire.empty() && !error.message.empty() && error.path.starts_with('$')) << json;
    return false;
  }
  EXPECT_TRUE(IsValidJson(json)) << json;
  EXPECT_TRUE(codec_case.codec().WireToJson(plan, wire, &again, &error))
      << error.path << ": " << error.message << "\n"
      << json;
  EXPECT_TRUE(IsValidJson(again)) << again;
  return true;
}

// True if the bytes were accepted: then all of it can be read back, but for an Any of a type that
// is not known.
bool CheckWire(const CodecCase& codec_case, const char* message, const std::string& wire) {
  const Plan& plan = codec_case.plan(message);
  std::string json;
  std::string again;
  CodecError error;
  if (!codec_case.codec().WireToJson(plan, wire, &json, &error)) {
    EXPECT_TRUE(json.empty() && !error.message.empty());
    return false;
  }
  EXPECT_TRUE(IsValidJson(json)) << json;
  if (json.find("@type") == std::string::npos) {
    EXPECT_TRUE(codec_case.codec().JsonToWire(plan, json, {}, &again, &error))
        << error.path << ": " << error.message << "\n"
        << json;
  }
  return true;
}

TEST(MutationTest, DamagedJsonIsRefusedOrUnderstood) {
  const CodecCase kinds(kKindsProto, {.max_depth = 20});
  const CodecCase old(kProto2, {.max_depth = 20});
  const std::vector<std::string> pieces = {"{",
                                           "}",
                                           "[",
                                           "]",
                                           "\"",
                                           ",",
                                           ":",
                                           "null",
                                           "\\",
                                           "\\u",
                                           "\\ud800",
                                           "1e999",
                                           "-",
                                           "0",
                                           ".",
                                           "\xC3",
                                           "\"@type\":\"x/t.Kinds\"",
                                           "\"id\":1,",
                                           "{\"leaf\":",
                                           "[[[[",
                                           "\"fInt32\":1,"};
  Mutator mutator(20260731);
  int accepted = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string json = mutator.Mutate(std::string(kTexts[i % std::size(kTexts)]), pieces);
    const ParseOptions options{.ignore_unknown = i % 2 == 0};
    accepted += CheckJson(kinds, "t.Kinds", json, options) ? 1 : 0;
    accepted += CheckJson(old, "p2.Old", json, options) ? 1 : 0;
  }
  EXPECT_GT(accepted, kRounds / 50);  // else the mutations test nothing but the first byte
}

TEST(MutationTest, DamagedWireIsRefusedOrUnderstood) {
  const CodecCase kinds(kKindsProto, {.max_depth = 20});
  const CodecCase old(kProto2, {.max_depth = 20});
  std::vector<std::string> seeds;
  for (const std::string_view text : kTexts) seeds.push_back(kinds.Wire("t.Kinds", text));
  seeds.push_back(
      old.Wire("p2.Old", R"({"id":1,"part":{"name":"x","inner":{"id":2}},"item":[{}]})"));
  const std::vector<std::string> pieces = {
      "\x80", "\xFF\xFF\xFF\xFF\x0F",     std::string(1, '\0'),     "\x23",    "\x24", "\x2B",
      "\x2C", std::string("\x08\x00", 2), "\x9A\x03\x04\x0A\x02hi", "\x0A\x7F"};
  Mutator mutator(20260801);
  int accepted = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string wire = mutator.Mutate(seeds[static_cast<size_t>(i) % seeds.size()], pieces);
    accepted += CheckWire(kinds, "t.Kinds", wire) ? 1 : 0;
    accepted += CheckWire(old, "p2.Old", wire) ? 1 : 0;
  }
  EXPECT_GT(accepted, kRounds / 50);
}

}  // namespace
}  // namespace bridge::transcode
