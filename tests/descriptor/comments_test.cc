#include "bridge/descriptor/comments.h"

#include <string>
#include <string_view>

#include "bridge/descriptor/graph.h"
#include "google/protobuf/descriptor.pb.h"
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
           Row{" TODO(joe): remove. The id.\n The key.\n", "The key."},
           Row{"/ Triple.\n/\n/ Slashes.\n", "Triple.\n\nSlashes."},
           Row{"! Bang.\n! Two.\n", "Bang. Two."},
           Row{"/< After it.\n", "After it."},
           Row{"* Gets X.\n\n @param req the request\n   which is long\n @return the thing\n",
               "Gets X."},
           Row{"*\n Gets X.\n Then Y.\n", "Gets X. Then Y."},
           Row{" Gets X.\n @see Y\n @deprecated use Y\n @since 2\n", "Gets X.\nDeprecated: use Y"},
           Row{" @brief Gets X.\n", "Gets X."},
           Row{" @seen by all\n", "@seen by all"},
           Row{"* one\n * two\n", "one\n* two"},
           Row{"/path/to/it is\n", "/path/to/it is"},
           Row{" ------\n Ruled\n ======\n Text.\n ***\n", "Ruled\n\nText."},
           Row{"/////////\n Text -- more.\n", "Text -- more."},
           Row{" So:\n ```sh\n curl -X POST \\\n   http://x  y\n\n TODO\n ```\n Or\n not.\n",
               "So:\ncurl -X POST \\\n  http://x  y\n\nTODO\nOr not."},
           Row{" ```\n never closed", "never closed"},
           Row{"", ""},
           Row{"\n\n", ""},
       }) {
    EXPECT_EQ(CleanComment(row.comment), row.expected);
  }
}

TEST(Comments, WhatIsTooLongIsCutOrLeftOut) {
  const std::string long_name(GraphLimits().name_length, 'm');
  google::protobuf::FileDescriptorProto file;
  file.set_package("p");
  file.add_message_type()->set_name("M");
  file.add_message_type()->set_name(long_name);
  for (const int i : {0, 1}) {
    auto* const location = file.mutable_source_code_info()->add_location();
    location->add_path(4);
    location->add_path(i);
    location->set_leading_comments(std::string(kMaxCommentBytes, 'x') + " unread");
  }
  Comments comments;
  comments.Add(file);
  EXPECT_EQ(comments.Take("p.M"), std::string(kMaxCommentBytes, 'x'));
  EXPECT_EQ(comments.Take("p." + long_name), "") << "no graph has a name of that length";
}

}  // namespace
}  // namespace bridge::descriptor
