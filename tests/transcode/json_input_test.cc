// What the parser accepts and what it means: protobuf.dev/programming-guides/json and the newer
// cases of the official conformance suite (31 and later).

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

struct Accepted {
  std::string_view in;
  std::string_view out;  // as the writer prints it
};

class AcceptedTest : public testing::TestWithParam<Accepted> {};

TEST_P(AcceptedTest, MeansTheSame) {
  EXPECT_EQ(Kinds().Round("t.Kinds", GetParam().in), GetParam().out) << GetParam().in;
}

INSTANTIATE_TEST_SUITE_P(Names, AcceptedTest,
                         testing::Values(Accepted{R"({"f_int32":1})", R"({"fInt32":1})"},
                                         Accepted{R"({"fI\u006et32":1})", R"({"fInt32":1})"},
                                         Accepted{R"({"@odd name":"x"})", R"({"@odd name":"x"})"},
                                         Accepted{R"({"oddly_named":"x"})", R"({"@odd name":"x"})"},
                                         Accepted{R"({"farAway":-1,"fBool":true})",
                                                  R"({"fBool":true,"farAway":-1})"},
                                         Accepted{" {\n\t\"fInt32\" : 1 ,\r\"fBool\":true } ",
                                                  R"({"fInt32":1,"fBool":true})"}));

INSTANTIATE_TEST_SUITE_P(
    Integers, AcceptedTest,
    testing::Values(
        Accepted{R"({"fInt32":"1"})", R"({"fInt32":1})"}, Accepted{R"({"fInt32":"0"})", "{}"},
        Accepted{R"({"fInt32":1e5})", R"({"fInt32":100000})"},
        Accepted{R"({"fInt32":"1e5"})", R"({"fInt32":100000})"},
        Accepted{R"({"fInt32":1.0})", R"({"fInt32":1})"},
        Accepted{R"({"fInt32":"1.0"})", R"({"fInt32":1})"},
        Accepted{R"({"fInt32":100000.000})", R"({"fInt32":100000})"},
        Accepted{R"({"fInt32":2.147483647e9})", R"({"fInt32":2147483647})"},
        Accepted{R"({"fInt32":-2147483648})", R"({"fInt32":-2147483648})"},
        Accepted{R"({"fInt32":12345e-0})", R"({"fInt32":12345})"},
        Accepted{R"({"fInt32":1200e-2})", R"({"fInt32":12})"}, Accepted{R"({"fInt32":-0})", "{}"},
        Accepted{R"({"fInt32":0e999999999999})", "{}"},
        Accepted{R"({"fInt32":"\u0031\u0032"})", R"({"fInt32":12})"},
        Accepted{R"({"fUint32":4294967295})", R"({"fUint32":4294967295})"},
        Accepted{R"({"fSint32":-1,"fSfixed32":-1,"fFixed32":7})",
                 R"({"fSint32":-1,"fFixed32":7,"fSfixed32":-1})"},
        Accepted{R"({"fInt64":9223372036854775807})", R"({"fInt64":"9223372036854775807"})"},
        Accepted{R"({"fInt64":9007199254740993})", R"({"fInt64":"9007199254740993"})"},
        Accepted{R"({"fInt64":"-9223372036854775808"})", R"({"fInt64":"-9223372036854775808"})"},
        Accepted{R"({"fUint64":18446744073709551615})", R"({"fUint64":"18446744073709551615"})"},
        Accepted{R"({"fUint64":18446744073709549568.0})", R"({"fUint64":"18446744073709549568"})"},
        Accepted{R"({"fUint64":1.8446744073709551615e19})",
                 R"({"fUint64":"18446744073709551615"})"},
        Accepted{R"({"fSint64":"-5","fFixed64":"6","fSfixed64":"-7"})",
                 R"({"fSint64":"-5","fFixed64":"6","fSfixed64":"-7"})"}));

