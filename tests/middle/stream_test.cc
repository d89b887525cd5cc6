// Tools whose methods stream: what a call collects, and what ends it.
#include "tests/middle/streams.h"

namespace bridge::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using upstream::StreamResult;

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

TEST_F(Stream, WhatWasSentMayNotBeDoneWhereItIsCut) {
  constexpr const char* kRest =
      "The service may not have dealt with all that was sent: check what took effect, then send "
      "the rest in another call.";
  Asked& asked =
      Call("Orders_Talk", R"({"messages":[{"id":"a"},{"id":"b"}],"stream_limit":{"messages":1}})");
  Service().Send(Order("a"));
  Service().EndCancelled();
  EXPECT_FALSE(asked.IsError());
  EXPECT_EQ(asked.Result()["structuredContent"]["truncated"],
            std::string("The stream was cut after 1 message, as stream_limit asks. ") + kRest);

  Configure({.messages = 1});
  Asked& many = Call("Orders_Talk", R"({"messages":[{"id":"a"},{"id":"b"}]})");
  Service().Send(Order("a"));
  Service().Send(Order("b"));
  Service().EndCancelled();
  EXPECT_EQ(many.Result()["structuredContent"]["truncated"],
            std::string("The stream was cut after 1 message, the most that one call collects; "
                        "more had come. ") +
                kRest);
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

TEST_F(Stream, WhereNoMessageFitsStreamLimitIsNoRemedy) {
  Configure({.bytes = 100});
  Asked& asked = Watch();
  Service().Send(Order("a", std::string(500, 'x')));
  Service().EndCancelled();
  EXPECT_EQ(asked.Result()["structuredContent"]["messages"].size(), 0u);
  EXPECT_EQ(asked.Result()["structuredContent"]["truncated"],
            "The stream was cut because its first message alone has more than 100 bytes. Tell the "
            "user.");
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
              HasSubstr("after 3 messages because the service sent nothing for 60 s. Call again "
                        "to go on. Set stream_limit to wait less."));
}

TEST_F(Stream, ARequestThatTheServiceDidNotTakeIsToldOfASilentOne) {
  Configure({.silence = std::chrono::seconds(60)});
  Asked& asked = Watch();
  upstream::PassTime(std::chrono::seconds(60));
  upstream::StreamResult result;
  result.code = upstream::StatusCode::kCancelled;
  result.cause = upstream::Cause::kCancelled;
  result.untaken = true;
  Service().End(result);
  EXPECT_EQ(asked.Result()["structuredContent"]["truncated"],
            "The stream was cut after 0 messages because the service sent nothing for 60 s. Call "
            "again to go on. Set stream_limit to wait less. The service had not taken the request: "
            "it may have as many calls under way as it allows on a connection.");
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
