// Several faults of one text at once, in its order; and strings that are read as the object or the
// list they contain.

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

const CodecCase& Proto2() {
  static const CodecCase proto2(kProto2);
  return proto2;
}

// "path: message" of each fault, a line each; what was written and read again, if there is none.
std::string Outcome(const CodecCase& codec_case, std::string_view message, std::string_view json,
                    int* repairs) {
  const Plan& plan = codec_case.plan(message);
  std::string wire;
  CodecError error;
  ParseOptions options;
  options.repairs = repairs;
  if (codec_case.codec().ArgumentsToWire(plan, json, &wire, &error, options)) {
    std::string again;
    EXPECT_TRUE(codec_case.codec().WireToStructured(plan, wire, &again, &error)) << json;
    return again;
  }
  EXPECT_EQ(wire, "");
  std::string text = error.path + ": " + error.message;
  for (const CodecError& more : error.more) {
    EXPECT_TRUE(more.more.empty());
    text += "\n" + more.path + ": " + more.message;
  }
  if (error.and_more) text += "\nand more";
  return text;
}

#define INT32 "expected an integer from -2147483648 to 2147483647"

TEST(FaultList, AllThatIsWrongIsToldInTheOrderOfTheText) {
  const struct {
    std::string_view json;
    std::string_view faults;
  } rows[] = {
      {R"({"fInt32":"x","fBool":1,"fString":"fine","nope":{"a":[]},"fColor":"RAD"})",
       "$.fInt32: " INT32 ", found \"x\"\n"
       "$.fBool: expected true or false without quotes, found a number (1)\n"
       "$: unknown field \"nope\"; expected \"fDouble\", \"fFloat\", \"fInt32\", \"fInt64\", "
       "\"fUint32\", \"fUint64\", \"fSint32\", \"fSint64\", \"fFixed32\", \"fFixed64\" and 59 "
       "more\n"
       "$.fColor: unknown enum value \"RAD\"; did you mean \"RED\"?"},
      // Levels: each fault has the whole path, and what stands between faults is read.
      {R"({"rLeaf":[{"a":"x"},{"a":1},{"leaf":{"list":[1,"y",null,2]}}],"fInt32":true})",
       "$.rLeaf[0].a: " INT32 ", found \"x\"\n"
       "$.rLeaf[2].leaf.list[1]: " INT32 ", found \"y\"\n"
       "$.rLeaf[2].leaf.list[2]: null is not allowed in a list; leave the element out\n"
       "$.fInt32: " INT32 ", found true"},
      {R"({"mInt32":{"a":1,"2":"x","3":3},"mBool":{"true":{"a":"z"},"yes":{}}})",
       "$.mInt32.a: expected a decimal integer as the key, found \"a\"\n"
       "$.mInt32[\"2\"]: " INT32 ", found \"x\"\n"
       "$.mBool.true.a: " INT32 ", found \"z\"\n"
       "$.mBool.yes: expected a key \"true\" or \"false\", found \"yes\""},
      {R"({"wStruct":{"a":1e400,"b":[1,1e400],"b":2},"wList":[1e400],"wTime":"x"})",
       "$.wStruct.a: out of range; expected a number in the range of a double\n"
       "$.wStruct.b[1]: out of range; expected a number in the range of a double\n"
       "$.wList[0]: out of range; expected a number in the range of a double\n"
       "$.wTime: expected an RFC 3339 timestamp with a time zone, such as "
       "\"2025-01-31T12:00:00Z\", found \"x\""},
      {R"({"wAny":{"a":"x","@type":"x/t.Leaf","c":1},"fInt32":[]})",
       "$.wAny.a: " INT32 ", found \"x\"\n"
       "$.wAny: unknown field \"c\"; expected \"a\", \"b\", \"leaf\" or \"list\"\n"
       "$.fInt32: " INT32 ", found an array"},
      // Both spellings of a field are the same field; so are members of a oneof.
      {R"({"fInt32":1,"f_int32":2,"cInt32":1,"cString":"x","fInt32":"y"})",
       "$.fInt32: duplicate field \"fInt32\"; it may be given only once\n"
       "$.cString: \"cInt32\" and \"cString\" can not both be set: they are alternatives of "
       "\"choice\"\n"
       "$.fInt32: duplicate field \"fInt32\"; it may be given only once"},
      // Five of seven.
      {R"({"rInt32":["a","b",3,"d","e","f","g","h"]})",
       "$.rInt32[0]: " INT32 ", found \"a\"\n$.rInt32[1]: " INT32 ", found \"b\"\n"
       "$.rInt32[3]: " INT32 ", found \"d\"\n$.rInt32[4]: " INT32 ", found \"e\"\n"
       "$.rInt32[5]: " INT32 ", found \"f\"\nand more"},
      // Five of five.
      {R"({"rInt32":["a","b","c","d","e",6]})",
       "$.rInt32[0]: " INT32 ", found \"a\"\n$.rInt32[1]: " INT32 ", found \"b\"\n"
       "$.rInt32[2]: " INT32 ", found \"c\"\n$.rInt32[3]: " INT32 ", found \"d\"\n"
       "$.rInt32[4]: " INT32 ", found \"e\""},
      // Behind a text that is no JSON nothing can be read.
      {R"({"fInt32":"x","fLeaf":{"a":1,},"fBool":1})",
       "$.fInt32: " INT32 ", found \"x\"\n"
       "$.fLeaf: invalid JSON at byte 29: expected a member name in double quotes"},
      {R"({"fInt32":"x","fLeaf":{"a":[}})",
       "$.fInt32: " INT32 ", found \"x\"\n"
       "$.fLeaf.a: invalid JSON at byte 28: unexpected character, expected a value"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Outcome(Kinds(), "t.Kinds", row.json, nullptr), row.faults) << row.json;
  }
}

