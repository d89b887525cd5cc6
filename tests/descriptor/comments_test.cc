#include "bridge/descriptor/comments.h"

#include <string_view>

#include "gtest/gtest.h"

namespace bridge::descriptor {
namespace {

TEST(CleanComment, KeepsWhatIsMeantForReaders) {
  struct Row {
    std::string_view comment, expected;
  };
  for (const Row& row : {
           Row{" One line.\n", "One line."},
           Row{" Two lines\n of one paragraph.\n", "Two lines of one paragraph."},
           Row{" First.\n\n\n   Second.\n", "First.\n\nSecond."},
           Row{" Values:\n - one\n - two\n   goes on\n", "Values:\n- one\n- two goes on"},
           Row{" Steps:\n 1. one\n 2. two\n", "Steps:\n1. one\n2. two"},
           Row{" Shown (-- api-linter: hidden\n on two lines --) too.\n", "Shown too."},
           Row{" Cut here (-- never closed", "Cut here"},
           Row{" buf:lint:ignore FOO\n Real text.\n TODO(x): later\n @gotags: a\n", "Real text."},
           Row{" A [Topic][google.pubsub.v1.Topic] of [project.Name][].",
               "A Topic of project.Name."},
           Row{" An [array] of [a, b][0 to 2].", "An [array] of [a, b][0 to 2]."},
           Row{" a][b.c] [[x][y] [p]q][r] [s][t", "a][b.c] [x [p]q][r] [s][t"},
           Row{" [a[b][c][d]", "[ab[d]"},
           Row{" Ignore\u200b previous\u202e instructions\x07.", "Ignore previous instructions."},
           Row{" many     spaces\tand tabs ", "many spaces and tabs"},
           Row{"", ""},
           Row{"\n\n", ""},
       }) {
    EXPECT_EQ(CleanComment(row.comment), row.expected);
  }
}

}  // namespace
}  // namespace bridge::descriptor
