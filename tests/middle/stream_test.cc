// Tools whose methods stream, in front of a fake service and a fake clock.
#include "tests/middle/fake_timer.h"
#include "tests/middle/middle.h"

namespace bridge::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using upstream::StreamResult;

constexpr char kMethods[] = R"(
    rpc Watch(Key) returns (stream Order) { option idempotency_level = NO_SIDE_EFFECTS; }
    rpc Load(stream Order) returns (Order);
    rpc Talk(stream Key) returns (stream Order);)";

class Stream : public Middle {
 protected:
  Stream() { Configure({}); }
  ~Stream() override {
    while (!upstream::StreamsUnderWay().empty()) upstream::StreamsUnderWay()[0]->EndCancelled();
  }

  void Configure(const StreamLimits& limits, size_t budget = 64u << 20) {
    ServerOptions options;
    options.stream = limits;
    Restart(std::move(options), budget);
    server_->Publish(MakeSurface(kMethods));
  }

  // Of a client that reads an event stream.
  Asked& Watch(const std::string& arguments = "{}", const std::string& token = "",
               std::string_view session = "") {
    const std::string meta = token.empty() ? "" : R"("_meta":{"progressToken":)" + token + "},";
    return Ask(R"({"id":1,"method":"tools/call","params":{)" + meta +
                   R"("name":"Orders_Watch","arguments":)" + arguments + "}}",
               session.empty() ? kModern : kLegacy, session, nullptr, /*streams=*/true);
  }

  static upstream::StreamCall& Service(size_t index = 0) {
    return *upstream::StreamsUnderWay().at(index);
  }
  static size_t CountStreams() { return upstream::StreamsUnderWay().size(); }
};

StreamResult Failed(upstream::StatusCode code, std::string_view message) {
  StreamResult result;
  result.code = code;
  result.number = static_cast<int>(code);
  result.message = message;
  return result;
}

TEST_F(Stream, MessagesAreCollectedIntoOneResult) {
  Asked& asked = Watch(R"({"id":"7"})");
  EXPECT_EQ(Service().path, "/t.Orders/Watch");
  EXPECT_EQ(Service().shape, upstream::Shape::kServerStream);
  EXPECT_THAT(Service().requests, ElementsAre(std::string("\x0a\x01") + "7"));
  Service().Send(Order("a"));
  Service().Send(Order("b"));
  EXPECT_EQ(asked.replies, 0);
  Service().End();
  ASSERT_EQ(asked.replies, 1);
  const Json result = asked.Result();
  EXPECT_FALSE(asked.IsError());
  ASSERT_EQ(result["structuredContent"].size(), 1u);  // not truncated
  ASSERT_EQ(result["structuredContent"]["messages"].size(), 2u);
  EXPECT_EQ(result["structuredContent"]["messages"][1]["id"], "b");
  EXPECT_EQ(Json::parse(asked.ToolText()), result["structuredContent"]);
  EXPECT_TRUE(asked.sent.empty());  // nobody asked for progress
  EXPECT_EQ(server_->calls_in_flight(), 0u);
}

TEST_F(Stream, AStreamWithoutMessagesIsAnEmptyList) {
  Asked& asked = Watch();
  Service().End();
  EXPECT_EQ(asked.Result()["structuredContent"], Json::parse(R"({"messages":[]})"));
}

TEST_F(Stream, ManyRequestsAreSentInOrderAndOneAnswerIsNoList) {
  Asked& asked = Call("Orders_Load", R"({"messages":[{"id":"a"},{"id":"b"},{}]})");
  EXPECT_EQ(Service().shape, upstream::Shape::kClientStream);
  EXPECT_THAT(Service().requests, ElementsAre(Order("a"), Order("b"), ""));
  EXPECT_EQ(Service().timeout, std::chrono::seconds(30));
  Service().Send(Order("sum"));
  Service().End();
  EXPECT_EQ(asked.Result()["structuredContent"]["id"], "sum");
}

TEST_F(Stream, AFaultInAnyRequestIsToldWithItsIndexAndNothingIsSent) {
  Asked& asked = Call("Orders_Talk", R"({"messages":[{"id":"a"},{"id":7},{"ID":"x"}]})");
  EXPECT_EQ(CountStreams(), 0u);
  ASSERT_EQ(asked.replies, 1);
  EXPECT_TRUE(asked.IsError());
  EXPECT_THAT(asked.ToolText(), HasSubstr("$.messages[1].id"));
  EXPECT_THAT(asked.ToolText(), HasSubstr("$.messages[2]"));
  EXPECT_THAT(asked.ToolText(), HasSubstr("Nothing was sent to the service"));
}

