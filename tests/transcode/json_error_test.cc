// What is refused, where, and in which words: a model has to be able to act on them in one turn.

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

struct Refused {
  std::string_view json;
  std::string_view error;  // "path: message"
};

class RefusedTest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedTest, NamesThePlaceAndTheRemedy) {
  EXPECT_EQ(Kinds().Wire("t.Kinds", GetParam().json), GetParam().error) << GetParam().json;
}

#define INT32 "expected an integer from -2147483648 to 2147483647"
#define UINT32 "expected an integer from 0 to 4294967295"
#define INT64 "expected a whole 64-bit number in quotes, such as \"42\""
#define UINT64 "expected a whole unsigned 64-bit number in quotes, such as \"42\""
#define DOUBLE "expected a number, \"NaN\", \"Infinity\" or \"-Infinity\""
#define TIME "expected an RFC 3339 timestamp with a time zone, such as \"2025-01-31T12:00:00Z\""
#define DURATION "expected a duration in seconds with the suffix s, such as \"1.5s\""
#define MASK \
  "expected a string of comma-separated lowerCamelCase paths, such as \"displayName,labels\""
#define COLOR "expected \"COLOR_NONE\", \"RED\" or \"BLUE\""
#define KINDS                                                                              \
  "expected an object with \"fDouble\", \"fFloat\", \"fInt32\", \"fInt64\", \"fUint32\", " \
  "\"fUint64\", "                                                                          \
  "\"fSint32\", \"fSint64\", \"fFixed32\", \"fFixed64\" and 59 more"
#define TYPE_URL "expected a type URL such as \"type.googleapis.com/package.Message\""

INSTANTIATE_TEST_SUITE_P(
    Syntax, RefusedTest,
    testing::Values(
        Refused{"", "$: invalid JSON at byte 0: unexpected end of text"},
        Refused{"null", "$: " KINDS ", found null"}, Refused{"[]", "$: " KINDS ", found an array"},
        Refused{"\"x\"", "$: " KINDS ", found a string (\"x\")"},
        Refused{"{} {}", "$: invalid JSON at byte 3: unexpected text after the value"},
        Refused{R"({"fInt32":1,})",
                "$: invalid JSON at byte 12: expected a member name in double quotes"},
        Refused{R"({fInt32:1})",
                "$: invalid JSON at byte 1: expected a member name in double quotes"},
        Refused{R"({"fInt32":})",
                "$.fInt32: invalid JSON at byte 10: unexpected character, expected a value"},
        Refused{R"({"rInt32":[1,]})",
                "$.rInt32[1]: invalid JSON at byte 13: unexpected character, expected a value"},
        Refused{R"({"fInt32":01})", "$.fInt32: invalid JSON at byte 10: leading zero in number"},
        Refused{R"({"fDouble":NaN})",
                "$.fDouble: invalid JSON at byte 11: unexpected character, expected a value"},
        Refused{"{\"fString\":\"a\tb\"}",
                "$.fString: invalid JSON at byte 13: raw control character in string"},
        Refused{"{\"fString\":\"\xC0\x80\"}",
                "$.fString: invalid JSON at byte 12: string is not valid UTF-8"},
        Refused{R"({"fString":"\ud800"})",
                "$.fString: invalid JSON at byte 12: unpaired surrogate in string"}));

