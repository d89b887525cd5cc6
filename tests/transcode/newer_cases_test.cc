// Cases of the official conformance suite that are newer than the packaged one (31 and the head of
// 2026), by their names there: for all kinds of numbers, and for editions.

#include <span>
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

constexpr std::string_view kIntegers[] = {"fInt32",    "fInt64",   "fUint32",  "fUint64",
                                          "fSint32",   "fSint64",  "fFixed32", "fFixed64",
                                          "fSfixed32", "fSfixed64"};
constexpr std::string_view kFloats[] = {"fDouble", "fFloat"};

std::string Member(std::string_view name, std::string_view value) {
  return "{\"" + std::string(name) + "\":" + std::string(value) + "}";
}

// With or without quotes: what the writer makes of a number.
std::string RoundNumber(std::string_view name, std::string_view value) {
  std::string text = Kinds().Round("t.Kinds", Member(name, value));
  std::erase(text, '"');
  return text;
}

TEST(NewerCases, StringsOfNumbers) {
  for (const std::string_view name : kIntegers) {
    const std::string hundred = "{" + std::string(name) + ":100}";
    for (const char* text : {"\"100\"", "100", "\"1e2\"", "1E2", "\"100.0\"", "1000e-1",
                             "\"\\u0031\\u00300\"", "0.1e3", "\"0.00001e+7\""}) {
      EXPECT_EQ(RoundNumber(name, text), hundred) << text;
    }
    EXPECT_EQ(RoundNumber(name, "\"0\""), "{}");
    EXPECT_EQ(RoundNumber(name, "-0"), "{}");
  }
  for (const std::string_view name : kFloats) {
    const std::string value = "{" + std::string(name) + ":12.5}";
    for (const char* text : {"\"12.5\"", "12.50", "\"1.25e1\"", "1250E-2", "\"125e-1\""}) {
      EXPECT_EQ(RoundNumber(name, text), value) << text;
    }
    EXPECT_EQ(RoundNumber(name, "\"1e3\""), "{" + std::string(name) + ":1000}");
  }
}

// ...FieldEmptyString, ...StringValuePartiallyNumeric, ...StringValueNonNumeric, spaces, hex,
// ...FieldTrueValue and the grammar of numbers.
TEST(NewerCases, WhatIsNoNumber) {
  for (const auto names : {std::span<const std::string_view>(kIntegers), {kFloats}}) {
    for (const std::string_view name : names) {
      for (const char* text : {"\"\"",
                               "\"12abc\"",
                               "\"abc\"",
                               "\"3x3\"",
                               "\" 1\"",
                               "\"1 \"",
                               "\"12 34\"",
                               "\"12,34\"",
                               "\"12\xE8\xB0\xB7\xE6\xAD\x8C"
                               "34\"",
                               "\"0x10\"",
                               "\"+1\"",
                               "\"01\"",
                               "\"-01\"",
                               "\"1.\"",
                               "\".5\"",
                               "\"-\"",
                               "\"1e\"",
                               "\"--1\"",
                               "\"1-\"",
                               "\"1.2.3\"",
                               "\"1\\n\"",
                               "true",
                               "false",
                               "{}",
                               "[1]",
                               "+1",
                               "01",
                               "-01",
                               "1.",
                               ".5",
                               "-",
                               "1e",
                               "0x10",
                               "1.2.3",
                               "1_000"}) {
        const std::string outcome = Kinds().Wire("t.Kinds", Member(name, text));
        EXPECT_TRUE(outcome.starts_with("$")) << name << " " << text;
      }
    }
  }
  for (const std::string_view name : kIntegers) {
    for (const char* text : {"0.5", "\"0.5\"", "\"NaN\"", "1e-1", "\"1e536870000\"",
                             "99999999999999999999", "\"-99999999999999999999\""}) {
      const std::string outcome = Kinds().Wire("t.Kinds", Member(name, text));
      EXPECT_TRUE(outcome.starts_with("$." + std::string(name) + ": ")) << text;
    }
  }
}

// Every number of up to 19 characters goes one of two ways; both have to mean the same.
TEST(NewerCases, PlainAndScaledDecimalsAgree) {
  for (const char* digits :
       {"0.1", "0.3", "123456.789", "42.5", "0.118", "9007199254740993.5", "0.00000000000000001",
        "4503599627370497.5", "179769313486231.57", "1.7976931348623157", "0.1234567890123456",
        "99999999999999.999", "-0.000001", "-8.5"}) {
    const std::string plain = Member("fDouble", digits);
    const std::string scaled = Member("fDouble", std::string(digits) + "e0");
    EXPECT_EQ(Kinds().Wire("t.Kinds", plain), Kinds().Wire("t.Kinds", scaled)) << digits;
  }
}

// Delimited fields, closed enums, expanded lists and implicit presence of an edition.
TEST(NewerCases, Editions) {
  auto files = descriptor::CompileText(R"(
      syntax = "proto2"; package e;
      enum Closed { NONE = 0; ONE = 1; }
      message M {
        optional int32 implicit = 1; optional M delimited = 2; repeated int32 expanded = 3;
        optional Closed closed = 4; optional int32 n = 5; repeated M parts = 6;
      })");
  auto& file = files.back();
  file.set_syntax("editions");
  file.GetReflection()->MutableUnknownFields(&file)->AddVarint(14, 1000);
  const auto set_feature = [](auto* options, int features_number, int feature, int value) {
    google::protobuf::UnknownFieldSet features;
    features.AddVarint(feature, static_cast<uint64_t>(value));
    std::string bytes;
    features.SerializeToString(&bytes);
    options->GetReflection()->MutableUnknownFields(options)->AddLengthDelimited(features_number,
                                                                                bytes);
  };
  const auto field = [&file](int index) {
    return file.mutable_message_type(0)->mutable_field(index)->mutable_options();
  };
  set_feature(field(0), 21, 1, 2);  // field_presence = IMPLICIT
  set_feature(field(1), 21, 5, 2);  // message_encoding = DELIMITED
  set_feature(field(2), 21, 3, 2);  // repeated_field_encoding = EXPANDED
  set_feature(field(5), 21, 5, 2);
  set_feature(file.mutable_enum_type(0)->mutable_options(), 7, 2, 2);  // enum_type = CLOSED
  const auto graph = descriptor::BuildOrThrow(files);
  const auto codec = Codec::Make(graph);
  const Plan& plan = *codec->Compile(*graph->FindMessage("e.M"));
  std::string wire;
  std::string json;
  CodecError error;
  ASSERT_TRUE(codec->JsonToWire(plan,
                                R"({"implicit":0,"delimited":{"n":0},"expanded":[1,2],)"
                                R"("closed":"ONE","n":0,"parts":[{},{"n":1}]})",
                                {}, &wire, &error))
      << error.message;
  EXPECT_EQ(
      wire,
      std::string("\x13\x28\x00\x14\x18\x01\x18\x02\x20\x01\x28\x00\x33\x34\x33\x28\x01\x34", 18));
  ASSERT_TRUE(codec->WireToJson(plan, wire, &json, &error)) << error.message;
  EXPECT_EQ(json, R"({"delimited":{"n":0},"expanded":[1,2],"closed":"ONE","n":0,)"
                  R"("parts":[{},{"n":1}]})");
  EXPECT_FALSE(codec->JsonToWire(plan, R"({"closed":2})", {}, &wire, &error));
  json.clear();
  ASSERT_TRUE(codec->WireToJson(plan, "\x20\x02\x28\x07", &json, &error));
  EXPECT_EQ(json, R"({"n":7})");
}

}  // namespace
}  // namespace bridge::transcode
