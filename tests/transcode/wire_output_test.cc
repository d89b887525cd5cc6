// What the encoded form means: https://protobuf.dev/programming-guides/encoding/ and the merging
// rules of the binary cases of the conformance suite.

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/transcode/codec_case.h"
#include "tests/transcode/kinds_proto.h"

namespace bridge::transcode {
namespace {

const CodecCase& Kinds() {
  static const CodecCase kinds(kKindsProto);
  return kinds;
}

const CodecCase& Old() {
  static const CodecCase old(kProto2);
  return old;
}

// Builds wire bytes.
std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string Tag(uint32_t number, uint32_t wire_type) {
  return Varint(number << 3 | wire_type);
}
std::string Number(uint32_t number, uint64_t value) {
  return Tag(number, 0) + Varint(value);
}
std::string Bytes(uint32_t number, const std::string& value) {
  return Tag(number, 2) + Varint(value.size()) + value;
}
std::string Fixed32(uint32_t number, const std::string& four) {
  return Tag(number, 5) + four;
}
std::string Fixed64(uint32_t number, const std::string& eight) {
  return Tag(number, 1) + eight;
}
std::string Group(uint32_t number, const std::string& value) {
  return Tag(number, 3) + value + Tag(number, 4);
}

constexpr uint64_t kMinusOne = 0xFFFFFFFFFFFFFFFF;

TEST(WireTest, ScalarsMeanTheirValue) {
  EXPECT_EQ(Kinds().Json("t.Kinds", ""), "{}");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(3, kMinusOne)), R"({"fInt32":-1})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(3, 0xFFFFFFFF)), R"({"fInt32":-1})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(3, 0x100000001)), R"({"fInt32":1})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(3, 0x100000000)), "{}");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(18, 0x100000000)), R"({"oInt32":0})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(13, 0x100000000)), R"({"fBool":true})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(5, kMinusOne)), R"({"fUint32":4294967295})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(7, 3)), R"({"fSint32":-2})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(8, kMinusOne)), R"({"fSint64":"-9223372036854775808"})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Fixed32(2, std::string("\0\0\xC0\x7F", 4))),
            R"({"fFloat":"NaN"})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Fixed32(2, std::string("\1\0\x80\xFF", 4))),
            R"({"fFloat":"NaN"})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Fixed64(1, std::string("\0\0\0\0\0\0\xF0\xFF", 8))),
            R"({"fDouble":"-Infinity"})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(16, 1)), R"({"fColor":"RED"})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(16, 77)), R"({"fColor":77})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(23, 77)), R"({"cNull":null})");
  EXPECT_EQ(Kinds().Json("t.Kinds",
                         Tag(3, 0) + "\x81\x80\x80\x80\x80\x80\x80\x80\x80" + std::string(1, '\0')),
            R"({"fInt32":1})");
}

TEST(WireTest, TheLastScalarWinsAndMessagesMerge) {
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(3, 1) + Number(3, 2)), R"({"fInt32":2})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(3, 1) + Number(3, 0)), "{}");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(14, "a") + Number(3, 1) + Bytes(14, "b")),
            R"({"fInt32":1,"fString":"b"})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(17, Number(1, 1) + Number(4, 1)) +
                                        Bytes(17, Bytes(2, "x") + Number(4, 2))),
            R"({"fLeaf":{"a":1,"b":"x","list":[1,2]}})");
  // Merged three levels deep.
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(17, Bytes(3, Number(1, 1))) + Bytes(17, Number(1, 9)) +
                                        Bytes(17, Bytes(3, Bytes(2, "y")))),
            R"({"fLeaf":{"a":9,"leaf":{"a":1,"b":"y"}}})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(71, Number(1, 5)) + Bytes(71, Number(2, 1000000))),
            R"({"wTime":"1970-01-01T00:00:05.001Z"})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(81, Number(1, 5)) + Bytes(81, "")), R"({"wInt64":"5"})");
}