INSTANTIATE_TEST_SUITE_P(
    Members, RefusedTest,
    testing::Values(
        Refused{R"({"fint32":1})", "$: unknown field \"fint32\"; did you mean \"fInt32\"?"},
        Refused{R"({"fLeaf":{"zzzzzz":1}})",
                "$.fLeaf: unknown field \"zzzzzz\"; expected \"a\", \"b\", \"leaf\" or \"list\""},
        Refused{R"({"qqqqqqqqqq":1})",
                "$: unknown field \"qqqqqqqqqq\"; expected \"fDouble\", \"fFloat\", \"fInt32\", "
                "\"fInt64\", \"fUint32\", \"fUint64\", \"fSint32\", \"fSint64\", \"fFixed32\", "
                "\"fFixed64\" and 59 more"},
        Refused{R"({"wEmpty":{"a":1}})", "$.wEmpty: unknown field \"a\"; the object has no fields"},
        Refused{R"({"fInt32":1,"fInt32":1})",
                "$.fInt32: duplicate field \"fInt32\"; it may be given only once"},
        Refused{R"({"fInt32":1,"f_int32":1})",
                "$.fInt32: duplicate field \"fInt32\"; it may be given only once"},
        Refused{R"({"fInt32":null,"fInt32":1})",
                "$.fInt32: duplicate field \"fInt32\"; it may be given only once"},
        Refused{R"({"cInt32":1,"cString":"x"})",
                "$.cString: \"cInt32\" and \"cString\" can not both be set: they are alternatives "
                "of \"choice\""},
        Refused{R"({"cInt32":1,"cNull":null})",
                "$.cNull: \"cInt32\" and \"cNull\" can not both be set: they are alternatives of "
                "\"choice\""}));

INSTANTIATE_TEST_SUITE_P(
    Integers, RefusedTest,
    testing::Values(
        Refused{R"({"fInt32":0.5})", "$.fInt32: " INT32 ", found a number (0.5)"},
        Refused{R"({"fInt32":2147483648})", "$.fInt32: out of range; " INT32},
        Refused{R"({"fInt32":-2147483649})", "$.fInt32: out of range; " INT32},
        Refused{R"({"fInt32":""})", "$.fInt32: " INT32 ", found \"\""},
        Refused{R"({"fInt32":" 1"})", "$.fInt32: " INT32 ", found \" 1\""},
        Refused{R"({"fInt32":"1 "})", "$.fInt32: " INT32 ", found \"1 \""},
        Refused{R"({"fInt32":"12abc"})", "$.fInt32: " INT32 ", found \"12abc\""},
        Refused{R"({"fInt32":"12 34"})", "$.fInt32: " INT32 ", found \"12 34\""},
        Refused{R"({"fInt32":"12,34"})", "$.fInt32: " INT32 ", found \"12,34\""},
        Refused{"{\"fInt32\":\"12\xE8\xB0\xB7\"}", "$.fInt32: " INT32 ", found \"12\xE8\xB0\xB7\""},
        Refused{R"({"fInt32":"3x3"})", "$.fInt32: " INT32 ", found \"3x3\""},
        Refused{R"({"fInt32":"0x10"})", "$.fInt32: " INT32 ", found \"0x10\""},
        Refused{R"({"fInt32":true})", "$.fInt32: " INT32 ", found true"},
        Refused{R"({"fInt32":[1]})", "$.fInt32: " INT32 ", found an array"},
        Refused{R"({"fUint32":-1})", "$.fUint32: out of range; " UINT32},
        Refused{R"({"fUint32":4294967296})", "$.fUint32: out of range; " UINT32},
        Refused{R"({"fInt64":9223372036854775808})", "$.fInt64: out of range; " INT64},
        Refused{R"({"fInt64":"-9223372036854775809"})", "$.fInt64: out of range; " INT64},
        Refused{R"({"fUint64":"18446744073709551616"})", "$.fUint64: out of range; " UINT64},
        Refused{R"({"fUint64":"1e536870000"})", "$.fUint64: out of range; " UINT64},
        Refused{R"({"fUint64":"1e-536870000"})",
                "$.fUint64: " UINT64 ", found a string (\"1e-536870000\")"}));

