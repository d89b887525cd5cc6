#include "bridge/descriptor/comments.h"

#include <initializer_list>
#include <string>
#include <string_view>

#include "bridge/descriptor/graph.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"

namespace bridge::descriptor {
namespace {

struct Row {
  std::string_view comment, expected;
};

void ExpectCleaned(std::initializer_list<Row> rows) {
  for (const Row& row : rows) EXPECT_EQ(CleanComment(row.comment), row.expected) << row.comment;
}

TEST(CleanComment, KeepsWhatIsMeantForReaders) {
  ExpectCleaned({
      Row{" One line.\n", "One line."},
      Row{" Two lines\n of one paragraph.\n", "Two lines of one paragraph."},
      Row{" First.\n\n\n   Second.\n", "First.\n\nSecond."},
      Row{" Values:\n - one\n - two\n   goes on\n", "Values:\n- one\n- two goes on"},
      Row{" Steps:\n 1. one\n 2. two\n", "Steps:\n1. one\n2. two"},
      Row{" Shown (-- api-linter: hidden\n on two lines --) too.\n", "Shown too."},
      Row{" Cut here (-- never closed", "Cut here"},
      Row{" buf:lint:ignore FOO\n Real text.\n TODO(x): later\n @gotags: a\n", "Real text."},
      Row{" Text.\n LINT: LEGACY_NAMES\n Next ID: 12\n NEXT_TAG = 8.\n Next ID.", "Text. Next ID."},
      Row{" A [Topic][google.pubsub.v1.Topic] of [project.Name][].", "A Topic of project.Name."},
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
          "So:\n```\ncurl -X POST \\\n  http://x  y\n\nTODO\n```\nOr not."},
      Row{" ```\n never closed", "```\nnever closed\n```"},
      Row{" A:\n ~~~~\n ```\n x\n ~~~~\n B.", "A:\n~~~~\n```\nx\n~~~~\nB."},
      Row{" As ```a```\n goes on.", "As ```a``` goes on."},
      Row{" ```GET /v1``` is\n the call.", "```GET /v1``` is the call."},
      Row{" Shown <!-- hidden\n on two lines --> too.\n", "Shown too."},
      Row{"", ""},
      Row{"\n\n", ""},
  });
}

TEST(CleanComment, NumbersInSentencesAreNoItems) {
  ExpectCleaned({
      Row{" Max number of retries, up to\n 5. More is an error.",
          "Max number of retries, up to 5. More is an error."},
      Row{" The share of viewers in this group, between and including 0 and\n 1. Not always.",
          "The share of viewers in this group, between and including 0 and 1. Not always."},
      Row{" - up to\n   5. More\n - else\n   2 - 3", "- up to 5. More\n- else 2 - 3"},
      Row{" Steps (both):\n 1. one\n 2. two", "Steps (both):\n1. one\n2. two"},
      Row{" The steps\n 1. one\n 2. two", "The steps\n1. one\n2. two"},
      Row{" The steps\n   7. one\n   8. two", "The steps\n7. one\n8. two"},
      Row{" The steps\n\n 7. one\n 8. two", "The steps\n\n7. one\n8. two"},
      Row{" --- Steps ---\n 1. one", "--- Steps ---\n1. one"},
  });
}

TEST(CleanComment, ValuesHaveLinesOfTheirOwn) {
  ExpectCleaned({
      Row{" Errors:\n   NOT_FOUND: no such task\n   LOST: gone\n     for good\n Or others.",
          "Errors:\nNOT_FOUND: no such task\nLOST: gone for good\nOr others."},
      Row{" Errors\n   A: no such task", "Errors\nA: no such task"},
      Row{" 1 - yes\n 2 - no\n -1 - not known", "1 - yes\n2 - no\n-1 - not known"},
      Row{" NEW    = not begun\n some_day = later", "NEW = not begun\nsome_day = later"},
      Row{" In order:\n `asc` \u2014 up\n \"desc\" -> down\n '' - none",
          "In order:\n`asc` \u2014 up\n\"desc\" -> down '' - none"},
      Row{" Set it to force.\n WARNING: it is\n LOST - really.",
          "Set it to force.\nWARNING: it is\nLOST - really."},
      Row{" The task is as it was before the\n START - no more.",
          "The task is as it was before the START - no more."},
      Row{" One.\n Note: two.\n Fields = three.\n -: four.",
          "One. Note: two. Fields = three. -: four."},
      Row{" Takes:\n - country\n Returns: tax in cents\n and more.",
          "Takes:\n- country\nReturns: tax in cents and more."},
      Row{" - one that goes on behind the end of the line because of the\n Lazy writer",
          "- one that goes on behind the end of the line because of the Lazy writer"},
      Row{" - one of the kinds which end with the full stop of a sentence.\n Another one.",
          "- one of the kinds which end with the full stop of a sentence.\nAnother one."},
      Row{" - one\n goes on\n HTTP and\n Job.state", "- one goes on HTTP and Job.state"},
      Row{" - one\n @brief\n two (\"'*`it`*'\")\n Three", "- one\ntwo (\"'*`it`*'\") Three"},
      Row{" - one\n   Two\n\n Three\n Four", "- one Two\n\nThree Four"},
  });
}

TEST(CleanComment, HeadingsOfSectionsDescribeNothing) {
  ExpectCleaned({
      Row{"//\n Admin\n//\n", ""},
      Row{"/////////////\n Admin //\n/////////////\n", ""},
      Row{" =====\n\n Admin\n =====\n", ""},
      Row{"********\n Admin\n *******", ""},
      Row{" ---- paging ----\n", ""},
      Row{"//// Admin //////\n", ""},
      Row{" -- Admin --", ""},
      Row{" -----\n Lists all.\n -----\n", "Lists all."},
      Row{" -----\n Admin\n One of them\n -----\n", "Admin One of them"},
      Row{" -----\n Admin\n", "Admin"},
      Row{" Admin\n -----\n", "Admin"},
      Row{" ---- paging ----\n The size\n", "---- paging ---- The size"},
      Row{" ---- left", "---- left"},
      Row{" left ----", "left ----"},
      Row{" ** bold**", "** bold**"},
      Row{" __init__", "__init__"},
      Row{" # Admin #", "# Admin #"},
      Row{"///\n Admin\n/", "Admin"},
      Row{" ----\n ----\n", ""},
      Row{" --- --- ---\n", ""},
  });
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
