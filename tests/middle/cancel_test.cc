// Cancelling in each state of a call, by each way that leads there. gRPC's answer to a cancellation
// comes later, so a call that is cancelled is still under way until the upstream's end of it.
#include "tests/middle/middle.h"

namespace bridge::mcp {
namespace {

using Cancelling = Middle;

std::string Cancelled(const std::string& id) {
  return R"({"method":"notifications/cancelled","params":{"requestId":)" + id + "}}";
}

TEST_F(Cancelling, ACallUnderWayIsCancelledUpstreamAndStillAnswered) {
  Asked& asked = Call("Orders_Put", "{}");
  asked.call->Cancel(Operation::Why::kPeerGone);
  EXPECT_EQ(UnderWay().cancelled, 1);
  EXPECT_EQ(asked.replies, 0);
  EXPECT_EQ(server_->calls_in_flight(), 1u);
  UnderWay().EndCancelled();
  EXPECT_EQ(asked.replies, 1);
  EXPECT_TRUE(asked.IsError());
  EXPECT_EQ(asked.Result()["_meta"]["grpc-mcp-bridge/status"]["name"], "CANCELLED");
  EXPECT_EQ(server_->calls_in_flight(), 0u);
}

TEST_F(Cancelling, TwiceIsAsOnce) {
  Asked& asked = Call("Orders_Put", "{}");
  asked.call->Cancel(Operation::Why::kPeerGone);
  asked.call->Cancel(Operation::Why::kPeerGone);
  server_->CancelAll();
  EXPECT_GE(UnderWay().cancelled, 1);
  UnderWay().EndCancelled();
  EXPECT_EQ(asked.replies, 1);
}

// The answer was faster than the cancellation: it is the answer.
TEST_F(Cancelling, AnAnswerThatWasThereAlreadyIsGiven) {
  Asked& asked = Call("Orders_Put", "{}");
  asked.call->Cancel(Operation::Why::kPeerGone);
  UnderWay().Answer(Order("kept"));
  EXPECT_FALSE(asked.IsError());
  EXPECT_EQ(asked.Result()["structuredContent"]["id"], "kept");
}

TEST_F(Cancelling, ANotificationReachesTheCallOfItsSessionAndId) {
  for (const char* id : {"7", "\"seven\"", "-1", "\"\""}) {
    SCOPED_TRACE(id);
    Asked& asked = Call("Orders_Put", "{}", kLegacy, "mine", id);
    Notify(Cancelled(id), "other");
    Notify(Cancelled("8"), "mine");
    Notify(Cancelled("\"7\""), "mine");
    Notify(R"({"method":"notifications/cancelled","params":{}})", "mine");
    Notify(R"({"method":"notifications/cancelled"})", "mine");
    Notify(R"({"method":"notifications/else","params":{"requestId":)" + std::string(id) + "}}",
           "mine");
    EXPECT_EQ(UnderWay().cancelled, 0);
    Notify(Cancelled(id), "mine");
    EXPECT_EQ(UnderWay().cancelled, 1);
    UnderWay().EndCancelled();
    EXPECT_EQ(asked.replies, 1);
  }
}

TEST_F(Cancelling, BeforeTheCallNothingIsRemembered) {
  Notify(Cancelled("1"), "s");
  Asked& asked = Call("Orders_Put", "{}", kLegacy, "s");
  EXPECT_EQ(UnderWay().cancelled, 0);
  UnderWay().Answer("");
  EXPECT_FALSE(asked.IsError());
}

TEST_F(Cancelling, AfterTheEndNothingHappens) {
  Asked& asked = Call("Orders_Put", "{}", kLegacy, "s");
  UnderWay().Answer(Order("a"));
  Notify(Cancelled("1"), "s");
  server_->CancelCall("s", "1");
  server_->CancelAll();
  EXPECT_EQ(asked.replies, 1);
  // The id is free again.
  Asked& again = Call("Orders_Put", "{}", kLegacy, "s");
  Notify(Cancelled("1"), "s");
  EXPECT_EQ(UnderWay().cancelled, 1);
  UnderWay().EndCancelled();
  EXPECT_EQ(again.replies, 1);
}

// A client must not use an id twice at once. If it does, its notification means the later call,
// whichever of the two ends first, and never a call that is over.
TEST_F(Cancelling, OfTwoCallsWithOneIdTheLaterIsMeant) {
  for (const bool later_ends_first : {false, true}) {
    SCOPED_TRACE(later_ends_first);
    Asked& first = Call("Orders_Put", R"({"id":"first"})", kLegacy, "s");
    Asked& second = Call("Orders_Put", R"({"id":"second"})", kLegacy, "s");
    Notify(Cancelled("1"), "s");
    EXPECT_EQ(UnderWay(0).cancelled, 0);
    EXPECT_EQ(UnderWay(1).cancelled, 1);
    if (later_ends_first) {
      UnderWay(1).EndCancelled();
      Notify(Cancelled("1"), "s");
      EXPECT_EQ(UnderWay(0).cancelled, 0);  // forgotten with the later one
      UnderWay(0).Answer("");
    } else {
      UnderWay(0).Answer("");
      Notify(Cancelled("1"), "s");
      EXPECT_GE(UnderWay(0).cancelled, 1);  // the later one, now the only one
      UnderWay(0).EndCancelled();
    }
    EXPECT_EQ(first.replies, 1);
    EXPECT_FALSE(first.IsError());
    EXPECT_EQ(second.replies, 1);
    EXPECT_TRUE(second.IsError());
  }
}

TEST_F(Cancelling, ModernCallsHaveNoNotification) {
  Call("Orders_Put", "{}", kModern, "");
  Notify(Cancelled("1"), "");
  server_->CancelCall("", "1");
  EXPECT_EQ(UnderWay().cancelled, 0);
}

TEST_F(Cancelling, AllAtShutdown) {
  std::vector<Asked*> asked;
  for (int i = 0; i < 5; ++i) asked.push_back(&Call("Orders_Put", "{}", i % 2 ? kModern : kLegacy));
  UnderWay(2).Answer("");  // one from the middle of the list
  server_->CancelAll();
  ASSERT_EQ(CountUnderWay(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(UnderWay(i).cancelled, 1);
  EXPECT_EQ(server_->calls_in_flight(), 4u);
  while (CountUnderWay() > 0) UnderWay().EndCancelled();
  for (const Asked* one : asked) EXPECT_EQ(one->replies, 1);
  EXPECT_EQ(server_->calls_in_flight(), 0u);
}

}  // namespace
}  // namespace bridge::mcp