INSTANTIATE_TEST_SUITE_P(
    Scalars, RefusedTest,
    testing::Values(
        Refused{R"({"fDouble":1.89769e+308})", "$.fDouble: out of range; " DOUBLE},
        Refused{R"({"fDouble":""})", "$.fDouble: " DOUBLE ", found \"\""},
        Refused{R"({"fDouble":"nan"})", "$.fDouble: " DOUBLE ", found \"nan\""},
        Refused{R"({"fDouble":"inf"})", "$.fDouble: " DOUBLE ", found \"inf\""},
        Refused{R"({"fDouble":"0x10"})", "$.fDouble: " DOUBLE ", found \"0x10\""},
        Refused{R"({"fFloat":3.502823e+38})",
                "$.fFloat: out of range; expected a number in the range of a 32-bit float, "
                "\"NaN\", \"Infinity\" or \"-Infinity\""},
        Refused{R"({"fBool":0})",
                "$.fBool: expected true or false without quotes, found a number (0)"},
        Refused{R"({"fBool":"true"})",
                "$.fBool: expected true or false without quotes, found a string (\"true\")"},
        Refused{R"({"fBool":True})",
                "$.fBool: invalid JSON at byte 9: unexpected character, expected a value"},
        Refused{R"({"fString":5})", "$.fString: expected a string, found a number (5)"},
        Refused{R"({"fString":{}})", "$.fString: expected a string, found an object"},
        Refused{R"({"fBytes":"A"})", "$.fBytes: expected a base64 string, found \"A\""},
        Refused{R"({"fBytes":"A*=="})", "$.fBytes: expected a base64 string, found \"A*==\""},
        Refused{R"({"fBytes":"AQ="})", "$.fBytes: expected a base64 string, found \"AQ=\""},
        Refused{R"({"fColor":"red"})",
                "$.fColor: unknown enum value \"red\"; did you mean \"RED\"?"},
        Refused{R"({"fColor":"PURPLE"})", "$.fColor: unknown enum value \"PURPLE\"; " COLOR},
        Refused{R"({"rColor":["RED","PURPLE"]})",
                "$.rColor[1]: unknown enum value \"PURPLE\"; " COLOR},
        Refused{R"({"mSint32":{"7":"PURPLE"}})",
                "$.mSint32[\"7\"]: unknown enum value \"PURPLE\"; " COLOR},
        Refused{R"({"fColor":true})", "$.fColor: " COLOR ", found true"},
        Refused{R"({"wNull":0.5})", "$.wNull: expected null, found a number (0.5)"},
        Refused{
            R"({"fString":["0123456789012345678901234567890123456789012345678901234567890123456789"]})",
            "$.fString: expected a string, found an array"},
        Refused{
            R"({"fInt32":"0123456789012345678901234567890123456789012345678901234567890123456789"})",
            "$.fInt32: " INT32
            ", found \"0123456789012345678901234567890123456789012345678901234567890123...\""}));

INSTANTIATE_TEST_SUITE_P(
    Containers, RefusedTest,
    testing::Values(
        Refused{R"({"rInt32":1})", "$.rInt32: expected an array, found a number (1)"},
        Refused{R"({"rInt32":[[1]]})", "$.rInt32[0]: " INT32 ", found an array"},
        Refused{R"({"rInt32":[1,null]})",
                "$.rInt32[1]: null is not allowed in a list; leave the element out"},
        Refused{R"({"rLeaf":[null]})",
                "$.rLeaf[0]: null is not allowed in a list; leave the element out"},
        Refused{R"({"rLeaf":[{},{"list":[1,"x"]}]})", "$.rLeaf[1].list[1]: " INT32 ", found \"x\""},
        Refused{
            R"({"fLeaf":[]})",
            "$.fLeaf: expected an object with \"a\", \"b\", \"leaf\" or \"list\", found an array"},
        Refused{R"({"mInt32":[]})", "$.mInt32: expected an object, found an array"},
        Refused{R"({"mString":{"a":null}})",
                "$.mString.a: null is not allowed as a map value; leave the key out"},
        Refused{R"({"mString":{"a b":1}})",
                "$.mString[\"a b\"]: expected a string, found a number (1)"},
        Refused{R"({"mString":{"a":"x","\u0061":"y"}})",
                "$.mString.a: duplicate map key; every key may be given only once"},
        Refused{R"({"mInt32":{"1":1,"1":2}})",
                "$.mInt32[\"1\"]: duplicate map key; every key may be given only once"},
        Refused{R"({"mInt32":{"1.0":1}})",
                "$.mInt32[\"1.0\"]: expected a decimal integer as the key, found \"1.0\""},
        Refused{R"({"mInt32":{"":1}})",
                "$.mInt32[\"\"]: expected a decimal integer as the key, found \"\""},
        Refused{R"({"mInt32":{"2147483648":1}})", "$.mInt32[\"2147483648\"]: out of range; " INT32},
        Refused{R"({"mUint32":{"-1":true}})", "$.mUint32[\"-1\"]: out of range; " UINT32},
        Refused{R"({"mBool":{"True":{}}})",
                "$.mBool.True: expected a key \"true\" or \"false\", found \"True\""}));