TEST_F(Stream, BothWays) {
  Asked& asked = Call("Orders_Talk", R"({"messages":[{"id":"a"}]})");
  EXPECT_EQ(Service().shape, upstream::Shape::kBidi);
  Service().Send(Order("b"));
  Service().End();
  EXPECT_EQ(asked.Result()["structuredContent"]["messages"][0]["id"], "b");
}

TEST_F(Stream, WhatAModelAsksForIsASuccess) {
  Asked& asked = Watch(R"({"id":"7","stream_limit":{"messages":2}})");
  Service().Send(Order("a"));
  EXPECT_EQ(Service().cancelled, 0);
  Service().Send(Order("b"));
  EXPECT_EQ(Service().cancelled, 1);
  EXPECT_FALSE(Service().wanted);
  Service().EndCancelled();
  EXPECT_FALSE(asked.IsError());
  EXPECT_EQ(asked.Result()["structuredContent"]["messages"].size(), 2u);
  EXPECT_FALSE(asked.Result()["structuredContent"].contains("truncated"));
}

TEST_F(Stream, SoAreTheSecondsItAsksFor) {
  Asked& asked = Watch(R"({"id":"7","stream_limit":{"seconds":3}})");
  EXPECT_EQ(Service().timeout, std::chrono::seconds(4));  // ours comes first
  Service().Send(Order("a"));
  upstream::PassTime(std::chrono::milliseconds(2'999));
  EXPECT_EQ(Service().cancelled, 0);
  upstream::PassTime(std::chrono::milliseconds(1));
  EXPECT_EQ(Service().cancelled, 1);
  Service().EndCancelled();
  EXPECT_FALSE(asked.IsError());
  EXPECT_EQ(asked.Result()["structuredContent"].size(), 1u);
  EXPECT_EQ(asked.Result()["structuredContent"]["messages"].size(), 1u);
}

TEST_F(Stream, TheOperatorsLimitsCutAndSayHowToAskForLess) {
  Configure({.messages = 2, .bytes = 1000});
  Asked& many = Watch();
  Service().Send(Order("a"));
  Service().Send(Order("b"));
  EXPECT_EQ(Service().cancelled, 0);  // it may have ended there
  Service().Send(Order("c"));
  EXPECT_EQ(Service().cancelled, 1);
  Service().EndCancelled();
  EXPECT_FALSE(many.IsError());
  EXPECT_EQ(many.Result()["structuredContent"]["messages"].size(), 2u);
  EXPECT_THAT(many.Result()["structuredContent"]["truncated"],
              HasSubstr("after 2 messages, the most that one call collects"));
  EXPECT_THAT(many.Result()["structuredContent"]["truncated"], HasSubstr("stream_limit"));

  Asked& large = Watch();
  Service().Send(Order("a", std::string(500, 'x')));
  Service().Send(Order("b", std::string(500, 'x')));
  EXPECT_EQ(Service().cancelled, 1);
  Service().EndCancelled();
  EXPECT_EQ(large.Result()["structuredContent"]["messages"].size(), 1u);
  EXPECT_THAT(large.Result()["structuredContent"]["truncated"], HasSubstr("1000 bytes"));
}

TEST_F(Stream, SilenceEndsItAndEachMessagePutsThatOff) {
  Configure({.silence = std::chrono::seconds(60)});
  Asked& asked = Watch();
  for (int i = 0; i < 3; ++i) {
    upstream::PassTime(std::chrono::seconds(59));
    EXPECT_EQ(Service().cancelled, 0);
    Service().Send(Order("a"));
  }
  upstream::PassTime(std::chrono::seconds(60));
  EXPECT_EQ(Service().cancelled, 1);
  Service().EndCancelled();
  EXPECT_THAT(asked.Result()["structuredContent"]["truncated"],
              HasSubstr("after 3 messages because the service sent nothing for 60 s"));
}

TEST_F(Stream, ItsLifeIsBounded) {
  Configure({.time = std::chrono::seconds(90)});
  Asked& asked = Watch(R"({"stream_limit":{"seconds":1000}})");
  for (int i = 0; i < 3; ++i) {
    Service().Send(Order("a"));
    upstream::PassTime(std::chrono::seconds(30));
  }
  EXPECT_EQ(Service().cancelled, 1);
  Service().EndCancelled();
  EXPECT_THAT(asked.Result()["structuredContent"]["truncated"],
              HasSubstr("after 90 s with 3 messages, the longest that one call may take"));
}

TEST_F(Stream, AnErrorKeepsWhatCameBefore) {
  Asked& asked = Watch();
  Service().Send(Order("a"));
  Service().Send(Order("b"));
  Service().End(Failed(upstream::StatusCode::kFailedPrecondition, "the line is closed"));
  EXPECT_TRUE(asked.IsError());
  const Json result = asked.Result();
  EXPECT_THAT(result["content"][0]["text"], HasSubstr("FAILED_PRECONDITION"));
  EXPECT_THAT(result["content"][0]["text"], HasSubstr("the line is closed"));
  EXPECT_THAT(result["content"][1]["text"], HasSubstr("2 messages came before it"));
  EXPECT_EQ(result["structuredContent"]["messages"].size(), 2u);
  EXPECT_EQ(result["_meta"]["grpc-mcp-bridge/status"]["name"], "FAILED_PRECONDITION");
}

TEST_F(Stream, AnErrorBeforeAnyMessageIsThatOfAUnaryCall) {
  Asked& asked = Watch();
  Service().End(Failed(upstream::StatusCode::kNotFound, "no such order"));
  EXPECT_TRUE(asked.IsError());
  EXPECT_EQ(asked.Result()["content"].size(), 1u);
  EXPECT_FALSE(asked.Result().contains("structuredContent"));
}

TEST_F(Stream, AMessageThatCannotBeReadEndsItWithWhatCameBefore) {
  Asked& asked = Watch();
  Service().Send(Order("a"));
  Service().Send("\xff");
  EXPECT_EQ(Service().cancelled, 1);
  Service().EndCancelled();
  EXPECT_TRUE(asked.IsError());
  EXPECT_EQ(asked.Result()["structuredContent"]["messages"].size(), 1u);
}

TEST_F(Stream, WithATokenEachMessageIsProgress) {
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

TEST_F(Stream, ProgressIsRateLimitedAndEndsWithTheNewest) {
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

TEST_F(Stream, ALongMessageIsCutInItsProgress) {
  Asked& asked = Watch("{}", "1");
  Service().Send(Order("a", std::string(10'000, 'x')));
  EXPECT_LE(asked.sent[0]["params"]["message"].get<std::string>().size(), 200u);
  Service().End();
}

TEST_F(Stream, AClientThatTakesOnlyJsonGetsNoProgress) {
  Asked& asked = Ask(
      R"({"id":1,"method":"tools/call","params":{"_meta":{"progressToken":1},"name":"Orders_Watch"}})");
  Service().Send(Order("a"));
  upstream::PassTime(std::chrono::seconds(30));
  Service().End();
  EXPECT_TRUE(asked.sent.empty());
  EXPECT_FALSE(asked.begun);
  EXPECT_EQ(asked.Result()["structuredContent"]["messages"].size(), 1u);
}

TEST_F(Stream, NothingIsReadWhileTheClientIsFull) {
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

TEST_F(Stream, AClientThatIsGoneEndsIt) {
  Asked& asked = Watch("{}", "1");
  asked.sends = Answer::Sent::kGone;
  Service().Send(Order("a"));
  EXPECT_EQ(Service().cancelled, 1);
  EXPECT_FALSE(Service().wanted);
  Service().EndCancelled();
  EXPECT_EQ(asked.replies, 1);
  EXPECT_EQ(server_->calls_in_flight(), 0u);
}

TEST_F(Stream, ASilentOneIsBegunForTheClient) {
  Asked& asked = Watch();
  upstream::PassTime(std::chrono::seconds(4));
  EXPECT_FALSE(asked.begun);
  upstream::PassTime(std::chrono::seconds(1));
  EXPECT_TRUE(asked.begun);
  Service().End();
}

TEST_F(Stream, ItIsCancelledByItsClientAndByNotification) {
  Asked& gone = Watch();
  gone.call->Cancel(Operation::Why::kPeerGone);
  EXPECT_EQ(Service().cancelled, 1);
  Service().EndCancelled();
  EXPECT_EQ(gone.replies, 1);

  Asked& asked = Watch("{}", "7", "s");
  for (int i = 0; i < 25; ++i) Service().Send(Order("a"));  // the last wait for their rate
  const size_t told = asked.sent.size();
  Notify(R"({"method":"notifications/cancelled","params":{"requestId":1}})", "s");
  EXPECT_EQ(Service().cancelled, 1);
  upstream::PassTime(std::chrono::seconds(1));
  EXPECT_EQ(asked.sent.size(), told);  // it does not want to hear of it
  Service().EndCancelled();
  EXPECT_TRUE(asked.reply->cancelled);
  ASSERT_EQ(calls_.records.size(), 2u);
  for (const telemetry::CallRecord& record : calls_.records) {
    EXPECT_EQ(record.outcome, telemetry::CallOutcome::kCancelled);
    EXPECT_EQ(record.rpc_status, "CANCELLED");
    EXPECT_EQ(record.cut, telemetry::StreamCut::kNothing);
  }
}

TEST_F(Stream, ADrainEndsStreamsWithWhatTheyHaveAndLetsCallsFinish) {
  Asked& watch = Watch();
  Asked& load = Call("Orders_Load", R"({"messages":[]})");
  Asked& unary = Call("Orders_Get", "{}");
  Service(0).Send(Order("a"));
  server_->EndStreams();
  EXPECT_EQ(Service(0).cancelled, 1);
  EXPECT_EQ(Service(1).cancelled, 0);
  EXPECT_EQ(UnderWay().cancelled, 0);
  Service(0).EndCancelled();
  EXPECT_FALSE(watch.IsError());
  EXPECT_THAT(watch.Result()["structuredContent"]["truncated"],
              HasSubstr("after 1 message because the bridge is about to end"));
  Service().Send(Order("sum"));
  Service().End();
  EXPECT_FALSE(load.IsError());
  UnderWay().Answer(Order("7"));
  EXPECT_FALSE(unary.IsError());
}

TEST_F(Stream, WithoutMemoryForMoreItIsCut) {
  Configure({}, 64 * 1024);
  Asked& asked = Watch();
  int sent = 0;
  while (Service().cancelled == 0 && ++sent < 100) {
    Service().Send(Order("a", std::string(10'000, 'x')));
  }
  EXPECT_LT(sent, 8);
  Service().EndCancelled();
  EXPECT_FALSE(asked.IsError());
  EXPECT_THAT(asked.Result()["structuredContent"]["truncated"], HasSubstr("no memory"));
  EXPECT_TRUE(budget_->HasRoomFor(64 * 1024));  // all is given back
}

// The service has done what it was asked for, so that is no refusal.
TEST_F(Stream, OneAnswerWithoutRoomIsToldAsSuch) {
  Configure({}, 64 * 1024);
  Asked& asked = Call("Orders_Load", R"({"messages":[{"id":"a"}]})");
  Service().Send(Order("sum", std::string(100'000, 'x')));
  Service().End();
  ASSERT_EQ(asked.replies, 1);
  EXPECT_TRUE(asked.IsError());
  EXPECT_THAT(asked.ToolText(), HasSubstr("RESOURCE_EXHAUSTED: The bridge has no memory left"));
  EXPECT_THAT(asked.ToolText(), HasSubstr("The call has taken effect."));
  EXPECT_TRUE(budget_->HasRoomFor(64 * 1024));
}

// What it holds when it is cut is room enough for its result, however much has to be escaped.
TEST_F(Stream, WhatWasCollectedAlwaysHasRoom) {
  Configure({}, 64 * 1024);
  Asked& asked = Watch();
  while (Service().cancelled == 0) Service().Send(Order("a", std::string(3'000, '"')));
  Service().EndCancelled();
  EXPECT_FALSE(asked.IsError());
  EXPECT_GE(asked.Result()["structuredContent"]["messages"].size(), 2u);
  EXPECT_LE(asked.Text().size(), 64u * 1024 - 4096);
}

TEST_F(Stream, ALongUnaryCallHasAHeartbeat) {
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

TEST_F(Stream, SoHasACallWithManyRequestsAndOneAnswer) {
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
TEST_F(Stream, AHeartbeatGoesOnWhileTheClientIsFullAndEndsWhenItIsGone) {
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

TEST_F(Stream, SpansSayHowManyMessagesCame) {
  Asked& asked = Watch();
  const telemetry::TraceId trace = asked.http.context().trace_id;
  Service().Send(Order("a"));
  Service().Send(Order("b"));
  Service().End();
  asked.http.End();
  const auto rpc = SpanNamed(trace, "t.Orders/Watch");
  ASSERT_NE(rpc, nullptr);
  const auto attribute = [&rpc](std::string_view key) {
    for (const auto& one : rpc->attributes) {
      if (one.key == key) return std::get<int64_t>(one.value);
    }
    return int64_t{-1};
  };
  EXPECT_EQ(attribute("stream.messages"), 2);
  ASSERT_EQ(rpc->events.size(), 1u);
  EXPECT_EQ(rpc->events[0].name, "stream.first_message");
}

}  // namespace
}  // namespace bridge::mcp
