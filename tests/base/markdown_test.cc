#include "bridge/base/markdown.h"

#include <string>
#include <string_view>

#include "bridge/base/text.h"
#include "gtest/gtest.h"

namespace bridge {
namespace {

TEST(B35Markdown, FencesGoAndTheirCodeStays) {
  struct Row {
    std::string_view text, expected;
  };
  for (const Row& row : {
           Row{"So:\n```\na\n  b\n```\nThen.", "So:\na\n  b\nThen."},
           Row{"```json\n{}\n```", "{}"},
           Row{"~~~~\n```\nx\n~~~~\ny", "```\nx\ny"},
           Row{"A\n```\nnever closed", "A\nnever closed"},
           Row{"A ```x``` b", "A ```x``` b"},
           Row{"```x``` b", "```x``` b"},
           Row{"A <!-- hidden --> b<!-- open", "A  b"},
           Row{"```\n```", ""},
           Row{"", ""},
       }) {
    EXPECT_EQ(WithoutFences(row.text), row.expected) << row.text;
  }
}

TEST(B35Markdown, NothingIsLeftOpenByACut) {
  struct Row {
    std::string_view text;
    size_t max;
    std::string_view expected;
  };
  const std::string_view code =
      "Creates it. Example:\n```sh\ncurl -X POST x. Then\ncurl -X GET y\n```\nIt is made at once.";
  for (const Row& row : {
           // A block of code, wherever the cut is.
           Row{code, 200,
               "Creates it. Example:\ncurl -X POST x. Then\ncurl -X GET y\nIt is made at "
               "once."},
           Row{code, 80, "Creates it. Example:\ncurl -X POST x. Then\ncurl -X GET y"},
           Row{code, 64, "Creates it."},
           Row{code, 50, "Creates it."},
           Row{code, 32, "Creates it."},
           Row{code, 22, "Creates it."},
           Row{code, 12, "Creates it."},
           Row{"~~~\nall of it is code\n~~~", 12, ""},
           Row{"Words.\n```\nnever closed and long", 20, "Words."},
           Row{"One:\n```\na\n```\nTwo:\n```\nb and c and d\n```", 35, "One:\na"},
           // Inline code.
           Row{"Give it as `a or b or c` there.", 20, "Give it as…"},
           Row{"It is so. Set `x. Y is` to 5.", 22, "It is so."},
           Row{"Use ``a ` b and c`` or d and e.", 15, "Use…"},
           Row{"Not closed ` here and so on it goes", 22, "Not closed ` here…"},
           Row{"`all of it is code`", 12, "all of…"},
           // Links, HTML, bold.
           Row{"Read it. See [the guide of it](https://x.example/a) for more.", 40, "Read it."},
           Row{"See [the guide](https://x.example/a-b-c-d-e-f) for more.", 30, "See…"},
           Row{"An [array] of things that go on", 20, "An [array] of…"},
           Row{"Read it. It is <b>really not so</b> good.", 25, "Read it."},
           Row{"Of projects/<project name>/x and y", 20, "Of projects/…"},
           Row{"Read it. <!-- not this. Nor that. --> Well.", 30, "Read it."},
           Row{"It is **not to be used** at all.", 18, "It is…"},
       }) {
    const std::string cut = CutMarkdown(row.text, row.max);
    EXPECT_EQ(cut, row.expected) << row.max << ": " << row.text;
    EXPECT_LE(cut.size(), row.max);
  }
}

// At every length of every text: what is there is there as a whole.
TEST(B35Markdown, EveryCutIsWhole) {
  const std::string text =
      "First. See `a. b` and [c d](e f) or **g. h**.\n```\ni. J\nk\n```\nThen `l` <b>m n</b>.\n"
      "~~~\no\n~~~\nLast.";
  for (size_t max = 6; max <= text.size(); ++max) {
    const std::string cut = CutMarkdown(text, max);
    const auto count = [&cut](std::string_view what) {
      size_t found = 0;
      for (size_t at = 0; (at = cut.find(what, at)) != std::string::npos; ++at) ++found;
      return found;
    };
    EXPECT_TRUE(cut.starts_with("First.")) << max << ": " << cut;
    EXPECT_EQ(count("`") % 2, 0u) << max << ": " << cut;
    EXPECT_EQ(count("**") % 2, 0u) << max << ": " << cut;
    EXPECT_EQ(count("["), count("](e f)")) << max << ": " << cut;
    EXPECT_EQ(count("i. J"), count("k")) << max << ": " << cut;
    EXPECT_EQ(count("<b>"), count("</b>")) << max << ": " << cut;
    EXPECT_FALSE(cut.ends_with(':')) << cut;
  }
}

TEST(B35Markdown, AFirstSentenceHasNoPartOfCode) {
  struct Row {
    std::string_view text, expected;
  };
  for (const Row& row : {
           Row{"Set `a. B` to c. More.", "Set `a. B` to c."},
           Row{"```\ncode. More\n```\nWords. More.", "Words."},
           Row{"```\nonly code\n```", ""},
           Row{"Format:\n```\nprojects/{p}\n```\nMore.", "Format: projects/{p}"},
           Row{"Like:\n```\na\nb\n```\nMore.", "Like."},
       }) {
    EXPECT_EQ(FirstSentence(row.text), row.expected) << row.text;
  }
}

}  // namespace
}  // namespace bridge
