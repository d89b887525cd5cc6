#include "bridge/base/json_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include "bridge/base/json_cursor.h"
#include "bridge/base/json_scan.h"
#include "gtest/gtest.h"

namespace bridge {
namespace {

using std::string_view_literals::operator""sv;

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(&out, text);
  return out;
}

std::string Double(double value) {
  std::string out;
  AppendJsonDouble(&out, value);
  return out;
}

std::string Float(float value) {
  std::string out;
  AppendJsonFloat(&out, value);
  return out;
}

TEST(JsonTextTest, EscapesWhatTheStandardAsksAndNothingMore) {
  struct Row {
    std::string_view text;
    std::string_view json;
  };
  const Row rows[] = {
      {"", "\"\""},
      {"plain", "\"plain\""},
      {"a\"b\\c/d", R"("a\"b\\c/d")"},
      {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {"\0\x01\x1F\x7F"sv, "\"\\u0000\\u0001\\u001f\x7F\""},
      {"<>&'\xE2\x80\xA8", "\"<>&'\xE2\x80\xA8\""},
      {"0123456789abcdef0123456789abcdef\n", "\"0123456789abcdef0123456789abcdef\\n\""},
      {"\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\""},
      {"a\xFFz", "\"a\xEF\xBF\xBDz\""},
      {"\xE2\x82", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {"\xE2\x82\n", "\"\xEF\xBF\xBD\xEF\xBF\xBD\\n\""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Quoted(row.text), row.json);
    EXPECT_TRUE(IsValidJson(Quoted(row.text)));
  }
}

TEST(JsonTextTest, TellsWhetherBytesWereReplaced) {
  std::string out;
  EXPECT_TRUE(AppendJsonString(&out, "ok \xC3\xA9 \n \xC3\xA9"));
  EXPECT_FALSE(AppendJsonString(&out, "bad \xC3"));
  EXPECT_FALSE(AppendJsonEscaped(&out, "bad \xC3\n then good"));
}

TEST(JsonTextTest, EscapedPiecesJoinToTheWhole) {
  std::string out;
  AppendJsonEscaped(&out, "a\n");
  AppendJsonEscaped(&out, "\"b");
  EXPECT_EQ(out, R"(a\n\"b)");
}

TEST(JsonTextTest, RandomBytesReadBackOrBecomeValid) {
  std::mt19937 random(20260731);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 70, '\0');
    for (char& c : text) c = static_cast<char>(random() % (round % 2 == 0 ? 128 : 256));
    const std::string json = Quoted(text);
    JsonCursor cursor(json);
    std::string scratch;
    std::string_view value;
    ASSERT_TRUE(cursor.ReadString(&value, &scratch) && cursor.Finish()) << cursor.error();
    if (round % 2 == 0) {
      EXPECT_EQ(value, text);
    }
  }
}

// Every length and every place of a quote within and across the blocks of 16.
TEST(JsonTextTest, JsonInAStringIsEscapedAsAnyText) {
  std::mt19937 random(20261121);
  for (int round = 0; round < 20'000; ++round) {
    std::string json(random() % 70, ' ');
    for (char& byte : json) byte = R"(ab"\{}:,9 cd)"[random() % 12];
    std::string expected = "kept";
    AppendJsonEscaped(&expected, json);
    std::string out = "kept";
    AppendJsonInString(&out, json);
    ASSERT_EQ(out, expected) << json;
  }
}

TEST(JsonTextTest, Integers) {
  std::string out;
  AppendJsonInt(&out, std::numeric_limits<int64_t>::min());
  out += ' ';
  AppendJsonInt(&out, 0);
  out += ' ';
  AppendJsonUint(&out, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(out, "-9223372036854775808 0 18446744073709551615");
}

TEST(JsonTextTest, FloatingPoint) {
  EXPECT_EQ(Double(0), "0");
  EXPECT_EQ(Double(-0.0), "-0.0");
  EXPECT_EQ(Double(1), "1");
  EXPECT_EQ(Double(-3), "-3");
  EXPECT_EQ(Double(100000), "100000");
  EXPECT_EQ(Double(0.1), "0.1");
  EXPECT_EQ(Double(19.99), "19.99");
  EXPECT_EQ(Double(0.0001), "0.0001");
  EXPECT_EQ(Double(1e-7), "1e-07");
  EXPECT_EQ(Double(1e15), "1e+15");
  EXPECT_EQ(Double(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(Double(5e-324), "5e-324");
  EXPECT_EQ(Float(0.1F), "0.1");
  EXPECT_EQ(Float(3.4028235e38F), "3.4028235e+38");
  EXPECT_EQ(Float(16777216.0F), "16777216");
  EXPECT_EQ(Float(-2.5F), "-2.5");
}

// Against the library: as few digits, and the same value.
TEST(JsonTextTest, FewDecimalsAreTheShortest) {
  std::mt19937_64 random(20260731);
  for (int i = 0; i < 200000; ++i) {
    const double scale = std::pow(10, static_cast<double>(random() % 9));
    double value = static_cast<double>(random() % 1000000000) / scale;
    if (i % 3 == 1) value = std::nextafter(value, 1e300);
    if (i % 3 == 2) value = -value;
    char shortest[64];
    const auto end =
        std::to_chars(shortest, shortest + sizeof(shortest), value, std::chars_format::fixed).ptr;
    const std::string text = Double(value);
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), value);
    if (std::abs(value) >= 1e-6) {
      EXPECT_EQ(text, std::string(shortest, end));
    }
  }
}

TEST(JsonTextTest, PlainBytesAreCopiedAndOthersRefused) {
  for (size_t size = 0; size < 70; ++size) {
    const std::string plain(size, 'x');
    std::string copy(size, '\0');
    EXPECT_EQ(CopyPlainJson(copy.data(), plain.data(), size), copy.data() + size);
    EXPECT_EQ(copy, plain);
    for (size_t at = 0; at < size; ++at) {
      for (const char special : {'"', '\\', '\n', '\0', '\x1f', '\x80', '\xff'}) {
        std::string text = plain;
        text[at] = special;
        EXPECT_EQ(CopyPlainJson(copy.data(), text.data(), size), nullptr) << size << " " << at;
      }
    }
  }
}

TEST(JsonTextTest, FloatingPointReadsBackExactly) {
  std::mt19937_64 random(20260731);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = random();
    double wide;
    static_assert(sizeof(wide) == sizeof(bits));
    std::memcpy(&wide, &bits, sizeof(wide));
    if (i % 2 == 0) wide = static_cast<double>(static_cast<int64_t>(bits % 2000000)) / 1000.0;
    if (std::isfinite(wide)) {
      EXPECT_EQ(std::strtod(Double(wide).c_str(), nullptr), wide);
      EXPECT_TRUE(IsValidJson(Double(wide)));
    }
    const auto narrow = static_cast<float>(wide);
    if (std::isfinite(narrow)) {
      EXPECT_EQ(std::strtof(Float(narrow).c_str(), nullptr), narrow);
      EXPECT_TRUE(IsValidJson(Float(narrow)));
    }
  }
}

}  // namespace
}  // namespace bridge