TEST(WireTest, ALaterOneofMemberClearsTheEarlier) {
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(20, 5) + Bytes(21, "x")), R"({"cString":"x"})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(21, "x") + Number(20, 5)), R"({"cInt32":5})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(20, 0)), R"({"cInt32":0})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(23, 0)), R"({"cNull":null})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(22, Number(1, 1)) + Bytes(22, Bytes(2, "x"))),
            R"({"cLeaf":{"a":1,"b":"x"}})");
  EXPECT_EQ(
      Kinds().Json("t.Kinds", Bytes(22, Number(1, 1)) + Number(20, 5) + Bytes(22, Bytes(2, "x"))),
      R"({"cLeaf":{"b":"x"}})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(22, Number(1, 1)) + Bytes(24, Number(1, 2)) +
                                        Number(3, 7) + Bytes(24, Bytes(2, "z"))),
            R"({"fInt32":7,"cOther":{"a":2,"b":"z"}})");
}

TEST(WireTest, ListsTakeBothFormsInAnyMixture) {
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(33, 1) + Bytes(33, "\x02\x03") + Number(33, 4)),
            R"({"rInt32":[1,2,3,4]})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(33, 1) + Bytes(33, "")), R"({"rInt32":[1]})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(33, 1) + Bytes(33, Number(36, 2))),
            R"({"rInt32":[1,288,2]})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(35, "\x02\x03")), R"({"rUint32":[2,3]})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(33, 1) + Number(3, 9) + Number(33, 2)),
            R"({"fInt32":9,"rInt32":[1,2]})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(33, "")), "{}");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(37, std::string("\1\0\0\0\2\0\0\0", 8))),
            R"({"rFixed32":[1,2]})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(38, std::string("\1\0", 2))),
            R"({"rBool":[true,false]})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(41, "\x01\x4D")), R"({"rColor":["RED",77]})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(42, "") + Bytes(42, Number(1, 1))),
            R"({"rLeaf":[{},{"a":1}]})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(39, "a") + Bytes(39, "")), R"({"rString":["a",""]})");
}

TEST(WireTest, MapsKeepTheLastEntryOfAKey) {
  const auto entry = [](const std::string& k, const std::string& v) {
    return Bytes(51, Bytes(1, k) + Bytes(2, v));
  };
  EXPECT_EQ(Kinds().Json("t.Kinds", entry("a", "1") + entry("b", "2") + entry("a", "3")),
            R"({"mString":{"a":"3","b":"2"}})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(51, "")), R"({"mString":{"":""}})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(51, Bytes(1, "")) + Bytes(51, Bytes(2, "v"))),
            R"({"mString":{"":"v"}})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(51, Bytes(2, "v") + Bytes(1, "k"))),
            R"({"mString":{"k":"v"}})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(51, Bytes(1, "k") + Bytes(1, "l") + Bytes(2, "v"))),
            R"({"mString":{"l":"v"}})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(51, Bytes(1, "k") + Number(9, 1) + Bytes(2, "v"))),
            R"({"mString":{"k":"v"}})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(56, Number(1, 1))), R"({"mBool":{"true":{}}})");
  // One key in two encodings.
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(52, Number(1, kMinusOne) + Number(2, 1)) +
                                        Bytes(52, Number(1, 0xFFFFFFFF) + Number(2, 2))),
            R"({"mInt32":{"-1":2}})");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(56, Number(1, 5) + Bytes(2, Number(1, 1))) +
                                        Bytes(56, Number(1, 1) + Bytes(2, Bytes(2, "x")))),
            R"({"mBool":{"true":{"b":"x"}}})");
  // The parts of one value merge; values of two entries do not.
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(56, Bytes(2, Number(1, 1)) + Bytes(2, Bytes(2, "x")))),
            R"({"mBool":{"false":{"a":1,"b":"x"}}})");
}

TEST(WireTest, ManyMapKeysAreComparedByValue) {
  std::string wire;
  std::string expected = R"({"mInt32":{)";
  for (int i = 0; i < 1000; ++i) wire += Bytes(52, Number(1, i) + Number(2, 1));
  for (int i = 0; i < 1000; ++i) {
    wire += Bytes(52, Number(1, i) + Number(2, i));
    expected += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":" + std::to_string(i);
  }
  EXPECT_EQ(Kinds().Json("t.Kinds", wire), expected + "}}");
}