TEST(FaultList, RequiredFieldsAreNamedTogether) {
  EXPECT_EQ(Outcome(Proto2(), "p2.Old", R"({"part":{"inner":{}},"level":"MID","id":"x"})", nullptr),
            "$.part.inner: required field \"id\" is missing\n"
            "$.level: unknown enum value \"MID\"; expected \"LOW\" or \"HIGH\"\n"
            "$.id: " INT32 ", found \"x\"");
}

TEST(FaultList, TheLimitIsTheCodecs) {
  CodecLimits limits;
  limits.max_faults = 2;
  const CodecCase two(kKindsProto, limits);
  EXPECT_EQ(Outcome(two, "t.Leaf", R"({"a":"x","b":1,"list":{}})", nullptr),
            "$.a: " INT32 ", found \"x\"\n$.b: expected a string, found a number (1)\nand more");
}

struct Repaired {
  std::string_view message;
  std::string_view json;
  std::string_view out;
  int repairs;
};

class RepairTest : public testing::TestWithParam<Repaired> {};

TEST_P(RepairTest, StringsAreReadAsWhatTheyContain) {
  const Repaired& row = GetParam();
  int repairs = 0;
  EXPECT_EQ(Outcome(Kinds(), row.message, row.json, &repairs), row.out) << row.json;
  EXPECT_EQ(repairs, row.repairs) << row.json;
}

TEST_P(RepairTest, OnlyWhereItIsAskedFor) {
  const Repaired& row = GetParam();
  if (row.repairs == 0) return;
  const std::string outcome = Outcome(Kinds(), row.message, row.json, nullptr);
  EXPECT_TRUE(outcome.find("found a string") != std::string::npos) << outcome;
}

