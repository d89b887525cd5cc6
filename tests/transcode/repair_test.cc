// What clients of the field send instead: repaired and counted where asked for, refused elsewhere;
// base64 as arguments take it.

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

struct Repaired {
  std::string_view json;
  std::string_view answer;
  int repairs = 1;
};

class B14Repair : public testing::TestWithParam<Repaired> {};

TEST_P(B14Repair, IsMadeAndCounted) {
  int repairs = 0;
  EXPECT_EQ(Kinds().Tool("t.Kinds", GetParam().json, &repairs), GetParam().answer)
      << GetParam().json;
  EXPECT_EQ(repairs, GetParam().repairs) << GetParam().json;
}

TEST_P(B14Repair, IsNoneOfThePlainCodec) {
  EXPECT_TRUE(Kinds().Wire("t.Kinds", GetParam().json).starts_with("$")) << GetParam().json;
  EXPECT_TRUE(Kinds().Arguments("t.Kinds", GetParam().json).starts_with("$")) << GetParam().json;
}

INSTANTIATE_TEST_SUITE_P(
    Scalars, B14Repair,
    testing::Values(Repaired{R"({"fBool":"true"})", R"({"fBool":true})"},
                    Repaired{R"({"fBool":"True","rBool":["false","true"]})",
                             R"({"fBool":true,"rBool":[false,true]})", 3},
                    Repaired{R"({"cInt32":" 5 "})", R"({"cInt32":5})"},
                    Repaired{R"({"fInt64":"+7","fDouble":" 1.5"})",
                             R"({"fDouble":1.5,"fInt64":"7"})", 2},
                    Repaired{R"({"wBool":"TRUE"})", R"({"wBool":true})"},
                    Repaired{R"({"mUint32":{"1":"true"}})", R"({"mUint32":{"1":true}})"},
                    Repaired{R"({"fColor":"1"})", R"({"fColor":"RED"})"},
                    Repaired{R"({"rColor":["-2","RED"]})", R"({"rColor":["BLUE","RED"]})"}));

INSTANTIATE_TEST_SUITE_P(Masks, B14Repair,
                         testing::Values(Repaired{R"({"wMask":{"paths":["displayName","a_b.c"]}})",
                                                  R"({"wMask":"displayName,aB.c"})"},
                                         Repaired{R"({"wMask":{"paths":"displayName,aB"}})",
                                                  R"({"wMask":"displayName,aB"})"},
                                         Repaired{R"({"wMask":["displayName","tags"]})",
                                                  R"({"wMask":"displayName,tags"})"},
                                         Repaired{R"({"wMask":{"paths":[]}})", R"({"wMask":""})"}));

INSTANTIATE_TEST_SUITE_P(
    WellKnownTypesAsTheirFields, B14Repair,
    testing::Values(Repaired{R"({"wTime":{"seconds":"5","nanos":1000000}})",
                             R"({"wTime":"1970-01-01T00:00:05.001Z"})"},
                    Repaired{R"({"wDuration":{"seconds":-5}})", R"({"wDuration":"-5s"})"},
                    Repaired{R"({"wInt64":{"value":7},"wString":{"value":"x"}})",
                             R"({"wInt64":"7","wString":"x"})", 2}));

INSTANTIATE_TEST_SUITE_P(OneForAList, B14Repair,
                         testing::Values(Repaired{R"({"rInt32":5})", R"({"rInt32":[5]})"},
                                         Repaired{R"({"rUint32":5})", R"({"rUint32":[5]})"},
                                         Repaired{R"({"rString":"a b"})", R"({"rString":["a b"]})"},
                                         Repaired{R"({"rString":"[\"a\",\"b\"]"})",
                                                  R"({"rString":["a","b"]})"},
                                         Repaired{R"({"rLeaf":{"a":1}})", R"({"rLeaf":[{"a":1}]})"},
                                         Repaired{R"({"rColor":"RED","rBool":true})",
                                                  R"({"rBool":[true],"rColor":["RED"]})", 2},
                                         Repaired{R"({"rwTime":"1970-01-01T00:00:05Z"})",
                                                  R"({"rwTime":["1970-01-01T00:00:05Z"]})"}));

TEST(B14NoRepair, WhereItCouldMeanTwoThings) {
  for (const std::string_view json : {R"({"fBool":"yes"})",
                                      R"({"fBool":1})",
                                      R"({"fBool":""})",
                                      R"({"fInt32":""})",
                                      R"({"fInt32":"1,000"})",
                                      R"({"fInt32":"+-1"})",
                                      R"({"fInt32":"++1"})",
                                      R"({"rString":"a,b"})",
                                      R"({"rString":"a\nb"})",
                                      R"({"rInt32":{}})",
                                      R"({"rLeaf":"x"})",
                                      R"({"rString":{"a":1}})",
                                      R"({"fString":true})",
                                      R"({"fString":123})",
                                      R"({"rString":["a",2]})",
                                      R"({"fString":{}})",
                                      R"({"fColor":"7x"})",
                                      R"({"wTime":{}})",
                                      R"({"wTime":5})",
                                      R"({"wDuration":5})",
                                      R"({"wTime":{"sec":5}})",
                                      R"({"wTime":{"seconds":"253402300800"}})",
                                      R"({"wTime":{"nanos":-1}})",
                                      R"({"wDuration":{"seconds":1,"nanos":-1}})",
                                      R"({"wMask":{"path":["a"]}})",
                                      R"({"wMask":{"paths":[1]}})",
                                      R"({"wMask":[["a"]]})",
                                      R"({"wMask":5})",
                                      R"({"mInt32":[1]})",
                                      R"({"fLeaf":[{"a":1}]})",
                                      R"({"wList":5})",
                                      R"({"rInt32":[null]})"}) {
    int repairs = 0;
    EXPECT_TRUE(Kinds().Tool("t.Kinds", json, &repairs).starts_with("$.")) << json;
  }
  // A closed enum has no numbers but its own.
  int repairs = 0;
  const CodecCase old(kProto2);
  EXPECT_EQ(old.Tool("p2.Old", R"({"id":1,"level":"5"})", &repairs), R"({"id":1,"level":"HIGH"})");
  EXPECT_EQ(old.Tool("p2.Old", R"({"id":1,"level":"6"})", &repairs),
            "$.level: unknown enum value 6; expected \"LOW\" or \"HIGH\"");
  // Where a string can be the value it is.
  EXPECT_EQ(Kinds().Tool("t.Kinds", R"({"wValue":"true","fString":"1"})", &repairs),
            R"({"fString":"1","wValue":"true"})");
  EXPECT_EQ(repairs, 0);
}