TEST(WireTest, UnknownFieldsAreSkipped) {
  EXPECT_EQ(Kinds().Json("t.Kinds", Number(999, 1) + Bytes(998, "x") + Fixed32(997, "1234") +
                                        Fixed64(996, "12345678") + Number(3, 1)),
            R"({"fInt32":1})");
  EXPECT_EQ(
      Kinds().Json("t.Kinds", Group(999, Number(1, 1) + Group(2, Bytes(3, "x"))) + Number(3, 1)),
      R"({"fInt32":1})");
  // A known number with another wire type is an unknown field.
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(3, "x") + Number(14, 5) + Number(3, 1)),
            R"({"fInt32":1})");
}

TEST(WireTest, MalformedBytesAreRefused) {
  const std::string malformed =
      "the bytes are not an encoded t.Kinds: truncated, or of another type";
  const std::string rows[] = {
      Tag(3, 0),                            // no value
      std::string("\x18\x80"),              // unfinished varint
      Tag(3, 0) + std::string(10, '\xFF'),  // varint of more than ten bytes
      Tag(14, 2) + "\x05" + "abc",          // length beyond the end
      Tag(14, 2) + "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",
      Tag(2, 5) + "abc",
      Tag(1, 1) + "abc",
      Number(3, 1) + Tag(999, 4),  // end of a group that never began
      Tag(999, 3),                 // group that never ends
      Tag(999, 3) + Tag(998, 4),
      std::string(1, '\0'),  // field number 0
      Tag(3, 6),             // wire types that do not exist
      Tag(3, 7),
      Varint(uint64_t{1} << 35),  // tag of more than 32 bits
      Bytes(999, "x").substr(0, 3),
      Tag(33, 2) + "\x02\x01",
  };
  for (const std::string& wire : rows) {
    EXPECT_EQ(Kinds().Json("t.Kinds", wire), "$: " + malformed) << testing::PrintToString(wire);
  }
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(33, "\x80")), "$.rInt32: malformed packed list");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(37, "abc")), "$.rFixed32: malformed packed list");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(51, "\x0A\x05")), "$.mString: malformed map entry");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(17, "\x08")),
            "$.fLeaf: the bytes are not an encoded t.Leaf: truncated, or of another type");
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += Tag(999, 3);
  for (int i = 0; i < 200; ++i) deep += Tag(999, 4);
  EXPECT_EQ(Kinds().Json("t.Kinds", deep), "$: " + malformed);
}

// Values in values have no level of JSON between them.
TEST(WireTest, ATypeThatOnlyLooksDynamicIsAsDeepAsOthers) {
  const CodecCase impostor(R"(
    syntax = "proto3"; package google.protobuf;
    enum NullValue { NULL_VALUE = 0; }
    message Struct { map<string, Value> fields = 1; }
    message ListValue { repeated Value values = 1; }
    message Value {
      oneof kind { NullValue a = 1; double b = 2; string c = 3; bool d = 4; Value e = 5; ListValue f = 6; }
    })");
  std::string wire;
  for (int i = 0; i < 30'000; ++i) wire = Bytes(5, wire);
  const std::string refusal = impostor.Json("google.protobuf.Value", wire);
  EXPECT_TRUE(refusal.ends_with("nesting deeper than the limit of 100")) << refusal.substr(0, 500);
}

TEST(WireTest, TextMustBeUtf8WhereTheTypeSaysSo) {
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(14, "a\xFF")),
            "$.fString: the string is not valid UTF-8");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(39, "ok") + Bytes(39, "\xC0\x80")),
            "$.rString[1]: the string is not valid UTF-8");
  EXPECT_EQ(Kinds().Json("t.Kinds", Bytes(51, Bytes(1, "\xED\xA0\x80"))),
            "$.mString[\"\"]: the key is not valid UTF-8");
  EXPECT_EQ(Old().Json("p2.Old", Number(1, 1) + Bytes(8, "a\xFFz")),
            "{\"id\":1,\"text\":\"a\xEF\xBF\xBDz\"}");
  EXPECT_EQ(Old().Json("p2.Old", Number(1, 1) + Bytes(6, Bytes(1, "\xFE"))),
            "$.byName[\"\"]: the key is not valid UTF-8");
}