INSTANTIATE_TEST_SUITE_P(
    FloatingPoint, AcceptedTest,
    testing::Values(
        Accepted{R"({"fDouble":"1.5"})", R"({"fDouble":1.5})"},
        Accepted{R"({"fDouble":"1e3"})", R"({"fDouble":1000})"},
        Accepted{R"({"fDouble":"NaN","fFloat":"-Infinity"})",
                 R"({"fDouble":"NaN","fFloat":"-Infinity"})"},
        Accepted{R"({"fDouble":-0.0})", R"({"fDouble":-0.0})"},
        Accepted{R"({"fDouble":1e-400})", "{}"},
        Accepted{R"({"fDouble":0.000000000000000000001e-300})", R"({"fDouble":1e-321})"},
        Accepted{R"({"fDouble":1.7976931348623157e308})", R"({"fDouble":1.7976931348623157e+308})"},
        Accepted{R"({"fFloat":3.4028235e38})", R"({"fFloat":3.4028235e+38})"},
        Accepted{R"({"fFloat":3.40282351e38})", R"({"fFloat":3.4028235e+38})"},
        Accepted{R"({"fFloat":1e-60})", "{}"}, Accepted{R"({"fFloat":0.1})", R"({"fFloat":0.1})"}));

INSTANTIATE_TEST_SUITE_P(TextAndBytes, AcceptedTest,
                         testing::Values(Accepted{R"({"fString":"\u0000\ud83d\ude00\/"})",
                                                  "{\"fString\":\"\\u0000\xF0\x9F\x98\x80/\"}"},
                                         Accepted{R"({"fString":""})", "{}"},
                                         Accepted{R"({"oString":""})", R"({"oString":""})"},
                                         Accepted{R"({"fBytes":"AQI="})", R"({"fBytes":"AQI="})"},
                                         Accepted{R"({"fBytes":"AQI"})", R"({"fBytes":"AQI="})"},
                                         Accepted{R"({"fBytes":"-_"})", R"({"fBytes":"+w=="})"},
                                         Accepted{R"({"fBytes":"_-8="})", R"({"fBytes":"/+8="})"},
                                         Accepted{R"({"fBytes":"AR=="})", R"({"fBytes":"AQ=="})"},
                                         Accepted{R"({"fBytes":"\u0041QI"})",
                                                  R"({"fBytes":"AQI="})"}));

INSTANTIATE_TEST_SUITE_P(Enums, AcceptedTest,
                         testing::Values(Accepted{R"({"fColor":"CRIMSON"})", R"({"fColor":"RED"})"},
                                         Accepted{R"({"fColor":1})", R"({"fColor":"RED"})"},
                                         Accepted{R"({"fColor":1.0})", R"({"fColor":"RED"})"},
                                         Accepted{R"({"fColor":-2})", R"({"fColor":"BLUE"})"},
                                         Accepted{R"({"fColor":123})", R"({"fColor":123})"},
                                         Accepted{R"({"fColor":"COLOR_NONE"})", "{}"},
                                         Accepted{R"({"fColor":null})", "{}"}));

INSTANTIATE_TEST_SUITE_P(
    Containers, AcceptedTest,
    testing::Values(
        Accepted{R"({"rInt32":null,"mInt32":null,"fLeaf":null,"oInt32":null,"wTime":null})", "{}"},
        Accepted{R"({"rInt32":[],"rLeaf":[],"mInt32":{}})", "{}"},
        Accepted{R"({"rInt32":[1,"2",3e0]})", R"({"rInt32":[1,2,3]})"},
        Accepted{R"({"rUint32":[0,1,0]})", R"({"rUint32":[0,1,0]})"},
        Accepted{R"({"rString":["",""],"rBytes":["",""]})",
                 R"({"rString":["",""],"rBytes":["",""]})"},
        Accepted{R"({"rLeaf":[{},{"a":1}]})", R"({"rLeaf":[{},{"a":1}]})"},
        Accepted{R"({"mInt32":{"\u0031":2,"-1":0}})", R"({"mInt32":{"1":2,"-1":0}})"},
        Accepted{R"({"mString":{"\u0061\n":"x","a":""}})", R"({"mString":{"a\n":"x","a":""}})"},
        Accepted{R"({"mBool":{"true":{},"false":{"b":"x"}}})",
                 R"({"mBool":{"true":{},"false":{"b":"x"}}})"},
        Accepted{R"({"mUint64":{"18446744073709551615":"NaN"}})",
                 R"({"mUint64":{"18446744073709551615":"NaN"}})"},
        Accepted{R"({"mSint32":{"-5":"RED"},"mFixed64":{"9":"AQ=="}})",
                 R"({"mSint32":{"-5":"RED"},"mFixed64":{"9":"AQ=="}})"},
        Accepted{R"({"cInt32":null,"cString":"x","cLeaf":null})", R"({"cString":"x"})"},
        Accepted{R"({"cString":"x","cInt32":null})", R"({"cString":"x"})"},
        Accepted{R"({"cInt32":0})", R"({"cInt32":0})"},
        Accepted{R"({"cNull":null})", R"({"cNull":null})"},
        Accepted{R"({"cNull":"NULL_VALUE"})", R"({"cNull":null})"},
        Accepted{R"({"wNull":null})", "{}"}));

