// The one-step readers of what is most often there: each reads it as the general reader does, or
// reads nothing.

#include <cstring>
#include <string>
#include <string_view>

#include "bridge/base/json_cursor.h"
#include "gtest/gtest.h"

namespace bridge {
namespace {

// With the 16 bytes behind it that TakeMember may read.
class Key {
 public:
  explicit Key(std::string_view name) : text_(name) { text_.append(16, '\0'); }
  std::string_view view() const { return std::string_view(text_).substr(0, text_.size() - 16); }

 private:
  std::string text_;
};

TEST(JsonShortcuts, TakeMemberReadsThatNameOnly) {
  const Key key("\"name\":");
  const Key long_key("\"a_name_that_is_longer_than_one_block\":");
  const struct {
    std::string_view text;
    std::string_view key;
    bool taken;
  } rows[] = {
      {R"({"name":1})", key.view(), true},
      {R"({"name":"and more text behind it"})", key.view(), true},
      {R"({"name" :1})", key.view(), false},
      {R"({ "name":1})", key.view(), false},
      {R"({"nama":1})", key.view(), false},
      {R"({"name)", key.view(), false},
      {R"({,"name":1})", key.view(), false},
      {R"({})", key.view(), false},
      {R"({"a_name_that_is_longer_than_one_block":1})", long_key.view(), true},
      {R"({"a_name_that_is_longer_than_one_block":"and more text behind it"})", long_key.view(),
       true},
      {R"({"a_name_that_is_longer_than_one_blocc":"and more text behind it"})", long_key.view(),
       false},
      {R"({"b_name_that_is_longer_than_one_block":"and more text behind it"})", long_key.view(),
       false},
  };
  for (const auto& row : rows) {
    JsonCursor cursor(row.text);
    ASSERT_TRUE(cursor.EnterObject());
    EXPECT_EQ(cursor.TakeMember(row.key), row.taken) << row.text;
    EXPECT_EQ(cursor.offset(), row.taken ? 1 + row.key.size() : 1) << row.text;
  }
  // A second member needs its comma.
  JsonCursor cursor(R"({"name":1,"name":2"name":3})");
  ASSERT_TRUE(cursor.EnterObject());
  EXPECT_TRUE(cursor.TakeMember(key.view()));
  EXPECT_TRUE(cursor.SkipValue(nullptr));
  EXPECT_TRUE(cursor.TakeMember(key.view()));
  EXPECT_TRUE(cursor.SkipValue(nullptr));
  EXPECT_FALSE(cursor.TakeMember(key.view()));
}

TEST(JsonShortcuts, TakeShortStringAtEveryLengthAndDistanceFromTheEnd) {
  for (size_t size = 0; size <= 130; ++size) {
    for (const size_t behind : {0, 1, 14, 15, 16, 40}) {
      const std::string value(size, 'x');
      const std::string text = '"' + value + '"' + std::string(behind, ' ');
      JsonCursor cursor(text);
      std::string copy(kMaxShortString, '\0');
      const int taken = cursor.TakeShortString(copy.data());
      if (taken < 0) {
        EXPECT_EQ(cursor.offset(), 0u);
        EXPECT_TRUE(size >= static_cast<size_t>(kMaxShortString) || behind < 16) << size;
        continue;
      }
      EXPECT_EQ(copy.substr(0, static_cast<size_t>(taken)), value);
      EXPECT_EQ(cursor.offset(), size + 2);
    }
  }
}

TEST(JsonShortcuts, TakeShortStringLeavesAllOthers) {
  for (std::string text : {R"("a\n")", "\"\xC3\xBC\"", "\"a\tb\"", "\"a", "5", "\"\\\""}) {
    text.append(32, ' ');
    JsonCursor cursor(text);
    std::string copy(kMaxShortString, '\0');
    EXPECT_EQ(cursor.TakeShortString(copy.data()), -1) << text;
    EXPECT_EQ(cursor.offset(), 0u) << text;
    EXPECT_TRUE(cursor.ok());
  }
}

TEST(JsonShortcuts, TakeDecimal) {
  const struct {
    std::string_view text;
    uint64_t digits;
    int decimals;
    bool negative;
  } taken[] = {
      {"0,", 0, 0, false},
      {"-0 ", 0, 0, true},
      {"12]", 12, 0, false},
      {"\"12\"", 12, 0, false},
      {"-3.25}", 325, 2, true},
      {"0.001,", 1, 3, false},
      {"\"-0.5\"", 5, 1, true},
      {"1.0,", 10, 1, false},
      {"10000000000000000 ", 10000000000000000, 0, false},
      {"123456789012345678,", 123456789012345678, 0, false},
  };
  for (const auto& row : taken) {
    JsonCursor cursor(row.text);
    JsonCursor::Decimal value;
    ASSERT_TRUE(cursor.TakeDecimal(&value)) << row.text;
    EXPECT_EQ(value.digits, row.digits) << row.text;
    EXPECT_EQ(value.decimals, row.decimals) << row.text;
    EXPECT_EQ(value.negative, row.negative) << row.text;
    EXPECT_EQ(cursor.offset(), row.text.size() - (row.text.front() == '"' ? 0 : 1)) << row.text;
  }
  for (const std::string_view text : {"12",
                                      "01,",
                                      "-01,",
                                      "00.5,",
                                      "1.,",
                                      ".5,",
                                      "-,",
                                      "1e5,",
                                      "1.5E3,",
                                      "\"12",
                                      "\"12,",
                                      "12\"",
                                      "\"\"",
                                      "\" 1\"",
                                      "\"1 \"",
                                      "\"NaN\"",
                                      "1234567890123456789,",
                                      "0.12345678901234567,",
                                      "x",
                                      "\"1e5\"",
                                      "\"01\"",
                                      "-\"1\"",
                                      ""}) {
    JsonCursor cursor(text);
    JsonCursor::Decimal value;
    EXPECT_FALSE(cursor.TakeDecimal(&value)) << text;
    EXPECT_EQ(cursor.offset(), 0u) << text;
    EXPECT_TRUE(cursor.ok()) << text;
  }
}

TEST(JsonShortcuts, GoBackReturnsToTheValue) {
  JsonCursor cursor(R"({"a":[1,{"b":2}],"c":3})");
  std::string_view key;
  ASSERT_TRUE(cursor.EnterObject());
  ASSERT_TRUE(cursor.NextMember(&key));
  const JsonCursor::Place value = cursor.place();
  ASSERT_TRUE(cursor.EnterArray());
  ASSERT_TRUE(cursor.NextElement());
  ASSERT_TRUE(cursor.GoBack(value));
  std::string_view raw;
  ASSERT_TRUE(cursor.SkipValue(&raw));
  EXPECT_EQ(raw, R"([1,{"b":2}])");
  ASSERT_TRUE(cursor.NextMember(&key));
  EXPECT_EQ(key, "c");
  EXPECT_FALSE(cursor.EnterArray());
  EXPECT_FALSE(cursor.GoBack(value)) << "an error stays";
}

}  // namespace
}  // namespace bridge
