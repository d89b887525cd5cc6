#include "bridge/http/message.h"

#include "gtest/gtest.h"

namespace bridge::http {
namespace {

TEST(RequestTest, FindsTheFirstAndCountsAll) {
  Request request;
  request.headers = {{"Accept", "a"}, {"X", "1"}, {"ACCEPT", "b"}};
  EXPECT_EQ(request.Find("accept"), "a");
  EXPECT_EQ(request.Count("accept"), 2u);
  EXPECT_EQ(request.Find("x"), "1");
  EXPECT_EQ(request.Find("Accep"), std::nullopt);
  EXPECT_EQ(request.Count("Acceptx"), 0u);
}

TEST(ReasonPhraseTest, NamesWhatIsKnown) {
  EXPECT_EQ(ReasonPhrase(404), "Not Found");
  EXPECT_EQ(ReasonPhrase(413), "Content Too Large");
  EXPECT_EQ(ReasonPhrase(599), "Unknown");
}

}  // namespace
}  // namespace bridge::http