INSTANTIATE_TEST_SUITE_P(
    WellKnown, RefusedTest,
    testing::Values(
        Refused{R"({"wTime":1})", "$.wTime: " TIME ", found a number (1)"},
        Refused{R"({"wTime":{"seconds":1}})", "$.wTime: " TIME ", found an object"},
        Refused{R"({"wTime":"yesterday"})", "$.wTime: " TIME ", found \"yesterday\""},
        Refused{R"({"rwTime":["1970-01-01T00:00:00Z","x"]})", "$.rwTime[1]: " TIME ", found \"x\""},
        Refused{R"({"wDuration":"1"})", "$.wDuration: " DURATION ", found \"1\""},
        Refused{R"({"wMask":"foo,bar_baz"})", "$.wMask: " MASK ", found \"bar_baz\""},
        Refused{R"({"wMask":"foo,"})", "$.wMask: " MASK ", found \"foo,\""},
        Refused{R"({"wMask":["a"]})", "$.wMask: " MASK ", found an array"},
        Refused{R"({"wValue":1e400})",
                "$.wValue: out of range; expected a number in the range of a double"},
        Refused{R"({"wStruct":{"a":[0,{"b":1e400}]}})",
                "$.wStruct.a[1].b: out of range; expected a number in the range of a double"},
        Refused{R"({"wStruct":{"a":1,"a":2}})",
                "$.wStruct.a: duplicate map key; every key may be given only once"},
        Refused{R"({"wStruct":[]})", "$.wStruct: expected an object, found an array"},
        Refused{R"({"wList":{}})", "$.wList: expected an array, found an object"},
        Refused{R"({"wInt64":true})", "$.wInt64: " INT64 ", found true"},
        Refused{R"({"wBool":"x"})",
                "$.wBool: expected true or false without quotes, found a string (\"x\")"},
        Refused{R"({"wAny":[]})", "$.wAny: expected an object with \"@type\", found an array"},
        Refused{R"({"wAny":{"a":1}})", "$.wAny: expected a member \"@type\" with a type URL"},
        Refused{R"({"wAny":{"@type":""}})", "$.wAny[\"@type\"]: " TYPE_URL},
        Refused{R"({"wAny":{"@type":"","value":""}})", "$.wAny[\"@type\"]: " TYPE_URL},
        Refused{R"({"wAny":{"@type":"t.Leaf","a":1}})", "$.wAny[\"@type\"]: " TYPE_URL},
        Refused{R"({"wAny":{"@type":"/t.Leaf"}})", "$.wAny[\"@type\"]: " TYPE_URL},
        Refused{R"({"wAny":{"@type":5}})", "$.wAny[\"@type\"]: " TYPE_URL ", found a number (5)"},
        Refused{R"({"wAny":{"@type":"x/t.None"}})",
                "$.wAny[\"@type\"]: unknown message type \"x/t.None\""},
        Refused{R"({"wAny":{"@type":"x/t.Leaf","@type":"x/t.Leaf"}})",
                "$.wAny: duplicate member \"@type\""},
        Refused{R"({"wAny":{"@type":"x/t.Leaf","c":1}})",
                "$.wAny: unknown field \"c\"; expected \"a\", \"b\", \"leaf\" or \"list\""},
        Refused{R"({"wAny":{"leaf":{"a":"x"},"@type":"x/t.Leaf"}})",
                "$.wAny.leaf.a: " INT32 ", found \"x\""},
        Refused{R"({"wAny":{"@type":"x/google.protobuf.Duration","a":1}})",
                "$.wAny: unknown field \"a\"; next to this \"@type\" only \"value\" is allowed"},
        Refused{R"({"wAny":{"@type":"x/google.protobuf.Duration","value":"x"}})",
                "$.wAny.value: " DURATION ", found \"x\""},
        Refused{R"({"wAny":{"@type":"x/google.protobuf.Empty","value":{}}})",
                "$.wAny: unknown field \"value\"; the object has no fields"}));

