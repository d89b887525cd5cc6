#include "bridge/base/json_cursor.h"

#include <string>
#include <string_view>

#include "bridge/base/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bridge {
namespace {

using std::string_view_literals::operator""sv;

// Prints what a cursor sees: a full walk through every kind of call.
void Walk(JsonCursor* cursor, std::string* out) {
  JsonType type;
  if (!cursor->Peek(&type)) return;
  std::string scratch;
  std::string_view text;
  bool flag = false;
  switch (type) {
    case JsonType::kNull:
      if (cursor->ReadNull()) *out += "null";
      return;
    case JsonType::kBool:
      if (cursor->ReadBool(&flag)) *out += flag ? "true" : "false";
      return;
    case JsonType::kNumber:
      if (cursor->ReadNumber(&text)) *out += text;
      return;
    case JsonType::kString:
      if (cursor->ReadString(&text, &scratch)) out->append("<").append(text).append(">");
      return;
    case JsonType::kArray:
      *out += "[";
      if (!cursor->EnterArray()) return;
      while (cursor->NextElement()) {
        Walk(cursor, out);
        *out += ",";
      }
      *out += "]";
      return;
    case JsonType::kObject:
      *out += "{";
      if (!cursor->EnterObject()) return;
      while (cursor->NextMember(&text)) {
        out->append(text).append(":");
        Walk(cursor, out);
        *out += ",";
      }
      *out += "}";
      return;
  }
}

struct Accepted {
  std::string_view text;
  std::string_view walk;
};

TEST(JsonCursorTest, AcceptsAndDecodes) {
  const Accepted rows[] = {
      {"null", "null"},
      {" \t\r\n true \n", "true"},
      {"false", "false"},
      {"0", "0"},
      {"-0", "-0"},
      {"-12.50e+3", "-12.50e+3"},
      {"1E400", "1E400"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"\"\"", "<>"},
      {R"("a\"b\\c\/d\b\f\n\r\te")", "<a\"b\\c/d\b\f\n\r\te>"},
      {R"("\u0041\u00e9\u20AC\ud83d\uDE00")", "<A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80>"},
      {R"("\u0000")", "<\0>"sv},
      {"\"\x7F\xC3\xA9 0123456789abcdef\xF4\x8F\xBF\xBF\"",
       "<\x7F\xC3\xA9 0123456789abcdef\xF4\x8F\xBF\xBF>"},
      {"\"0123456789abcdef0123456789abcdef0123456789\\n\"",
       "<0123456789abcdef0123456789abcdef0123456789\n>"},
      {"[]", "[]"},
      {"[ ]", "[]"},
      {"{}", "{}"},
      {"{ }", "{}"},
      {"[[],{},[{}]]", "[[],{},[{},],]"},
      {R"({"a":1,"a":2})", "{a:1,a:2,}"},
      {R"( { "fieldn\u0061me" : [ 1 , "x" , null ] , "" : { "k" : true } } )",
       "{fieldname:[1,<x>,null,],:{k:true,},}"},
  };
  for (const Accepted& row : rows) {
    SCOPED_TRACE(row.text);
    JsonCursor cursor(row.text);
    std::string walk;
    Walk(&cursor, &walk);
    EXPECT_TRUE(cursor.Finish()) << cursor.error() << " at " << cursor.offset();
    EXPECT_EQ(walk, row.walk);
    EXPECT_TRUE(IsValidJson(row.text));
  }
}

struct Rejected {
  std::string_view text;
  size_t offset;
  std::string_view error;
};