TEST(WireTest, WellKnownTypesAreChecked) {
  const auto json = [](uint32_t number, const std::string& value) {
    return Kinds().Json("t.Kinds", Bytes(number, value));
  };
  const std::string time_error =
      "$.wTime: timestamp outside 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z";
  EXPECT_EQ(json(71, Number(1, 253402300800)), time_error);
  EXPECT_EQ(json(71, Number(1, static_cast<uint64_t>(-62135596801))), time_error);
  EXPECT_EQ(json(71, Number(2, kMinusOne)), time_error);
  EXPECT_EQ(json(71, Number(2, 1000000000)), time_error);
  const std::string duration_error =
      "$.wDuration: duration out of range, or its parts differ in sign";
  EXPECT_EQ(json(72, Number(1, 315576000001)), duration_error);
  EXPECT_EQ(json(72, Number(1, 1) + Number(2, kMinusOne)), duration_error);
  EXPECT_EQ(json(72, Number(1, kMinusOne) + Number(2, 1)), duration_error);
  EXPECT_EQ(json(72, Number(2, 1000000000)), duration_error);
  EXPECT_EQ(json(72, Number(2, kMinusOne)), R"({"wDuration":"-0.000000001s"})");
  const std::string mask_error = "$.wMask: a path of the field mask has no lowerCamelCase form";
  for (const char* path : {"fooBar", "foo_3_bar", "foo__bar", "foo_", "_Foo", ""}) {
    EXPECT_EQ(json(73, Bytes(1, path)), mask_error) << path;
  }
  EXPECT_EQ(json(73, Bytes(1, "foo_bar") + Bytes(1, "baz.q_u")), R"({"wMask":"fooBar,baz.qU"})");
  EXPECT_EQ(json(75, Fixed64(2, std::string("\0\0\0\0\0\0\xF8\x7F", 8))),
            "$.wValue: google.protobuf.Value can not be NaN or infinite");
  EXPECT_EQ(json(75, ""), R"({"wValue":null})");
  EXPECT_EQ(json(75, Number(1, 0) + Bytes(3, "x")), R"({"wValue":"x"})");
  EXPECT_EQ(json(74, Bytes(1, Bytes(1, "a") + Bytes(2, Number(4, 1))) +
                         Bytes(1, Bytes(1, "a") + Bytes(2, Number(4, 0)))),
            R"({"wStruct":{"a":false}})");
  EXPECT_EQ(json(86, Bytes(1, "\xFF")), "$.wString: the string is not valid UTF-8");
}

TEST(WireTest, AnyOfAnUnknownTypeIsNotLost) {
  const auto json = [](const std::string& value) {
    return Kinds().Json("t.Kinds", Bytes(77, value));
  };
  EXPECT_EQ(json(""), R"({"wAny":{}})");
  EXPECT_EQ(json(Bytes(1, "x/no.Such") + Bytes(2, "\x01\x02")),
            R"({"wAny":{"@type":"x/no.Such","value":"AQI="}})");
  EXPECT_EQ(json(Bytes(1, "t.Leaf")), R"({"wAny":{"@type":"t.Leaf","value":""}})");
  EXPECT_EQ(json(Bytes(2, "\x01")), R"({"wAny":{"@type":"","value":"AQ=="}})");
  EXPECT_EQ(json(Bytes(1, "x/t.Leaf") + Bytes(2, Number(1, 7))),
            R"({"wAny":{"@type":"x/t.Leaf","a":7}})");
  EXPECT_EQ(json(Bytes(1, "x/t.Leaf") + Bytes(2, "\x08")),
            "$.wAny: the bytes are not an encoded t.Leaf: truncated, or of another type");
  EXPECT_EQ(json(Bytes(1, "x/t.\xFF")), "$.wAny: the type URL is not valid UTF-8");
}