INSTANTIATE_TEST_SUITE_P(
    Containers, RepairTest,
    testing::Values(
        Repaired{"t.Kinds", R"({"fLeaf":"{\"a\":1}"})", R"({"fLeaf":{"a":1}})", 1},
        Repaired{"t.Kinds", R"({"fLeaf":" {\"b\":\"\\u0041\\\"\"} \n"})",
                 R"({"fLeaf":{"b":"A\""}})", 1},
        Repaired{"t.Kinds", R"({"rInt32":"[1,2]"})", R"({"rInt32":[1,2]})", 1},
        Repaired{"t.Kinds", R"({"rString":"[\"[1]\"]"})", R"({"rString":["[1]"]})", 1},
        Repaired{"t.Kinds", R"({"rLeaf":["{\"a\":1}",{"a":2},"{}"]})",
                 R"({"rLeaf":[{"a":1},{"a":2},{}]})", 2},
        Repaired{"t.Kinds", R"({"mString":"{\"a\":\"{}\"}"})", R"({"mString":{"a":"{}"}})", 1},
        Repaired{"t.Kinds", R"({"mBool":{"true":"{\"a\":3}"}})", R"({"mBool":{"true":{"a":3}}})",
                 1},
        Repaired{"t.Kinds", R"({"wStruct":"{\"a\":\"{}\"}"})", R"({"wStruct":{"a":"{}"}})", 1},
        Repaired{"t.Kinds", R"({"wList":"[\"[]\"]"})", R"({"wList":["[]"]})", 1},
        Repaired{"t.Kinds", R"({"wAny":"{\"@type\":\"x/t.Leaf\",\"a\":1}"})",
                 R"({"wAny":{"@type":"x/t.Leaf","a":1}})", 1},
        Repaired{"t.Kinds", R"({"wEmpty":"{}"})", R"({"wEmpty":{}})", 1},
        // The whole arguments, and strings in strings.
        Repaired{"t.Leaf", R"("{\"a\":1}")", R"({"a":1})", 1},
        Repaired{"t.Leaf", R"("{\"leaf\":\"{\\\"list\\\":[7]}\"}")", R"({"leaf":{"list":[7]}})", 2},
        Repaired{"google.protobuf.Struct", R"("{\"a\":1}")", R"({"a":1})", 1},
        Repaired{"google.protobuf.Timestamp", R"("{\"value\":\"1970-01-01T00:00:00Z\"}")",
                 R"({"value":"1970-01-01T00:00:00Z"})", 1},
        Repaired{"google.protobuf.ListValue", R"({"value":"[1]"})", R"({"value":[1]})", 1}));

// Where a string is a value it is that value.
INSTANTIATE_TEST_SUITE_P(
    Strings, RepairTest,
    testing::Values(
        Repaired{"t.Kinds", R"({"fString":"{\"a\":1}"})", R"({"fString":"{\"a\":1}"})", 0},
        Repaired{"t.Kinds", R"({"wValue":"{\"a\":1}"})", R"({"wValue":"{\"a\":1}"})", 0},
        Repaired{"t.Kinds", R"({"wValue":{"a":"[1]"}})", R"({"wValue":{"a":"[1]"}})", 0},
        Repaired{"t.Kinds", R"({"rwValue":["[1]"]})", R"({"rwValue":["[1]"]})", 0},
        Repaired{"t.Kinds", R"({"mwValue":{"a":"[1]"}})", R"({"mwValue":{"a":"[1]"}})", 0},
        Repaired{"t.Kinds", R"({"wString":"{}"})", R"({"wString":"{}"})", 0},
        Repaired{"t.Kinds", R"({"rString":["[]"]})", R"({"rString":["[]"]})", 0},
        Repaired{"google.protobuf.Value", R"({"value":"{}"})", R"({"value":"{}"})", 0},
        Repaired{"t.Kinds", R"({"wTime":"{}"})",
                 "$.wTime: expected an RFC 3339 timestamp with a time zone, such as "
                 "\"2025-01-31T12:00:00Z\", "
                 "found \"{}\"",
                 0},
        Repaired{"t.Kinds", R"({"fColor":"[1]"})",
                 "$.fColor: unknown enum value \"[1]\"; expected \"COLOR_NONE\", \"RED\" "
                 "or \"BLUE\"",
                 0},
        Repaired{"t.Kinds", R"({"fInt32":"[1]"})", "$.fInt32: " INT32 ", found \"[1]\"", 0},
        Repaired{"t.Kinds", R"({"fBool":"{}"})",
                 "$.fBool: expected true or false without quotes, found a string (\"{}\")", 0}));

// A text that is something else, or nothing, stays what it is; what is wrong inside has its path.
INSTANTIATE_TEST_SUITE_P(
    Refused, RepairTest,
    testing::Values(
        Repaired{
            "t.Kinds", R"({"fLeaf":"{\"a\":1"})",
            R"($.fLeaf: expected an object with "a", "b", "leaf" or "list", found a string ("{\"a\":1"))",
            0},
        Repaired{
            "t.Kinds", R"({"fLeaf":"[]"})",
            R"($.fLeaf: expected an object with "a", "b", "leaf" or "list", found a string ("[]"))",
            0},
        Repaired{
            "t.Kinds", R"({"fLeaf":"null"})",
            R"($.fLeaf: expected an object with "a", "b", "leaf" or "list", found a string ("null"))",
            0},
        Repaired{
            "t.Kinds", R"({"fLeaf":"{} {}"})",
            R"($.fLeaf: expected an object with "a", "b", "leaf" or "list", found a string ("{} {}"))",
            0},
        Repaired{
            "t.Kinds", R"({"fLeaf":""})",
            R"($.fLeaf: expected an object with "a", "b", "leaf" or "list", found a string (""))",
            0},
        Repaired{"t.Kinds", R"({"rInt32":"1,2"})",
                 R"($.rInt32: expected an array, found a string ("1,2"))", 0},
        Repaired{"t.Kinds", R"({"rInt32":"{}"})",
                 R"($.rInt32: expected an array, found a string ("{}"))", 0},
        Repaired{"t.Kinds", R"({"rLeaf":["{\"a\":\"x\"}",{"leaf":"{\"list\":\"[1,true]\"}"}]})",
                 "$.rLeaf[0].a: " INT32 ", found \"x\"\n"
                 "$.rLeaf[1].leaf.list[1]: " INT32 ", found true",
                 3},
        Repaired{"t.Leaf", R"("{\"a\":1,\"a\":2,\"c\":3}")",
                 "$.a: duplicate field \"a\"; it may be given only once\n"
                 "$: unknown field \"c\"; expected \"a\", \"b\", \"leaf\" or \"list\"",
                 1}));

TEST(Repair, NestingCountsThroughStrings) {
  CodecLimits limits;
  limits.max_depth = 3;
  const CodecCase shallow(kKindsProto, limits);
  int repairs = 0;
  EXPECT_EQ(Outcome(shallow, "t.Leaf", R"({"leaf":"{\"leaf\":{}}"})", &repairs),
            R"({"leaf":{"leaf":{}}})");
  EXPECT_EQ(
      Outcome(shallow, "t.Leaf", R"({"leaf":"{\"leaf\":{\"leaf\":{}}}"})", &repairs),
      R"($.leaf: expected an object with "a", "b", "leaf" or "list", found a string ("{\"leaf\":{\"leaf\":{}}}"))");
}

}  // namespace
}  // namespace bridge::transcode
