// What ProtoJSON cannot write: an answer of a tool has it in a readable form, the plain codec
// fails.

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/transcode/codec_case.h"
#include "tests/transcode/kinds_proto.h"
#include "tests/transcode/wire_bytes.h"

namespace bridge::transcode {
namespace {

const CodecCase& Kinds() {
  static const CodecCase kinds(kKindsProto);
  return kinds;
}

// A Timestamp or Duration.
std::string Time(int64_t seconds, int64_t nanos) {
  return WireNumber(1, static_cast<uint64_t>(seconds)) +
         WireNumber(2, static_cast<uint64_t>(nanos));
}

std::string Double(uint64_t bits) {
  std::string bytes = WireTag(2, 1);
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(bits >> 8 * i);
  return bytes;
}

void ExpectReadable(const std::string& wire, const std::string& json, std::string_view refusal) {
  // Something around it, so that one value is not all.
  const std::string before = WireNumber(3, 1);
  const std::string behind = WireBytes(101, "z");
  EXPECT_EQ(Kinds().Answer("t.Kinds", before + wire + behind),
            R"({"fInt32":1,)" + json + R"(,"@odd name":"z"})");
  EXPECT_EQ(Kinds().Json("t.Kinds", before + wire + behind), refusal);
}

constexpr std::string_view kTimestamp =
    "$.wTime: timestamp outside 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z";
constexpr std::string_view kDuration =
    "$.wDuration: duration out of range, or its parts differ in sign";

TEST(B13Readable, Timestamps) {
  const struct {
    int64_t seconds;
    int64_t nanos;
    std::string_view text;
  } rows[] = {
      {253402300800, 0, "+10000-01-01T00:00:00Z"},
      {253402300799, 1'000'000'000, "+10000-01-01T00:00:00Z"},
      {-62135596801, 0, "0000-12-31T23:59:59Z"},
      {-62135596801, 999'000'000, "0000-12-31T23:59:59.999Z"},
      {-62198755200, 0, "-0001-01-01T00:00:00Z"},
      {5, -1, "1970-01-01T00:00:04.999999999Z"},
      {0, 2'000'000'000, "1970-01-01T00:00:02Z"},
      {INT64_MAX, 999'999'999, "+292277026596-12-04T15:30:07.999999999Z"},
      {INT64_MIN, 0, "-292277022657-01-27T08:29:52Z"},
  };
  for (const auto& row : rows) {
    ExpectReadable(WireBytes(71, Time(row.seconds, row.nanos)),
                   R"("wTime":")" + std::string(row.text) + '"', kTimestamp);
  }
}

TEST(B13Readable, Durations) {
  const struct {
    int64_t seconds;
    int64_t nanos;
    std::string_view text;
  } rows[] = {
      {315'576'000'001, 0, "315576000001s"},
      {INT64_MAX, 999'999'999, "9223372036854775807.999999999s"},
      {INT64_MIN, 0, "-9223372036854775808s"},
      {5, -1, "4.999999999s"},
      {-1, 500'000'000, "-0.500s"},
      {0, 1'500'000'000, "1.500s"},
  };
  for (const auto& row : rows) {
    ExpectReadable(WireBytes(72, Time(row.seconds, row.nanos)),
                   R"("wDuration":")" + std::string(row.text) + '"', kDuration);
  }
}

TEST(B13Readable, MaskPaths) {
  constexpr std::string_view kRefusal =
      "$.wMask: a path of the field mask has no lowerCamelCase form";
  ExpectReadable(WireBytes(73, WireBytes(1, "address_line_1") + WireBytes(1, "b_c")),
                 R"("wMask":"address_line_1,bC")", kRefusal);
  ExpectReadable(WireBytes(73, WireBytes(1, "labels.\"x\"") + WireBytes(1, "*")),
                 R"("wMask":"labels.\"x\",*")", kRefusal);
  ExpectReadable(WireBytes(73, WireBytes(1, "fooBar")), R"("wMask":"fooBar")", kRefusal);
}

TEST(B13Readable, NumbersOfValues) {
  constexpr std::string_view kRefusal =
      "$.wValue: google.protobuf.Value can not be NaN or infinite";
  ExpectReadable(WireBytes(75, Double(0x7FF8000000000000)), R"("wValue":"NaN")", kRefusal);
  ExpectReadable(WireBytes(75, Double(0x7FF0000000000000)), R"("wValue":"Infinity")", kRefusal);
  ExpectReadable(WireBytes(75, Double(0xFFF0000000000000)), R"("wValue":"-Infinity")", kRefusal);
  ExpectReadable(
      WireBytes(74, WireBytes(1, WireBytes(1, "a") + WireBytes(2, Double(0x7FF8000000000000)))),
      R"("wStruct":{"a":"NaN"})", "$.wStruct.a: google.protobuf.Value can not be NaN or infinite");
}

TEST(B13Readable, TextThatIsNotUtf8) {
  ExpectReadable(WireBytes(14, "a\xFFz"), "\"fString\":\"a\xEF\xBF\xBDz\"",
                 "$.fString: the string is not valid UTF-8");
  ExpectReadable(WireBytes(39, "fine") + WireBytes(39, "\xC3("),
                 "\"rString\":[\"fine\",\"\xEF\xBF\xBD(\"]",
                 "$.rString[1]: the string is not valid UTF-8");
  // Different keys stay different.
  const auto entry = [](const std::string& key) {
    return WireBytes(51, WireBytes(1, key) + WireBytes(2, "v"));
  };
  ExpectReadable(entry("k\xFF") + entry("k\xFE"), R"("mString":{"k\\xFF":"v","k\\xFE":"v"})",
                 "$.mString[\"k\"]: the key is not valid UTF-8");
}

TEST(B13Readable, AnysThatCannotBeDecoded) {
  const auto any = [](const std::string& url, const std::string& value) {
    return WireBytes(77, WireBytes(1, url) + WireBytes(2, value));
  };
  const std::string bad_leaf = WireNumber(1, 1) + "\x12";  // a string without its length
  ExpectReadable(any("x/t.Leaf", bad_leaf), R"("wAny":{"@type":"x/t.Leaf","value":"CAES"})",
                 "$.wAny: the bytes are not an encoded t.Leaf: truncated, or of another type");
  // As deep inside as possible: what is around it is written as ever.
  const std::string inner = WireBytes(1, "x/t.Leaf") + WireBytes(2, bad_leaf);
  EXPECT_EQ(
      Kinds().Answer("t.Kinds", any("x/google.protobuf.Any", inner)),
      R"({"wAny":{"@type":"x/google.protobuf.Any","value":{"@type":"x/t.Leaf","value":"CAES"}}})");
  EXPECT_EQ(Kinds().Answer("t.Kinds", WireBytes(93, inner) +
                                          WireBytes(93, WireBytes(1, "x/t.Leaf") +
                                                            WireBytes(2, WireNumber(1, 5)))),
            R"({"rwAny":[{"@type":"x/t.Leaf","value":"CAES"},{"@type":"x/t.Leaf","a":5}]})");
  const CodecCase old(
      std::string(kProto2) +
      "message Named { required string name = 1; } message Lists { repeated Named named = 1; }");
  EXPECT_EQ(old.Answer("p2.Lists", WireBytes(1, "") + WireBytes(1, WireBytes(1, "x"))),
            R"({"named":[{},{"name":"x"}]})");
}

TEST(B13Readable, WhatIsNoMessageStillFails) {
  EXPECT_EQ(Kinds().Answer("t.Kinds", "\x18"),
            "$: the bytes are not an encoded t.Kinds: truncated, or of another type");
  EXPECT_EQ(Kinds().Answer("t.Kinds", WireBytes(17, "\x12")),
            "$.fLeaf: the bytes are not an encoded t.Leaf: truncated, or of another type");
}

TEST(B11OpaqueAny, ComesBackAsItWas) {
  const struct {
    std::string url;
    std::string value;
    std::string_view json;
  } rows[] = {
      {"x/unknown.Type", "\x08\x01", R"({"@type":"x/unknown.Type","value":"CAE="})"},
      {"x/unknown.Type", "", R"({"@type":"x/unknown.Type","value":""})"},
      {"no url", "abc", R"({"@type":"no url","value":"YWJj"})"},
      {"", "abc", R"({"@type":"","value":"YWJj"})"},
      {"x/t.Leaf", "\x12", R"({"@type":"x/t.Leaf","value":"Eg=="})"},
  };
  for (const auto& row : rows) {
    const std::string value = row.value.empty() ? "" : WireBytes(2, row.value);
    const std::string any = WireBytes(1, row.url) + value;
    const std::string json(row.json);
    // At the root, in a field, in a list, in another Any, with its members in either order.
    if (!row.url.empty()) {
      EXPECT_EQ(Kinds().Answer("google.protobuf.Any", any), json);
      EXPECT_EQ(Kinds().Arguments("google.protobuf.Any", json), any);
      const std::string kinds = R"({"wAny":)" + json + R"(,"rwAny":[)" + json + "]}";
      EXPECT_EQ(Kinds().Tool("t.Kinds", kinds), kinds);
      const std::string nested = R"({"@type":"x/google.protobuf.Any","value":)" + json + "}";
      EXPECT_EQ(Kinds().Tool("google.protobuf.Any", nested), nested);
      const std::string swapped = R"({"value":)" + json.substr(json.find("value") + 7);
      EXPECT_EQ(Kinds().Tool("google.protobuf.Any", swapped.substr(0, swapped.size() - 1) +
                                                        R"(,"@type":")" + row.url + "\"}"),
                json);
    } else {
      EXPECT_EQ(Kinds().Answer("google.protobuf.Any", any), json);
    }
    EXPECT_TRUE(Kinds().Wire("google.protobuf.Any", json).starts_with("$")) << json;
  }
}

TEST(B11OpaqueAny, NothingElseOfATypeThatIsNotKnown) {
  constexpr std::string_view kUnknown =
      "$[\"@type\"]: unknown message type \"x/Nothing\"; its bytes alone can be given, in base64 "
      "as "
      "\"value\"";
  EXPECT_EQ(Kinds().Arguments("google.protobuf.Any", R"({"@type":"x/Nothing"})"), kUnknown);
  EXPECT_EQ(Kinds().Arguments("google.protobuf.Any", R"({"@type":"x/Nothing","a":1})"), kUnknown);
  EXPECT_EQ(Kinds().Arguments("google.protobuf.Any", R"({"@type":"x/Nothing","value":{}})"),
            kUnknown);
  EXPECT_EQ(
      Kinds().Arguments("google.protobuf.Any", R"({"@type":"x/Nothing","value":"YQ==","b":1})"),
      kUnknown);
  EXPECT_EQ(Kinds().Arguments("google.protobuf.Any", R"({"@type":"x/Nothing","value":"a"})"),
            "$.value: expected base64 with padding, such as \"aGVsbG8=\", found \"a\"; send "
            "\"YQ==\" if it is text");
  // A type with a form of its own, and one with a field `value`, have that there.
  EXPECT_EQ(Kinds().Tool("google.protobuf.Any",
                         R"({"@type":"x/google.protobuf.StringValue","value":"YQ=="})"),
            R"({"@type":"x/google.protobuf.StringValue","value":"YQ=="})");
  const CodecCase held(
      "syntax = \"proto3\"; package t; import \"google/protobuf/any.proto\";"
      "message Held { string value = 1; google.protobuf.Any any = 2; }");
  EXPECT_EQ(held.Arguments("t.Held", R"({"any":{"@type":"x/t.Held","value":"YQ=="}})"),
            WireBytes(2, WireBytes(1, "x/t.Held") + WireBytes(2, WireBytes(1, "YQ=="))));
}

}  // namespace
}  // namespace bridge::transcode