INSTANTIATE_TEST_SUITE_P(
    WellKnown, AcceptedTest,
    testing::Values(
        Accepted{R"({"wTime":"0001-01-01T00:00:00Z"})", R"({"wTime":"0001-01-01T00:00:00Z"})"},
        Accepted{R"({"wTime":"9999-12-31T23:59:59.999999999Z"})",
                 R"({"wTime":"9999-12-31T23:59:59.999999999Z"})"},
        Accepted{R"({"wTime":"1970-01-01T00:00:00.1Z"})",
                 R"({"wTime":"1970-01-01T00:00:00.100Z"})"},
        Accepted{R"({"wTime":"1969-12-31T23:59:59.000000001Z"})",
                 R"({"wTime":"1969-12-31T23:59:59.000000001Z"})"},
        Accepted{R"({"wTime":"1970-01-01T08:00:00+08:00"})", R"({"wTime":"1970-01-01T00:00:00Z"})"},
        Accepted{R"({"wTime":"1969-12-31T12:30:00-11:30"})", R"({"wTime":"1970-01-01T00:00:00Z"})"},
        Accepted{R"({"wTime":"2000-02-29T00:00:00Z"})", R"({"wTime":"2000-02-29T00:00:00Z"})"},
        Accepted{R"({"wDuration":"-0.5s"})", R"({"wDuration":"-0.500s"})"},
        Accepted{R"({"wDuration":"315576000000.999999999s"})",
                 R"({"wDuration":"315576000000.999999999s"})"},
        Accepted{R"({"wDuration":"-315576000000.999999999s"})",
                 R"({"wDuration":"-315576000000.999999999s"})"},
        Accepted{R"({"wDuration":"1.000001s"})", R"({"wDuration":"1.000001s"})"},
        Accepted{R"({"wDuration":"0s"})", R"({"wDuration":"0s"})"},
        Accepted{R"({"wMask":""})", R"({"wMask":""})"},
        Accepted{R"({"wMask":"foo,barBaz.quxQuux"})", R"({"wMask":"foo,barBaz.quxQuux"})"},
        Accepted{R"({"wStruct":{}})", R"({"wStruct":{}})"},
        Accepted{R"({"wStruct":{"":null,"\u0061":[{"x":{}},1e2]}})",
                 R"({"wStruct":{"":null,"a":[{"x":{}},100]}})"},
        Accepted{R"({"wValue":null})", R"({"wValue":null})"},
        Accepted{R"({"wValue":""})", R"({"wValue":""})"},
        Accepted{R"({"rwValue":[["a"],null,{},false]})", R"({"rwValue":[["a"],null,{},false]})"},
        Accepted{R"({"mwValue":{"a":null}})", R"({"mwValue":{"a":null}})"},
        Accepted{R"({"wList":[null]})", R"({"wList":[null]})"},
        Accepted{R"({"wEmpty":{}})", R"({"wEmpty":{}})"},
        Accepted{
            R"({"wDouble":"NaN","wFloat":0,"wInt64":1,"wUint64":"2","wInt32":"3","wUint32":4})",
            R"({"wDouble":"NaN","wFloat":0,"wInt64":"1","wUint64":"2","wInt32":3,"wUint32":4})"},
        Accepted{R"({"wBool":false,"wString":"","wBytes":""})",
                 R"({"wBool":false,"wString":"","wBytes":""})"},
        Accepted{R"({"rwInt64":[0,"1"]})", R"({"rwInt64":["0","1"]})"}));

