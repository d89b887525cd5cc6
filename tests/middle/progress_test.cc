// What a client is told before the result: progress, heartbeats, and nothing where it does not
// read.
#include "tests/middle/streams.h"

namespace bridge::mcp {
namespace {

using ::testing::HasSubstr;

class Progressing : public Stream {};

TEST_F(Progressing, WithATokenEachMessageIsProgress) {
  Asked& asked = Watch("{}", R"("t")");
  Service().Send(Order("a"));
  Service().Send(Order("b"));
  ASSERT_EQ(asked.sent.size(), 2u);
  EXPECT_EQ(asked.sent[0]["method"], "notifications/progress");
  EXPECT_EQ(asked.sent[0]["params"]["progressToken"], "t");
  EXPECT_EQ(asked.sent[0]["params"]["progress"], 1);
  EXPECT_EQ(asked.sent[1]["params"]["progress"], 2);
  EXPECT_THAT(asked.sent[1]["params"]["message"], HasSubstr("\"id\":\"b\""));
  Service().End();
  EXPECT_EQ(asked.Result()["structuredContent"]["messages"].size(), 2u);
}

TEST_F(Progressing, WithATokenASilentOneHasAHeartbeatBetweenItsCounts) {
  Asked& asked = Watch("{}", R"("t")");
  upstream::PassTime(std::chrono::seconds(5));
  Service().Send(Order("a"));
  upstream::PassTime(std::chrono::milliseconds(4'999));
  ASSERT_EQ(asked.sent.size(), 2u);
  EXPECT_EQ(asked.sent[0]["params"]["progress"], 0.001);
  EXPECT_EQ(asked.sent[0]["params"]["message"], "no message for 5 s");
  EXPECT_EQ(asked.sent[1]["params"]["progress"], 1);
  upstream::PassTime(std::chrono::milliseconds(5'001));
  ASSERT_EQ(asked.sent.size(), 4u);
  EXPECT_EQ(asked.sent[2]["params"]["progress"], 1.001);
  EXPECT_EQ(asked.sent[3]["params"]["progress"], 1.002);
  EXPECT_EQ(asked.sent[3]["params"]["message"], "no message for 10 s");
  Service().Send(Order("b"));
  EXPECT_EQ(asked.sent.back()["params"]["progress"], 2);
  Service().End();
}

TEST_F(Progressing, ProgressIsRateLimitedAndEndsWithTheNewest) {
  Asked& asked = Watch("{}", "0");
  for (int i = 0; i < 500; ++i) Service().Send(Order(std::to_string(i)));
  EXPECT_LE(asked.sent.size(), 25u);
  upstream::PassTime(std::chrono::seconds(1));
  ASSERT_FALSE(asked.sent.empty());
  EXPECT_EQ(asked.sent.back()["params"]["progress"], 500);
  EXPECT_EQ(asked.sent.back()["params"]["progressToken"], 0);
  for (int i = 0; i < 400; ++i, upstream::PassTime(std::chrono::milliseconds(5))) {
    Service().Send(Order("x"));
  }
  EXPECT_LE(asked.sent.size(), 25u + 20u + 2 * 20u + 1);
  for (size_t i = 1; i < asked.sent.size(); ++i)
    EXPECT_GT(asked.sent[i]["params"]["progress"], asked.sent[i - 1]["params"]["progress"]);
  Service().End();
}

TEST_F(Progressing, ALongMessageIsCutInItsProgress) {
  Asked& asked = Watch("{}", "1");
  Service().Send(Order("a", std::string(10'000, 'x')));
  EXPECT_LE(asked.sent[0]["params"]["message"].get<std::string>().size(), 200u);
  Service().End();
}

TEST_F(Progressing, AClientThatTakesOnlyJsonGetsNoProgress) {
  Asked& asked = Ask(
      R"({"id":1,"method":"tools/call","params":{"_meta":{"progressToken":1},"name":"Orders_Watch"}})");
  Service().Send(Order("a"));
  upstream::PassTime(std::chrono::seconds(30));
  Service().End();
  EXPECT_TRUE(asked.sent.empty());
  EXPECT_FALSE(asked.begun);
  EXPECT_EQ(asked.Result()["structuredContent"]["messages"].size(), 1u);
}

TEST_F(Progressing, NothingIsReadWhileTheClientIsFull) {
  Asked& asked = Watch("{}", "1");
  asked.sends = Answer::Sent::kFull;
  Service().Send(Order("a"));
  EXPECT_FALSE(Service().wanted);
  upstream::PassTime(std::chrono::seconds(300));  // that is no silence of the service
  EXPECT_EQ(Service().cancelled, 0);
  asked.sends = Answer::Sent::kTaken;
  asked.ready();
  EXPECT_TRUE(Service().wanted);
  Service().Send(Order("b"));
  Service().End();
  EXPECT_EQ(asked.Result()["structuredContent"]["messages"].size(), 2u);
}

TEST_F(Progressing, ASilentOneIsBegunForTheClient) {
  Asked& asked = Watch();
  upstream::PassTime(std::chrono::seconds(4));
  EXPECT_FALSE(asked.begun);
  upstream::PassTime(std::chrono::seconds(1));
  EXPECT_TRUE(asked.begun);
  Service().End();
}

TEST_F(Progressing, ALongUnaryCallHasAHeartbeat) {
  Asked& asked = Ask(
      R"({"id":1,"method":"tools/call","params":{"_meta":{"progressToken":"p"},"name":"Orders_Get"}})",
      kModern, "", nullptr, /*streams=*/true);
  upstream::PassTime(std::chrono::milliseconds(4'999));
  EXPECT_TRUE(asked.sent.empty());
  upstream::PassTime(std::chrono::milliseconds(10'001));
  ASSERT_EQ(asked.sent.size(), 3u);
  EXPECT_EQ(asked.sent[0]["params"]["progress"], 5);
  EXPECT_EQ(asked.sent[2]["params"]["progress"], 15);
  EXPECT_EQ(asked.sent[2]["params"]["message"], "the service has been working for 15 s");
  UnderWay().Answer(Order("7"));
  upstream::PassTime(std::chrono::seconds(10));
  EXPECT_EQ(asked.sent.size(), 3u);
  EXPECT_EQ(asked.Result()["structuredContent"]["id"], "7");
}

TEST_F(Progressing, SoHasACallWithManyRequestsAndOneAnswer) {
  Asked& asked = Ask(
      R"({"id":1,"method":"tools/call","params":{"_meta":{"progressToken":"p"},"name":"Orders_Load","arguments":{"messages":[]}}})",
      kModern, "", nullptr, /*streams=*/true);
  upstream::PassTime(std::chrono::seconds(10));
  ASSERT_EQ(asked.sent.size(), 2u);
  EXPECT_EQ(asked.sent[1]["params"]["message"], "the service has been working for 10 s");
  Service().Send(Order("sum"));
  Service().End();
  EXPECT_EQ(asked.Result()["structuredContent"]["id"], "sum");
}

// On stdio all that a client has asked for fills the same pipe.
TEST_F(Progressing, AHeartbeatGoesOnWhileTheClientIsFullAndEndsWhenItIsGone) {
  Asked& asked = Ask(
      R"({"id":1,"method":"tools/call","params":{"_meta":{"progressToken":"p"},"name":"Orders_Get"}})",
      kModern, "", nullptr, /*streams=*/true);
  asked.sends = Answer::Sent::kFull;
  upstream::PassTime(std::chrono::seconds(10));
  ASSERT_EQ(asked.sent.size(), 2u);
  EXPECT_EQ(asked.sent[1]["params"]["progress"], 10);
  asked.sends = Answer::Sent::kGone;
  upstream::PassTime(std::chrono::seconds(30));
  EXPECT_EQ(asked.sent.size(), 3u);
  UnderWay().Answer(Order("7"));
  EXPECT_EQ(asked.replies, 1);
}

}  // namespace
}  // namespace bridge::mcp
