#include "bridge/base/text.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace bridge {
namespace {

TEST(NearestName, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string_view> names = {"pageSize", "pageToken", "filter", "orderBy", "id"};
  struct Row {
    std::string_view typed, expected;
  };
  for (const Row& row :
       {Row{"pagesize", "pageSize"}, Row{"page_size", "pageSize"}, Row{"PAGE-TOKEN", "pageToken"},
        Row{"pageTokn", "pageToken"}, Row{"filtre", "filter"}, Row{"oderBy", "orderBy"},
        Row{"customer", ""}, Row{"", ""}, Row{"x", ""}, Row{"ID", "id"}}) {
    EXPECT_EQ(NearestName(row.typed, names), row.expected) << row.typed;
  }
  EXPECT_EQ(NearestName(std::string(200, 'a'), std::vector<std::string_view>{"a"}), "");
  EXPECT_EQ(NearestName("a", {}), "");
}

TEST(NearestName, NoneOfTwoThatAreEquallyNear) {
  const std::vector<std::string_view> tie = {"cat", "car"};
  EXPECT_EQ(NearestName("cab", tie), "");
  const std::vector<std::string_view> numbered = {"E_VALUE_2", "E_VALUE_12", "OTHER"};
  EXPECT_EQ(NearestName("E_VALU_12", numbered), "E_VALUE_12") << "by all characters";
}

TEST(NearestName, WordsThatAllNamesBeginWithCountForNothing) {
  const std::vector<std::string_view> codes = {"CURRENCY_CODE_UNSPECIFIED", "CURRENCY_CODE_USD",
                                               "CURRENCY_CODE_EUR"};
  struct Row {
    std::string_view typed, expected;
  };
  for (const Row& row :
       {Row{"CURRENCY_CODE_GBP", ""}, Row{"currency_code_gbp", ""}, Row{"USD", "CURRENCY_CODE_USD"},
        Row{"eur", "CURRENCY_CODE_EUR"}, Row{"CurrencyCodeUsd", "CURRENCY_CODE_USD"},
        Row{"CURRENCY_CODE_", ""}, Row{"CURRENCY_CODE_EURO", "CURRENCY_CODE_EUR"}}) {
    EXPECT_EQ(NearestName(row.typed, codes), row.expected) << row.typed;
  }
}

// Held against the definition, for every pair of random words over few letters.
TEST(NearestName, DistanceIsLevenshteins) {
  const auto distance = [](std::string_view a, std::string_view b) {
    std::vector<size_t> row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
      size_t diagonal = std::exchange(row[0], i);
      for (size_t j = 1; j <= b.size(); ++j) {
        const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
        diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
      }
    }
    return row[b.size()];
  };
  std::mt19937 random(20261121);
  const auto word = [&random] {
    std::string text(1 + random() % 64, ' ');
    for (char& letter : text) letter = "abc"[random() % 3];
    return text;
  };
  int near = 0;
  for (int round = 0; round < 5'000; ++round) {
    const std::string name = word();
    std::string other = word();
    if (round % 2 == 0) {
      other = name;
      for (size_t i = random() % 8; i > 0; --i) other[random() % other.size()] = 'b';
    }
    const std::vector<std::string_view> names = {other};
    const bool expected = distance(name, other) < name.size() / 3 + 1;
    ASSERT_EQ(NearestName(name, names) == other, expected) << name << " " << other;
    near += expected ? 1 : 0;
  }
  EXPECT_GT(near, 1'000);
  EXPECT_LT(near, 4'500);
}

TEST(VisibleText, DropsWhatAReaderCanNotSee) {
  struct Row {
    std::string_view text, expected;
  };
  for (const Row& row :
       {Row{"plain\ntext", "plain\ntext"}, Row{"a\tb\x01\x7f\r", "a b"},
        Row{"zero\u200bwidth\ufeff", "zerowidth"}, Row{"bidi\u202edlrow\u2066", "bididlrow"},
        Row{"tag\U000E0041\U000E0042s", "tags"}, Row{"soft\u00adhyphen", "softhyphen"},
        Row{"caf\u00e9 \u4f60\u597d \U0001F600", "caf\u00e9 \u4f60\u597d \U0001F600"},
        Row{"bad\xff\xc3(", "bad("}, Row{"\xed\xa0\x80x", "x"}, Row{"\xc0\x80x", "x"},
        Row{"cut\xe4\xbd", "cut"}, Row{"line\u2028two", "line\ntwo"}}) {
    EXPECT_EQ(VisibleText(row.text), row.expected) << row.text;
  }
}

TEST(FirstSentence, EndsWhereASentenceEnds) {
  struct Row {
    std::string_view text, expected;
  };
  for (const Row& row :
       {Row{"One. Two.", "One."}, Row{"  Trim me  ", "Trim me"},
        Row{"Use e.g. Foo or bar. Then", "Use e.g. Foo or bar."},
        Row{"Version 1.2 of it. Next", "Version 1.2 of it."},
        Row{"no stop\n\nsecond paragraph", "no stop"}, Row{"Really? Yes", "Really?"},
        Row{"a. lower case goes on. End", "a. lower case goes on."}, Row{"", ""},
        Row{"Approx. 5 p.m. Monday on Mr. Smith's clock vs. Ours. Then",
            "Approx. 5 p.m. Monday on Mr. Smith's clock vs. Ours."},
        Row{"The no. Of items (e.g. Two). More", "The no. Of items (e.g. Two)."},
        Row{"In U.S. Dollars. More", "In U.S. Dollars."}, Row{"A, B, etc. Then C", "A, B, etc."},
        Row{"1. First. 2. Second.", "1. First."}, Row{"10. Tenth. Then", "10. Tenth."},
        Row{"Takes a type T. Then", "Takes a type T."}, Row{"Yes. No.", "Yes."}}) {
    EXPECT_EQ(FirstSentence(row.text), row.expected) << row.text;
  }
}

TEST(FirstSentence, TakesWhatALabelOrAColonAnnounces) {
  struct Row {
    std::string_view text, expected;
  };
  for (const Row& row :
       {Row{"Required. The name. More.", "Required. The name."},
        Row{"Output only. Immutable. The time. More.", "Output only. Immutable. The time."},
        Row{"Deprecated.\n\nUse b. More.", "Deprecated. Use b."},
        Row{"Deprecated: use b. More.", "Deprecated: use b."},
        Row{"[Required] The name. More.", "[Required] The name."},
        Row{"Output only. [Output Only] The name. More.", "[Output Only] The name."},
        Row{"Output only.", "Output only."}, Row{"Required", "Required"},
        Row{"Required format: x. More.", "Required format: x."},
        Row{"One of:\n- A: first\n- B: second\n\nMore.", "One of: A: first; B: second"},
        Row{"One of:\n* A.\n\n* B.\n\nMore.", "One of: A. B."},
        Row{"One of:\n- A\n- B\nMore.", "One of: A; B"},
        Row{"Steps:\n- do:\n1. one\n2. two", "Steps: do: 1. one; 2. two"},
        Row{"Errors:\nLATE: too late\nLOST: gone", "Errors: LATE: too late; LOST: gone"},
        Row{"Format:\n\nprojects/{p}\n\nThe end.", "Format: projects/{p}"},
        Row{"Format:", "Format:"}, Row{"Is it: yes. More:\n- a", "Is it: yes."}}) {
    EXPECT_EQ(FirstSentence(row.text), row.expected) << row.text;
  }
}

TEST(ShortText, IsAllOfWhatIsShortElseTheFirstSentence) {
  struct Row {
    std::string_view text, expected;
  };
  for (const Row& row :
       {Row{"Max results. 1-500, default 50.", "Max results. 1-500, default 50."},
        Row{" The state.\n\nOne of:\n- NEW\n- DONE\n", "The state.\n\nOne of:\n- NEW\n- DONE"},
        Row{"Output only. [Output Only] The id. Set once.", "[Output Only] The id. Set once."},
        Row{"", ""}}) {
    EXPECT_EQ(ShortText(row.text), row.expected);
  }
  const std::string longest = "One. " + std::string(145, 'X');
  EXPECT_EQ(ShortText(longest), longest);
  EXPECT_EQ(ShortText(longest + "X"), "One.");
}

TEST(TakeLabel, KnowsTheLabelsInEveryForm) {
  struct Row {
    std::string_view text, label, rest;
  };
  for (const Row& row : {
           Row{"Required. The name.", "required", "The name."},
           Row{"REQUIRED: the name.", "required", "the name."},
           Row{"[Output Only] The time.", "output only", "The time."},
           Row{"(optional) a", "optional", "a"},
           Row{"Immutable", "immutable", ""},
           Row{"Deprecated.\nUse b.", "deprecated", "Use b."},
           Row{"Repeated use.", "", "Repeated use."},
           Row{"Required.name", "", "Required.name"},
           Row{"[Required.", "", "[Required."},
           Row{"Requir", "", "Requir"},
           Row{"", "", ""},
       }) {
    std::string_view rest = row.text;
    EXPECT_EQ(TakeLabel(&rest), row.label) << row.text;
    EXPECT_EQ(rest, row.rest);
  }
}

TEST(AddSentence, EndsTheOneBefore) {
  struct Row {
    std::string_view text, sentence, expected;
  };
  for (const Row& row :
       {Row{"", "B.", "B."}, Row{"A.", "", "A."}, Row{"A", "", "A"}, Row{"A", "B.", "A. B."},
        Row{"A.", "B.", "A. B."}, Row{"A (really)", "B.", "A (really). B."},
        Row{"In `x`", "B.", "In `x`. B."}, Row{"It is \"so.\"", "B.", "It is \"so.\" B."},
        Row{"A?", "B.", "A? B."}, Row{"A:", "B.", "A: B."}, Row{"A…", "B.", "A… B."},
        Row{"\u4f60\u3002", "B.", "\u4f60\u3002 B."}}) {
    std::string text(row.text);
    AddSentence(&text, row.sentence);
    EXPECT_EQ(text, row.expected);
  }
}

TEST(CutText, KeepsWholeSentencesThenWordsThenCharacters) {
  struct Row {
    std::string_view text;
    size_t max;
    std::string_view expected;
  };
  for (const Row& row :
       {Row{"One. Two. Three.", 100, "One. Two. Three."}, Row{"One. Two. Three.", 12, "One. Two."},
        Row{"One. Two. Three.", 4, "One."}, Row{"many words here", 13, "many words…"},
        Row{"first line\nsecond line", 15, "first line"}, Row{"unbreakable", 8, "unbre…"},
        Row{"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", 8, "\u00e9\u00e9…"}, Row{"abc", 2, ""},
        Row{"Required. Many words here.", 20, "Required. Many…"}}) {
    const std::string cut = CutText(row.text, row.max);
    EXPECT_EQ(cut, row.expected) << row.text;
    EXPECT_LE(cut.size(), row.max);
  }
}

TEST(IsIdentifier, TakesOnlyTheProtobufAlphabet) {
  for (const std::string_view good : {"a", "_", "Foo_1", "1a"})
    EXPECT_TRUE(IsIdentifier(good)) << good;
  for (const std::string_view bad : {"", "a.b", "a/b", "a b", "a\n", "caf\u00e9", "a-b"}) {
    EXPECT_FALSE(IsIdentifier(bad)) << bad;
  }
}

}  // namespace
}  // namespace bridge
