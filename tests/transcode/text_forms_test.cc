// The small text forms that the codec is made of.

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/transcode/base64.h"
#include "bridge/transcode/field_mask_text.h"
#include "bridge/transcode/key_set.h"
#include "bridge/transcode/name_table.h"
#include "bridge/transcode/number_text.h"
#include "bridge/transcode/wire.h"
#include "gtest/gtest.h"

namespace bridge::transcode {
namespace {

TEST(NumberTextTest, IntegersAreExact) {
  struct Row {
    std::string_view text;
    IntegerError error;
    bool negative;
    uint64_t magnitude;
  };
  constexpr IntegerError kNone = IntegerError::kNone;
  constexpr IntegerError kFraction = IntegerError::kFraction;
  constexpr IntegerError kOutOfRange = IntegerError::kOutOfRange;
  const Row rows[] = {
      {"0", kNone, false, 0},
      {"-0", kNone, true, 0},
      {"9007199254740993", kNone, false, 9007199254740993},
      {"9999999999999999999", kNone, false, 9999999999999999999u},
      {"18446744073709551615", kNone, false, 18446744073709551615u},
      {"18446744073709551616", kOutOfRange, false, 0},
      {"184467440737095516150e-1", kNone, false, 18446744073709551615u},
      {"1.8446744073709551615E19", kNone, false, 18446744073709551615u},
      {"-12.50e+1", kNone, true, 125},
      {"-12.50e0", kFraction, true, 0},
      {"0.001e3", kNone, false, 1},
      {"0.001e2", kFraction, false, 0},
      {"1000e-3", kNone, false, 1},
      {"0e-999999999999", kNone, false, 0},
      {"0.000e999999999999", kNone, false, 0},
      {"1e536870000", kOutOfRange, false, 0},
      {"1e-536870000", kFraction, false, 0},
      {"0.5", kFraction, false, 0},
  };
  for (const Row& row : rows) {
    bool negative;
    uint64_t magnitude;
    const IntegerError error = ParseInteger(row.text, &negative, &magnitude);
    EXPECT_EQ(error, row.error) << row.text;
    if (error != kNone) continue;
    EXPECT_EQ(negative, row.negative) << row.text;
    EXPECT_EQ(magnitude, row.magnitude) << row.text;
  }
}

TEST(NumberTextTest, OnlyJsonNumbersAreNumbers) {
  for (const std::string_view text : {"0", "-1", "1.5", "1e3", "-1.5E-3"}) {
    EXPECT_TRUE(IsJsonNumber(text)) << text;
  }
  for (const std::string_view text :
       {"", "-", "01", "+1", "1.", ".5", "1e", " 1", "1 ", "1x", "0x1", "NaN", "1,0", "--1"}) {
    EXPECT_FALSE(IsJsonNumber(text)) << text;
  }
}

TEST(NumberTextTest, FloatingPointIsNearestAndRanged) {
  double wide;
  float narrow;
  EXPECT_TRUE(ParseFloating("0.1", &wide));
  EXPECT_EQ(wide, 0.1);
  EXPECT_TRUE(ParseFloating("16777217", &narrow));
  EXPECT_EQ(narrow, 16777216.0F);
  EXPECT_TRUE(ParseFloating("3.40282351e38", &narrow));
  EXPECT_EQ(narrow, std::numeric_limits<float>::max());
  EXPECT_FALSE(ParseFloating("3.5e38", &narrow));
  EXPECT_FALSE(ParseFloating("-1.8e308", &wide));
  EXPECT_FALSE(ParseFloating("1e400", &wide));
  EXPECT_FALSE(ParseFloating("100000000000000000000000e300", &wide));
  EXPECT_TRUE(ParseFloating("-1e-400", &wide));
  EXPECT_EQ(wide, 0);
  EXPECT_TRUE(std::signbit(wide));
  EXPECT_TRUE(ParseFloating("0.0000000000000000000000000001e-380", &wide));
  EXPECT_EQ(wide, 0);
  EXPECT_TRUE(ParseFloating("5e-324", &wide));
  EXPECT_EQ(wide, 5e-324);
  EXPECT_TRUE(ParseFloating("1e-60", &narrow));
  EXPECT_EQ(narrow, 0);
}

TEST(NumberTextTest, AgreesWithTheLibrary) {
  std::mt19937_64 random(20260731);
  for (int i = 0; i < 20000; ++i) {
    char text[64];
    std::snprintf(text, sizeof(text), "%llu.%llue%d",
                  static_cast<unsigned long long>(random() % 100000),
                  static_cast<unsigned long long>(random() % 1000000),
                  static_cast<int>(random() % 700) - 350);
    const double expected = std::strtod(text, nullptr);
    double value = -1;
    EXPECT_EQ(ParseFloating(text, &value), std::isfinite(expected)) << text;
    if (std::isfinite(expected)) {
      EXPECT_EQ(value, expected) << text;
    }
  }
}

std::string Decode(std::string_view text) {
  std::string out(MaxBase64DecodedSize(text.size()), '\0');
  char* const end = ReadBase64(out.data(), text);
  if (end == nullptr) return "refused";
  out.resize(static_cast<size_t>(end - out.data()));
  return out;
}

TEST(Base64Test, WritesAndReads) {
  std::mt19937 random(20260731);
  for (size_t size = 0; size < 100; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    std::string text(Base64Size(size), '\0');
    EXPECT_EQ(WriteBase64(text.data(), bytes), text.data() + text.size());
    EXPECT_EQ(Decode(text), bytes);
    std::string url = text;
    for (char& c : url) c = c == '+' ? '-' : c == '/' ? '_' : c;
    while (url.ends_with('=')) url.pop_back();
    EXPECT_EQ(Decode(url), bytes);
  }
}

TEST(Base64Test, Refuses) {
  for (const std::string_view text : {"A", "AAAAA", "A===", "AQ=", "AQI==", "=",
                                      "====", "A=Q=", "AQ I=", "A*==", "AQ\n==", "\xC3\xA9=="}) {
    EXPECT_EQ(Decode(text), "refused") << text;
  }
}

TEST(FieldMaskTextTest, OnlyWhatComesBack) {
  const auto snake = [](std::string_view text) {
    ByteBuffer out;
    out.Reset(1000);
    return AppendSnakePath(text, &out) ? std::string(out.view()) : "refused";
  };
  const auto camel = [](std::string_view text) {
    ByteBuffer out;
    out.Reset(1000);
    return AppendCamelPath(text, &out) ? std::string(out.view()) : "refused";
  };
  EXPECT_EQ(snake("fooBar.bazQ1"), "foo_bar.baz_q1");
  EXPECT_EQ(camel("foo_bar.baz_q1"), "fooBar.bazQ1");
  for (const std::string_view text : {"", "foo_bar", "foo bar", "foo-bar", "\xC3\xA9"}) {
    EXPECT_EQ(snake(text), "refused") << text;
  }
  for (const std::string_view text : {"", "fooBar", "foo__bar", "foo_", "foo_3", "foo bar"}) {
    EXPECT_EQ(camel(text), "refused") << text;
  }
}

TEST(NameTableTest, FindsWhatWasAdded) {
  NameTable table;
  EXPECT_EQ(table.Find("x"), NameTable::kNone);
  std::vector<std::string> names = {""};
  for (int i = 0; i < 3000; ++i) names.push_back("name" + std::to_string(i * 7919));
  for (int i = 0; i < 300; ++i) names.push_back(std::string(static_cast<size_t>(i) + 1, 'x'));
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_TRUE(table.Add(names[i], static_cast<uint32_t>(i))) << names[i];
  }
  for (size_t i = 0; i < names.size(); ++i) EXPECT_EQ(table.Find(names[i]), i);
  EXPECT_FALSE(table.Add("name0", 5));
  EXPECT_EQ(table.Find("name0"), 1u);
  EXPECT_EQ(table.Find("name1"), NameTable::kNone);
}

TEST(KeySetTest, FindsRepeatedKeysAtEverySize) {
  std::vector<uint64_t> slots;
  std::vector<std::string> keys;
  KeySet set(&slots);
  const auto add = [&](const std::string& key) {
    keys.push_back(key);
    return set.Add(static_cast<uint32_t>(keys.size() - 1), HashKey(key),
                   [&](uint32_t other) { return keys[other] == key; });
  };
  for (uint32_t i = 0; i < 3000; ++i) {
    EXPECT_EQ(add("key" + std::to_string(i)), KeySet::kNone);
    if (i % 100 == 0) {
      KeySet inner(&slots);
      for (uint32_t k = 0; k < 100; ++k) inner.Add(k, k, [](uint32_t) { return false; });
    }
  }
  for (uint32_t i = 0; i < 3000; ++i) EXPECT_EQ(add("key" + std::to_string(i)), i);
}

TEST(KeySetTest, TheHashSeesEveryByte) {
  for (size_t size = 1; size < 40; ++size) {
    const std::string key(size, 'a');
    EXPECT_NE(HashKey(key), HashKey(key + "a"));
    for (size_t at = 0; at < size; ++at) {
      std::string other = key;
      other[at] = 'b';
      EXPECT_NE(HashKey(key), HashKey(other)) << size << " " << at;
    }
  }
}

TEST(VarintTest, EveryLength) {
  char bytes[kMaxVarint];
  for (int bit = 0; bit < 64; ++bit) {
    for (const uint64_t value : {uint64_t{1} << bit, (uint64_t{1} << bit) - 1}) {
      const char* const end = WriteVarint(bytes, value);
      EXPECT_EQ(static_cast<size_t>(end - bytes), VarintSize(value));
      uint64_t read;
      EXPECT_EQ(ReadVarint(bytes, end, &read), end);
      EXPECT_EQ(read, value);
      EXPECT_EQ(ReadVarint(bytes, end - 1, &read), nullptr);
    }
  }
  EXPECT_EQ(UnZigZag64(ZigZag64(std::numeric_limits<int64_t>::min())),
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(UnZigZag32(ZigZag32(std::numeric_limits<int32_t>::min())),
            std::numeric_limits<int32_t>::min());
  EXPECT_EQ(ZigZag32(-1), 1u);
  EXPECT_EQ(ZigZag32(1), 2u);
}

}  // namespace
}  // namespace bridge::transcode