INSTANTIATE_TEST_SUITE_P(
    Any, AcceptedTest,
    testing::Values(
        Accepted{R"({"wAny":{}})", R"({"wAny":{}})"}, Accepted{R"({"wAny":null})", "{}"},
        Accepted{R"({"wAny":{"a":1,"@type":"x/t.Leaf","b":"y"}})",
                 R"({"wAny":{"@type":"x/t.Leaf","a":1,"b":"y"}})"},
        Accepted{R"({"wAny":{"leaf":{"list":[1,2]},"@type":"x/t.Leaf"}})",
                 R"({"wAny":{"@type":"x/t.Leaf","leaf":{"list":[1,2]}}})"},
        Accepted{R"({"wAny":{"@type":"x/t.Leaf"}})", R"({"wAny":{"@type":"x/t.Leaf"}})"},
        Accepted{R"({"wAny":{"\u0040type":"x\/t.Leaf"}})", R"({"wAny":{"@type":"x/t.Leaf"}})"},
        Accepted{R"({"wAny":{"value":"1.5s","@type":"x/google.protobuf.Duration"}})",
                 R"({"wAny":{"@type":"x/google.protobuf.Duration","value":"1.500s"}})"},
        Accepted{R"({"wAny":{"@type":"x/google.protobuf.Value","value":null}})",
                 R"({"wAny":{"@type":"x/google.protobuf.Value","value":null}})"},
        Accepted{R"({"wAny":{"@type":"x/google.protobuf.Struct","value":{"@type":1}}})",
                 R"({"wAny":{"@type":"x/google.protobuf.Struct","value":{"@type":1}}})"},
        Accepted{R"({"wAny":{"@type":"x/google.protobuf.Empty"}})",
                 R"({"wAny":{"@type":"x/google.protobuf.Empty"}})"},
        Accepted{R"({"wAny":{"@type":"x/google.protobuf.Int32Value","value":5}})",
                 R"({"wAny":{"@type":"x/google.protobuf.Int32Value","value":5}})"},
        Accepted{
            R"({"wAny":{"@type":"x/google.protobuf.Any","value":{"b":"in","@type":"x/t.Leaf"}}})",
            R"({"wAny":{"@type":"x/google.protobuf.Any","value":{"@type":"x/t.Leaf","b":"in"}}})"},
        Accepted{R"({"rwAny":[{},{"@type":"x/t.Leaf"}]})",
                 R"({"rwAny":[{},{"@type":"x/t.Leaf"}]})"}));

TEST(IgnoreUnknownTest, SkipsWhatItDoesNotKnowAndNothingElse) {
  const ParseOptions lenient{.ignore_unknown = true};
  const Accepted rows[] = {
      {R"({"x":1,"y":"s","z":[{"a":[]}],"n":null,"t":true,"fInt32":5})", R"({"fInt32":5})"},
      {R"({"fColor":"PURPLE"})", "{}"},
      {R"({"rColor":["RED","PURPLE","BLUE"]})", R"({"rColor":["RED","BLUE"]})"},
      {R"({"mSint32":{"1":"PURPLE","2":"RED"}})", R"({"mSint32":{"2":"RED"}})"},
      {R"({"wAny":{"@type":"x/t.Leaf","zz":1,"a":2}})", R"({"wAny":{"@type":"x/t.Leaf","a":2}})"},
      {R"({"wAny":{"@type":"x/google.protobuf.Duration","zz":1,"value":"1s"}})",
       R"({"wAny":{"@type":"x/google.protobuf.Duration","value":"1s"}})"},
      {R"({"x":[1,]})", "$: invalid JSON at byte 8: unexpected character, expected a value"},
      {R"({"fInt32":"x"})",
       "$.fInt32: expected an integer from -2147483648 to 2147483647, found \"x\""},
  };
  for (const Accepted& row : rows) {
    EXPECT_EQ(Kinds().Round("t.Kinds", row.in, lenient), row.out) << row.in;
  }
}

TEST(RootTest, AWellKnownTypeCanBeTheRoot) {
  EXPECT_EQ(Kinds().Round("google.protobuf.Value", "null"), "null");
  EXPECT_EQ(Kinds().Round("google.protobuf.ListValue", "[1,[]]"), "[1,[]]");
  EXPECT_EQ(Kinds().Round("google.protobuf.Struct", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(Kinds().Round("google.protobuf.Timestamp", R"("1970-01-01T00:00:01Z")"),
            R"("1970-01-01T00:00:01Z")");
  EXPECT_EQ(Kinds().Round("google.protobuf.Int64Value", "0"), R"("0")");
  EXPECT_EQ(Kinds().Round("google.protobuf.Empty", "{}"), "{}");
}

}  // namespace
}  // namespace bridge::transcode