TEST(JsonCursorTest, RejectsWithPlaceAndReason) {
  const Rejected rows[] = {
      {"", 0, "unexpected end of text"},
      {"  ", 2, "unexpected end of text"},
      {"\xEF\xBB\xBF{}", 0, "unexpected character, expected a value"},
      {"nul", 0, "expected null"},
      {"True", 0, "unexpected character, expected a value"},
      {"tru", 0, "expected true or false"},
      {"NaN", 0, "unexpected character, expected a value"},
      {"+1", 0, "unexpected character, expected a value"},
      {"01", 0, "leading zero in number"},
      {"-01", 1, "leading zero in number"},
      {"-", 0, "expected a number"},
      {"1.", 2, "expected a digit after '.'"},
      {".5", 0, "unexpected character, expected a value"},
      {"1e", 2, "expected a digit in the exponent"},
      {"1e+", 3, "expected a digit in the exponent"},
      {"1 2", 2, "unexpected text after the value"},
      {"12abc", 2, "unexpected text after the value"},
      {"{} x", 3, "unexpected text after the value"},
      {"[1,]", 3, "unexpected character, expected a value"},
      {"[,1]", 1, "unexpected character, expected a value"},
      {"[1 2]", 3, "unexpected character in array, expected ',' or ']'"},
      {"[1}", 2, "unexpected character in array, expected ',' or ']'"},
      {"[1", 2, "unexpected end of text"},
      {"[", 1, "unexpected end of text"},
      {R"({"a":1,})", 7, "expected a member name in double quotes"},
      {R"({a:1})", 1, "expected a member name in double quotes"},
      {R"({'a':1})", 1, "expected a member name in double quotes"},
      {R"({"a" 1})", 5, "expected ':' after the member name"},
      {R"({"a":})", 5, "unexpected character, expected a value"},
      {R"({"a":1 "b":2})", 7, "unexpected character in object, expected ',' or '}'"},
      {R"({"a":1)", 6, "unexpected end of text"},
      {R"(/*x*/1)", 0, "unexpected character, expected a value"},
      {R"("a)", 2, "unexpected end of text in string"},
      {"\"a\tb\"", 2, "raw control character in string"},
      {"\"a\0b\""sv, 2, "raw control character in string"},
      {R"("\U0041")", 2, "unknown escape in string"},
      {R"("\'")", 2, "unknown escape in string"},
      {R"("\u12")", 5, "expected four hexadecimal digits after \\u"},
      {R"("\u00)", 5, "unexpected end of text"},
      {R"("\ud800")", 1, "unpaired surrogate in string"},
      {R"("\udc00\ud800")", 1, "unpaired surrogate in string"},
      {R"("\ud800\u0041")", 1, "unpaired surrogate in string"},
      {"\"\xC0\x80\"", 1, "string is not valid UTF-8"},
      {"\"ab\xED\xA0\x80\"", 3, "string is not valid UTF-8"},
      {"\"\xF4\x90\x80\x80\"", 1, "string is not valid UTF-8"},
      {"\"0123456789abcdef\xE2\x82\"", 17, "string is not valid UTF-8"},
      {"\"\xFF\\n\"", 1, "string is not valid UTF-8"},
  };
  for (const Rejected& row : rows) {
    SCOPED_TRACE(row.text);
    JsonCursor walker(row.text);
    std::string walk;
    Walk(&walker, &walk);
    EXPECT_FALSE(walker.Finish());
    EXPECT_EQ(std::string_view(walker.error()), row.error);
    EXPECT_EQ(walker.offset(), row.offset);

    JsonCursor skipper(row.text);
    EXPECT_FALSE(skipper.SkipValue(nullptr) && skipper.Finish());
    EXPECT_EQ(std::string_view(skipper.error()), row.error);
    EXPECT_EQ(skipper.offset(), row.offset);
    EXPECT_FALSE(IsValidJson(row.text));
  }
}

TEST(JsonCursorTest, EveryPrefixOfATextIsRejected) {
  const std::string text =
      R"({"a":[1.5e3,"x\u00e9\ud83d\ude00",{"b":null}],"long string of bytes":true,"c":{}})";
  EXPECT_TRUE(IsValidJson(text));
  for (size_t size = 0; size < text.size(); ++size) {
    // A copy of exactly that size, so that a sanitizer sees any read beyond the end.
    const std::string prefix = text.substr(0, size);
    EXPECT_FALSE(IsValidJson(prefix)) << prefix;
  }
}

TEST(JsonCursorTest, DepthIsLimited) {
  EXPECT_TRUE(IsValidJson(std::string(100, '[') + std::string(100, ']')));
  EXPECT_FALSE(IsValidJson(std::string(101, '[') + std::string(101, ']')));
  EXPECT_TRUE(IsValidJson("{\"a\":[]}", 2));
  EXPECT_FALSE(IsValidJson("{\"a\":[{}]}", 2));
  JsonCursor cursor("[[[]]]", 2);
  EXPECT_FALSE(cursor.SkipValue(nullptr));
  EXPECT_STREQ(cursor.error(), "nesting too deep");
  EXPECT_EQ(cursor.offset(), 2u);
}

TEST(JsonCursorTest, DepthCountsOpenContainersOnly) {
  EXPECT_TRUE(IsValidJson("[[],[],[],{},{}]", 2));
}

TEST(JsonCursorTest, SkipReturnsTheExactText) {
  JsonCursor cursor(R"({"a" : {"x":[1, "\n"]} , "b": -1.0 })");
  std::string_view key;
  std::string_view raw;
  ASSERT_TRUE(cursor.EnterObject());
  ASSERT_TRUE(cursor.NextMember(&key));
  ASSERT_TRUE(cursor.SkipValue(&raw));
  EXPECT_EQ(raw, R"({"x":[1, "\n"]})");
  ASSERT_TRUE(cursor.NextMember(&key));
  EXPECT_EQ(key, "b");
  ASSERT_TRUE(cursor.SkipValue(&raw));
  EXPECT_EQ(raw, "-1.0");
  EXPECT_FALSE(cursor.NextMember(&key));
  EXPECT_TRUE(cursor.ok());
  EXPECT_TRUE(cursor.Finish());
}

TEST(JsonCursorTest, PlainStringsAreViewsOfTheText) {
  const std::string text = R"(["plain","esc\n"])";
  JsonCursor cursor(text);
  std::string scratch;
  std::string_view value;
  ASSERT_TRUE(cursor.EnterArray());
  ASSERT_TRUE(cursor.NextElement());
  ASSERT_TRUE(cursor.ReadString(&value, &scratch));
  EXPECT_EQ(value.data(), text.data() + 2);
  ASSERT_TRUE(cursor.NextElement());
  ASSERT_TRUE(cursor.ReadString(&value, &scratch));
  EXPECT_EQ(value, "esc\n");
  EXPECT_EQ(value.data(), scratch.data());
}

TEST(JsonCursorTest, WrongTypeIsAnErrorThatStays) {
  JsonCursor cursor(R"({"a":1})");
  bool flag;
  std::string_view text;
  std::string scratch;
  EXPECT_FALSE(cursor.ReadBool(&flag));
  EXPECT_STREQ(cursor.error(), "expected true or false");
  EXPECT_FALSE(cursor.EnterObject());
  EXPECT_FALSE(cursor.EnterArray());
  EXPECT_FALSE(cursor.NextMember(&text));
  EXPECT_FALSE(cursor.NextElement());
  EXPECT_FALSE(cursor.ReadString(&text, &scratch));
  EXPECT_FALSE(cursor.ReadNumber(&text));
  EXPECT_FALSE(cursor.ReadNull());
  EXPECT_FALSE(cursor.SkipValue(&text));
  EXPECT_FALSE(cursor.Finish());
  EXPECT_STREQ(cursor.error(), "expected true or false");
  EXPECT_EQ(cursor.offset(), 0u);
}

TEST(Utf8Test, AgreesWithTheDefinitionForEveryShortSequence) {
  // Every two-byte pair, and every lead with the edges of its second byte.
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string pair = {static_cast<char>(a), static_cast<char>(b)};
      const bool ascii = a < 0x80 && b < 0x80;
      const bool two = a >= 0xC2 && a < 0xE0 && b >= 0x80 && b < 0xC0;
      EXPECT_EQ(IsValidUtf8(pair), ascii || two) << a << " " << b;
      const std::string three = pair + "\x80";
      const bool triple = a >= 0xE0 && a < 0xF0 && b >= 0x80 && b < 0xC0 &&
                          !(a == 0xE0 && b < 0xA0) && !(a == 0xED && b > 0x9F);
      const bool tail = a < 0x80 && b >= 0xC2 && b < 0xE0;
      EXPECT_EQ(IsValidUtf8(three), triple || tail) << a << " " << b;
      const std::string four = pair + "\x80\xBF";
      const bool quad = a >= 0xF0 && a <= 0xF4 && b >= 0x80 && b < 0xC0 &&
                        !(a == 0xF0 && b < 0x90) && !(a == 0xF4 && b > 0x8F);
      const bool tail3 = a < 0x80 && b >= 0xE1 && b < 0xF0;
      EXPECT_EQ(IsValidUtf8(four), quad || tail3) << a << " " << b;
    }
  }
}

TEST(Utf8Test, AppendRoundTrips) {
  for (const uint32_t code_point :
       {0u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xD7FFu, 0xE000u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    std::string text;
    AppendUtf8(&text, code_point);
    EXPECT_EQ(Utf8SequenceLength(text), text.size()) << code_point;
  }
}

}  // namespace
}  // namespace bridge
