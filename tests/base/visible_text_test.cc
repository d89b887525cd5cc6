// Every code point there is, held against Unicode's own list.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/base/text.h"
#include "gtest/gtest.h"

namespace bridge {
namespace {

struct Range {
  uint32_t first, last;
  bool Has(uint32_t c) const { return first <= c && c <= last; }
};

// Default_Ignorable_Code_Point of DerivedCoreProperties-17.0.0.txt, line by line; `node -p` with
// /\p{Default_Ignorable_Code_Point}/u says the same.
constexpr Range kDefaultIgnorable[] = {
    {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C},   {0x115F, 0x1160},
    {0x17B4, 0x17B5},   {0x180B, 0x180D},   {0x180E, 0x180E},   {0x180F, 0x180F},
    {0x200B, 0x200F},   {0x202A, 0x202E},   {0x2060, 0x2064},   {0x2065, 0x2065},
    {0x2066, 0x206F},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFF8},   {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0000}, {0xE0001, 0xE0001}, {0xE0002, 0xE001F}, {0xE0020, 0xE007F},
    {0xE0080, 0xE00FF}, {0xE0100, 0xE01EF}, {0xE01F0, 0xE0FFF},
};
// What else nobody can see: Cc without tab and newline, the blank braille pattern, and the anchors
// of interlinear annotations.
constexpr Range kOthers[] = {
    {0x0000, 0x0008}, {0x000B, 0x001F}, {0x007F, 0x009F}, {0x2800, 0x2800}, {0xFFF9, 0xFFFB}};

std::string ToUtf8(uint32_t c) {
  const auto byte = [](uint32_t bits) { return static_cast<char>(bits); };
  const auto tail = [&](unsigned shift) { return byte(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), tail(6), tail(0)};
  return {byte(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

TEST(A14VisibleText, DropsAllThatUnicodeIgnoresAndNothingElse) {
  const auto is_in = [](const auto& ranges, uint32_t c) {
    return std::any_of(std::begin(ranges), std::end(ranges),
                       [c](const Range& range) { return range.Has(c); });
  };
  size_t dropped = 0;
  for (uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;  // no characters
    const std::string character = ToUtf8(c);
    std::string expected = "a" + character + "b";
    if (is_in(kDefaultIgnorable, c) || is_in(kOthers, c)) {
      expected = "ab";
      ++dropped;
    } else if (c == '\t') {
      expected = "a b";
    } else if (c == 0x2028 || c == 0x2029) {
      expected = "a\nb";
    }
    ASSERT_EQ(VisibleText("a" + character + "b"), expected) << std::hex << c;
  }
  EXPECT_EQ(dropped, 4174u + 63 + 4) << "Unicode's own; Cc without tab and newline; the others";
}

TEST(A14VisibleText, HiddenWordsAreGone) {
  struct Row {
    std::string_view text, expected;
  };
  for (const Row& row : {
           Row{"ship\u115f\u1160it", "shipit"},  // Hangul fillers
           Row{"pay\u3164\uffa0load", "payload"},
           Row{"or\u034fder\u17b4\u17b5", "order"},            // grapheme joiner, Khmer vowels
           Row{"a\u180b\u180e\u180fb", "ab"},                  // Mongolian selectors
           Row{"no\u2800thing", "nothing"},                    // braille blank
           Row{"x\U0001D173\U0001D17Ay\U0001BCA0", "xy"},      // music, shorthand
           Row{"t\U000E0069\U000E0067\U000E007Fag", "tag"},    // tag characters
           Row{"\u202eevil\u202c \u2066or\u2069", "evil or"},  // bidirectional
           Row{"\u061ca\u200e\u200f", "a"}, Row{"c1\u0085\u009b31m", "c131m"},  // NEL, CSI
           Row{"v\ufe0f\U000E0100s", "vs"},  // variation selectors
       }) {
    EXPECT_EQ(VisibleText(row.text), row.expected);
  }
}

}  // namespace
}  // namespace bridge