TEST(RedactionTest, ValuesOfRedactedFieldsAreNeverQuoted) {
  // debug_redact is field option 16, which protobuf 3.21 does not know: it is added by number.
  auto files = descriptor::CompileText(R"(
      syntax = "proto3";
      package r;
      import "google/protobuf/any.proto";
      import "google/protobuf/struct.proto";
      import "google/protobuf/timestamp.proto";
      enum E { E_NONE = 0; E_ONE = 1; }
      message Inner { int32 n = 1; map<string, int32> m = 2; E e = 3; }
      message Secret {
        int32 pin = 1; Inner inner = 2; map<int32, string> keys = 3; repeated string list = 4;
        google.protobuf.Timestamp when = 5; google.protobuf.Struct free = 6; bytes blob = 7;
        google.protobuf.Any any = 8; bool flag = 9;
      })");
  for (auto& file : files) {
    if (file.package() != "r") continue;
    for (auto& field : *file.mutable_message_type(1)->mutable_field()) {
      auto* options = field.mutable_options();
      options->GetReflection()->MutableUnknownFields(options)->AddVarint(16, 1);
    }
  }
  const auto graph = descriptor::BuildOrThrow(files);
  const auto codec = Codec::Make(graph);
  const Plan& plan = *codec->Compile(*graph->FindMessage("r.Secret"));
  const Refused rows[] = {
      {R"({"pin":"hunter2"})", "$.pin: " INT32},
      {R"({"pin":{"hunter2":1}})", "$.pin: " INT32 ", found an object"},
      {R"({"flag":"hunter2"})", "$.flag: expected true or false without quotes, found a string"},
      {R"({"flag":42})", "$.flag: expected true or false without quotes, found a number"},
      {R"({"inner":{"n":"hunter2"}})", "$.inner.n: " INT32},
      {R"({"inner":{"m":{"hunter2":"x"}}})", "$.inner.m[*]: " INT32},
      {R"({"inner":{"e":"hunter2"}})",
       "$.inner.e: unknown enum value; expected \"E_NONE\" or \"E_ONE\""},
      {R"({"inner":{"hunter2":1}})", "$.inner: unknown field; expected \"n\", \"m\" or \"e\""},
      {R"({"keys":{"hunter2":"x"}})", "$.keys[*]: expected a decimal integer as the key"},
      {R"({"list":[1]})", "$.list[0]: expected a string, found a number"},
      {R"({"when":"hunter2"})", "$.when: " TIME},
      {R"({"free":{"hunter2":1e999}})",
       "$.free[*]: out of range; expected a number in the range of a double"},
      {R"({"blob":"hunter2!"})", "$.blob: expected a base64 string"},
      {R"({"any":{"@type":"x/hunter2"}})", "$.any[\"@type\"]: unknown message type"},
  };
  for (const Refused& row : rows) {
    std::string wire;
    CodecError error;
    EXPECT_FALSE(codec->JsonToWire(plan, row.json, {}, &wire, &error)) << row.json;
    EXPECT_EQ(error.path + ": " + error.message, row.error);
  }
}