#define BASE64 "expected base64 with padding, such as \"aGVsbG8=\", found "

TEST(B37Base64, ArgumentsTakeTheFormThatIsWritten) {
  for (const std::string_view text : {"", "AQ==", "AQI=", "AQID", "+/+/", "user"}) {
    const std::string json = R"({"fBytes":")" + std::string(text) + "\"}";
    EXPECT_EQ(Kinds().Tool("t.Kinds", json), text.empty() ? "{}" : json);
  }
  const struct {
    std::string_view text;
    std::string_view refusal;
  } rows[] = {
      {"hello", BASE64 R"("hello"; send "aGVsbG8=" if it is text)"},
      {"AQI", BASE64 R"("AQI"; send "AQI=", or "QVFJ" if it is text)"},
      {"AR==", BASE64 R"("AR=="; send "AQ==", or "QVI9PQ==" if it is text)"},
      {"AQJ=", BASE64 R"("AQJ="; send "AQI=", or "QVFKPQ==" if it is text)"},
      {"my-token", BASE64 R"("my-token"; send "my+token", or "bXktdG9rZW4=" if it is text)"},
      {"_-8=", BASE64 R"("_-8="; send "/+8=", or "Xy04PQ==" if it is text)"},
      {"AQ ==", BASE64 R"("AQ =="; send "QVEgPT0=" if it is text)"},
      {"AQ=", BASE64 R"("AQ="; send "QVE9" if it is text)"},
      {"====", BASE64 R"("===="; send "PT09PQ==" if it is text)"},
  };
  for (const auto& row : rows) {
    const std::string text(row.text);
    const std::string refusal(row.refusal);
    EXPECT_EQ(Kinds().Arguments("t.Kinds", R"({"fBytes":")" + text + "\"}"),
              "$.fBytes: " + refusal);
    EXPECT_EQ(Kinds().Arguments("t.Kinds", R"({"rBytes":["","AQ==",")" + text + "\"]}"),
              "$.rBytes[2]: " + refusal);
    EXPECT_EQ(Kinds().Arguments("t.Kinds", R"({"mFixed64":{"1":")" + text + "\"}}"),
              "$.mFixed64[\"1\"]: " + refusal);
    EXPECT_EQ(Kinds().Arguments("t.Kinds", R"({"wBytes":")" + text + "\"}"),
              "$.wBytes: " + refusal);
  }
  // What is long is not repeated.
  EXPECT_EQ(Kinds().Arguments("t.Kinds", R"({"fBytes":")" + std::string(101, 'a') + "\"}"),
            "$.fBytes: " BASE64 "\"" + std::string(64, 'a') + "...\"");
  // ProtoJSON is lenient.
  EXPECT_EQ(Kinds().Round("t.Kinds", R"({"fBytes":"_-8","rBytes":["AQI","AR=="]})"),
            R"({"fBytes":"/+8=","rBytes":["AQI=","AQ=="]})");
}

TEST(CodecGiven, TellsWhichFieldsAreWritten) {
  uint64_t given = 99;
  std::string wire;
  CodecError error;
  const auto bits = [&](std::string_view message, std::string_view json) {
    wire.clear();
    int repairs = 0;
    EXPECT_TRUE(Kinds().codec().ArgumentsToWire(Kinds().plan(message), json, &wire, &error,
                                                {.repairs = &repairs, .given = &given}))
        << error.message;
    return given;
  };
  EXPECT_EQ(bits("t.Leaf", "{}"), 0u);
  EXPECT_EQ(bits("t.Leaf", R"({"a":1,"leaf":{"b":"x"}})"), 0b101u);
  EXPECT_EQ(bits("t.Leaf", R"({"b":"x","list":[1]})"), 0b1010u);
  // Zero, null and the empty list are not written, an empty message is.
  EXPECT_EQ(bits("t.Leaf", R"({"a":0,"b":"","list":[],"leaf":null})"), 0u);
  EXPECT_EQ(bits("t.Leaf", R"({"leaf":{}})"), 0b100u);
  EXPECT_EQ(bits("t.Leaf", R"("{\"a\":1}")"), 0b1u);
  EXPECT_EQ(bits("google.protobuf.Timestamp", R"({"value":"1970-01-01T00:00:05Z"})"), 0u);
  // The 65th field and those behind it have no bit.
  EXPECT_EQ(bits("t.Kinds", R"({"fDouble":1,"rwAny":[{}],"@odd name":"x","farAway":1})") & 1, 1u);
}

}  // namespace
}  // namespace bridge::transcode
