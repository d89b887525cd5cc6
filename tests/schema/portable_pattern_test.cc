#include "bridge/schema/portable_pattern.h"

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bridge::schema {
namespace {

TEST(PortablePattern, TakesOnlyWhatBothLanguagesRead) {
  for (const std::string_view good :
       {"^[a-z]+$", "^(?:a|b)*c?$", R"(^\d{3}-\d{4}$)", R"(\.txt$)", R"([\w.\-]+@x)", "a{2,}",
        "a*?b+?c??d{2}?", "x{1,3}", R"(^\x41$)", R"(\bword\b)", R"(a\/b)", "[^/]+", R"([\[\]])"}) {
    EXPECT_TRUE(IsPortablePattern(good)) << good;
  }
  for (const std::string_view bad :
       {"",       "(?i)abc",      "(?P<n>x)",    "(?<n>x)", R"(\Aabc\z)", R"(\Qa.b\E)",
        R"(\pL)", R"(\p{Greek})", "[[:alpha:]]", R"(\C)",   R"(a\-b)",    R"(\_)",
        "a{,3}",  "{3}",          "a{x}",        "a}",      "a]",         "[]a]",
        "[^]a]",  "[a",           "(a",          R"(\x4)",  R"(\)",       "*a",
        "^*",     "(*a)",         "a|*",         "a+*",     "a{2}{3}",    R"(\b+)",
        "a**",    R"(\1)",        "a\u202eb",    R"(\07)",  R"([\b])"}) {
    EXPECT_FALSE(IsPortablePattern(bad)) << bad;
  }
  EXPECT_FALSE(IsPortablePattern(std::string(600, 'a')));
}

TEST(PortablePattern, EscapedLiteralsMatchThemselves) {
  for (const std::string literal : {"a.b/", "^$\\.*+?()[]{}|", "plain", "-_~"}) {
    const std::string pattern = "^" + EscapePattern(literal) + "$";
    EXPECT_TRUE(IsPortablePattern(pattern)) << pattern;
    EXPECT_THAT(literal, testing::MatchesRegex(EscapePattern(literal)));
  }
}

}  // namespace
}  // namespace bridge::schema