// What the schema does not offer, an error does not either.
TEST(RefusedNames, OnlyWhatArgumentsShow) {
  const CodecCase shown(R"(
    syntax = "proto3"; package t;
    import "test_options.proto";
    enum Unit { UNIT_UNSPECIFIED = 0; option allow_alias = true;
                METRE = 1; METER = 1; FATHOM = 2 [deprecated = true]; FOOT = 3; }
    message M { string title = 1; string owner = 2 [(test.field_behavior) = OUTPUT_ONLY];
                Unit unit = 3; })");
  EXPECT_EQ(shown.Wire("t.M", R"({"owned":""})"),
            "$: unknown field \"owned\"; expected \"title\" or \"unit\"");
  EXPECT_EQ(shown.Wire("t.M", R"({"unit":"FATHON"})"),
            "$.unit: unknown enum value \"FATHON\"; expected \"METRE\" or \"FOOT\"");
  EXPECT_EQ(shown.Wire("t.M", R"({"unit":"METERS"})"),
            "$.unit: unknown enum value \"METERS\"; did you mean \"METRE\"?");
  EXPECT_EQ(shown.Wire("t.M", R"({"unit":"UNIT_UNSPECIFIE"})"),
            "$.unit: unknown enum value \"UNIT_UNSPECIFIE\"; expected \"METRE\" or \"FOOT\"");
  // They are taken all the same.
  EXPECT_EQ(shown.Round("t.M", R"({"owner":"x","unit":"FATHOM"})"),
            R"({"owner":"x","unit":"FATHOM"})");
}

// The commonest mistakes of nesting.
TEST(RefusedNames, TheRightPlaceIsNamed) {
  const CodecCase shop(R"(
    syntax = "proto3"; package t;
    import "test_options.proto";
    message Money { string currency = 1; int64 units = 2; }
    message Item { string id = 1; Money price = 2; }
    message Order { string id = 1; string note = 2 [(test.field_behavior) = OUTPUT_ONLY]; }
    message M { Order order = 1; repeated Item items = 2; string name = 3;
                oneof delivery { string street = 4; Money voucher = 5; }
                map<string, Item> by_key = 6;
                Money total = 7 [(test.field_behavior) = OUTPUT_ONLY]; })");
  const struct {
    std::string_view json, error;
  } rows[] = {
      {R"({"id":"a"})", R"($: unknown field "id"; it belongs in "order" or "items")"},
      {R"({"units":"1"})", R"($: unknown field "units"; it belongs in "voucher")"},
      {R"({"delivery":{"street":"x"}})",
       R"($: unknown field "delivery"; it is no field, but a choice: set "street" or "voucher" )"
       "itself"},
      {R"({"request":{"name":"x"}})",
       R"($: unknown field "request"; it is no field: put its members where it stands)"},
      // What only the service sets is no place, and neither is a wrong name a level up.
      {R"({"note":"x"})",
       R"($: unknown field "note"; expected "order", "items", "name", "street", "voucher" or )"
       R"("byKey")"},
      {R"({"nam":"x"})", R"($: unknown field "nam"; did you mean "name"?)"},
      {R"({"other":{"nothing":1}})",
       R"($: unknown field "other"; expected "order", "items", "name", "street", "voucher" or )"
       R"("byKey")"},
      {R"({"request":{)",
       "$: unknown field \"request\"; expected \"order\", \"items\", \"name\", "
       "\"street\", \"voucher\" or \"byKey\""},
      {R"({"total":19.99})",
       R"($.total: expected an object with "currency" or "units", found a number (19.99); only )"
       "the service sets this field: leave it out"},
      {R"({"voucher":{"units":19.99}})",
       R"($.voucher.units: expected a whole 64-bit number in quotes, such as "42", found a )"
       "number (19.99)"},
  };
  for (const auto& row : rows) EXPECT_EQ(shop.Wire("t.M", row.json), row.error) << row.json;
}

}  // namespace
}  // namespace bridge::transcode