TEST(Proto2Test, GroupsExtensionsRequiredAndClosedEnums) {
  const std::string_view rows[] = {
      R"({"id":0})",
      R"({"id":1,"level":"HIGH","levels":["LOW","HIGH"]})",
      R"({"id":1,"part":{"name":"","inner":{"id":2}},"item":[{"n":1},{}]})",
      R"({"id":1,"byName":{"a":"OFF"},"packed":[1,2],"text":""})",
      R"({"id":1,"[p2.size]":0,"[p2.tags]":["a"],"[p2.Scope.nested]":{"id":3}})",
  };
  for (const std::string_view json : rows) EXPECT_EQ(Old().Round("p2.Old", json), json);
  EXPECT_EQ(Old().Wire("p2.Old", R"({"id":1,"part":{"name":"x"}})"),
            Number(1, 1) + Group(4, Bytes(1, "x")));
  EXPECT_EQ(Old().Wire("p2.Wide", R"({"unpacked":[1,2]})"), Number(1, 1) + Number(1, 2));
  EXPECT_EQ(Old().Wire("p2.Old", R"({"id":1,"packed":[1,2]})"),
            Number(1, 1) + Bytes(7, "\x01\x02"));
}

TEST(Proto2Test, WhatIsRefused) {
  EXPECT_EQ(Old().Wire("p2.Old", "{}"), "$: required field \"id\" is missing");
  EXPECT_EQ(Old().Wire("p2.Old", R"({"id":null})"),
            "$.id: null is not allowed for a required field");
  EXPECT_EQ(Old().Wire("p2.Old", R"({"id":1,"part":{"inner":{}}})"),
            "$.part.inner: required field \"id\" is missing");
  EXPECT_EQ(Old().Wire("p2.Old", R"({"id":1,"level":2})"),
            "$.level: unknown enum value 2; expected \"LOW\" or \"HIGH\"");
  EXPECT_EQ(Old().Wire("p2.Old", R"({"id":1,"[p2.none]":2})").substr(0, 33),
            "$: unknown field \"[p2.none]\"; did");
  EXPECT_EQ(Old().Json("p2.Old", ""), "$: required field \"id\" is missing");
  EXPECT_EQ(Old().Json("p2.Old", Number(2, 1)), "$: required field \"id\" is missing");
}

TEST(Proto2Test, UnknownValuesOfClosedEnumsAreUnknownFields) {
  EXPECT_EQ(Old().Json("p2.Old", Number(1, 1) + Number(2, 5) + Number(2, 77)),
            R"({"id":1,"level":"HIGH"})");
  EXPECT_EQ(
      Old().Json("p2.Old", Number(1, 1) + Number(3, 1) + Number(3, 77) + Bytes(3, "\x05\x4D")),
      R"({"id":1,"levels":["LOW","HIGH"]})");
  EXPECT_EQ(Old().Json("p2.Old", Number(1, 1) + Number(3, 77)), R"({"id":1})");
  EXPECT_EQ(Old().Json("p2.Old", Number(1, 1) + Bytes(6, Bytes(1, "a") + Number(2, 77)) +
                                     Bytes(6, Bytes(1, "b") + Number(2, 5))),
            R"({"id":1,"byName":{"b":"ON"}})");
  EXPECT_EQ(Old().Json("p2.Old", Number(1, 1) + Bytes(6, Bytes(1, "a"))),
            R"({"id":1,"byName":{"a":"OFF"}})");
}

TEST(Proto2Test, MalformedGroups) {
  const std::string malformed =
      "$: the bytes are not an encoded p2.Old: truncated, or of another type";
  EXPECT_EQ(Old().Json("p2.Old", Number(1, 1) + Tag(4, 3) + Bytes(1, "x")), malformed);
  EXPECT_EQ(Old().Json("p2.Old", Number(1, 1) + Tag(4, 3) + Tag(5, 4)), malformed);
  EXPECT_EQ(Old().Json("p2.Old", Number(1, 1) + Group(4, Bytes(1, "x")) + Group(5, "") +
                                     Group(4, Bytes(2, Number(1, 3)))),
            R"({"id":1,"part":{"name":"x","inner":{"id":3}},"item":[{}]})");
}

}  // namespace
}  // namespace bridge::transcode
