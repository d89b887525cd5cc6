// What bounds calls, and what outlives a change of the catalog.
#include <malloc.h>

#include "tests/middle/middle.h"

#ifdef __SANITIZE_ADDRESS__
extern "C" size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace bridge::mcp {
namespace {

using ::testing::HasSubstr;
using upstream::StatusCode;

using Calling = Middle;

TEST_F(Calling, OneMoreThanMaxCallsIsRefusedBeforeItIsSent) {
  for (const size_t most : {size_t{0}, size_t{1}, size_t{3}}) {
    SCOPED_TRACE(most);
    ServerOptions options;
    options.max_calls = most;
    Restart(options);
    for (size_t i = 0; i < most; ++i) Call("Orders_Put", "{}");
    EXPECT_EQ(CountUnderWay(), most);
    for (const char* version : {kModern, kLegacy}) {
      Asked& refused = Call("Orders_Put", "{}", version);
      ASSERT_EQ(refused.replies, 1);
      EXPECT_EQ(CountUnderWay(), most);
      EXPECT_THAT(refused.ToolText(), HasSubstr("too many calls under way"));
      EXPECT_THAT(refused.ToolText(), HasSubstr("Nothing was sent to the service"));
      EXPECT_EQ(refused.Result()["_meta"]["grpc-mcp-bridge/status"],
                Json::parse(
                    R"({"code":8,"name":"RESOURCE_EXHAUSTED","retryable":true,"effect":"none"})"));
    }
    if (most == 0) continue;
    UnderWay().Answer("");
    Asked& late = Call("Orders_Put", "{}");
    EXPECT_EQ(late.replies, 0);
    while (CountUnderWay() > 0) UnderWay().Answer("");
    EXPECT_FALSE(late.IsError());
  }
}

// Lists and everything else go on while there are too many calls.
TEST_F(Calling, FullIsForCallsOnly) {
  ServerOptions options;
  options.max_calls = 0;
  Restart(options);
  EXPECT_EQ(Ask(R"({"id":1,"method":"tools/list"})").Result()["tools"].size(), 2u);
  EXPECT_EQ(Ask(R"({"id":1,"method":"ping"})", kLegacy).Result(), Json::object());
}

TEST_F(Calling, ACallKeepsTheSnapshotItBeganWith) {
  Asked& asked = Call("Orders_Get", R"({"id":"a"})");
  std::weak_ptr<const Surface> old;
  {
    const auto first = MakeSurface();
    old = first;
    server_->Publish(first);
  }
  Asked& on_old = Call("Orders_Get", R"({"id":"b"})");
  server_->Publish(MakeSurface("rpc Drop(Key) returns (Order);"));
  EXPECT_FALSE(old.expired());
  Asked& on_new = Call("Orders_Drop", R"({"id":"c"})");
  ASSERT_EQ(CountUnderWay(), 3u);
  UnderWay(1).Answer(Order("old"));
  EXPECT_EQ(on_old.Result()["structuredContent"]["id"], "old");
  EXPECT_TRUE(old.expired());
  UnderWay(0).Answer(Order("oldest"));
  EXPECT_EQ(asked.Result()["structuredContent"]["id"], "oldest");
  EXPECT_EQ(UnderWay().path, "/t.Orders/Drop");
  UnderWay().Answer(Order("new"));
  EXPECT_EQ(on_new.Result()["structuredContent"]["id"], "new");
}

TEST_F(Calling, AToolThatIsGoneIsUnknownAtOnce) {
  server_->Publish(MakeSurface("rpc Drop(Key) returns (Order);"));
  Asked& before = Call("Orders_Drop", "{}");
  server_->Publish(MakeSurface());
  EXPECT_EQ(Call("Orders_Drop", "{}").reply->error, jsonrpc::ErrorCode::kInvalidParams);
  UnderWay().Answer("");
  EXPECT_FALSE(before.IsError());
}

TEST_F(Calling, AnAnswerThatIsNoMessageSaysThatTheCallHasTakenEffect) {
  for (const char* garbage : {"\xff",
                              "\x0a\x05"
                              "ab",
                              "\x0a"}) {
    Asked& asked = Call("Orders_Put", "{}");
    UnderWay().Answer(garbage);
    EXPECT_TRUE(asked.IsError());
    EXPECT_THAT(asked.ToolText(), HasSubstr("could not be read as t.Order"));
    EXPECT_THAT(asked.ToolText(), HasSubstr("has taken effect"));
    EXPECT_EQ(asked.Result()["_meta"]["grpc-mcp-bridge/status"]["retryable"], false);
  }
}

// One call may end another's, or begin one, while it is answered.
TEST_F(Calling, EndsInAnyOrder) {
  std::vector<Asked*> asked;
  for (int i = 0; i < 6; ++i) {
    asked.push_back(&Call("Orders_Put", R"({"id":")" + std::to_string(i) + "\"}"));
  }
  for (const size_t index : {3u, 0u, 2u, 1u, 1u, 0u}) {
    const std::string request = UnderWay(index).request;
    UnderWay(index).Answer(request);
  }
  for (size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(asked[i]->Result()["structuredContent"]["id"], std::to_string(i));
  }
  EXPECT_EQ(server_->calls_in_flight(), 0u);
}

// --- Memory under way.

constexpr size_t kMiB = 1u << 20;

std::string Notes(size_t bytes) {
  return R"({"notes":[")" + std::string(bytes, 'n') + "\"]}";
}

// The encoded requests of all calls and what each call holds beside count together, until the call
// ends in whatever way.
TEST_F(Calling, A3RequestsUnderWayCountAgainstTheBudgetUntilTheyEnd) {
  for (const size_t each : {size_t{100}, size_t{100'000}, kMiB}) {
    SCOPED_TRACE(each);
    Restart({}, 8 * kMiB);
    std::vector<Asked*> asked;
    do {
      asked.push_back(&Call("Orders_Put", Notes(each)));
    } while (asked.back()->replies == 0 && asked.size() < 5'000);
    const size_t sent = CountUnderWay();
    EXPECT_EQ(asked.size(), sent + 1);
    EXPECT_LE(sent * each, 8 * kMiB);
    EXPECT_GE(sent * (each + 20'000), 7 * kMiB);
    EXPECT_THAT(asked.back()->ToolText(), HasSubstr("Nothing was sent to the service"));
    EXPECT_EQ(asked.back()->Result()["_meta"]["grpc-mcp-bridge/status"]["retryable"], true);
    // One that ends makes room for one more.
    for (int way = 0; way < 3; ++way) {
      const std::string full = Call("Orders_Put", Notes(each)).ToolText();
      EXPECT_THAT(full, HasSubstr("Nothing was sent to the service"));
      if (way == 0) UnderWay().Answer("");
      if (way == 1) UnderWay().EndCancelled();
      if (way == 2) UnderWay().End(Failure(StatusCode::kUnavailable));
      EXPECT_EQ(Call("Orders_Put", Notes(each)).replies, 0);
      EXPECT_EQ(CountUnderWay(), sent);
    }
    while (CountUnderWay() > 0) UnderWay().Answer("");
    EXPECT_TRUE(budget_->HasRoomFor(8 * kMiB));
    EXPECT_FALSE(budget_->HasRoomFor(8 * kMiB + 1));
  }
}

// What others keep, such as bodies and answers of the transport, leaves less for calls.
TEST_F(Calling, A3TheBudgetIsSharedWithTheTransport) {
  Restart({}, 4 * kMiB);
  budget_->Take(4 * kMiB);
  EXPECT_THAT(Call("Orders_Put", "{}").ToolText(), HasSubstr("Nothing was sent"));
  budget_->GiveBack(kMiB);
  EXPECT_EQ(Call("Orders_Put", "{}").replies, 0);
  EXPECT_EQ(Call("Orders_Put", Notes(kMiB)).replies, 1);
}

// Of the requests of a stream also those of no bytes take room: where each of them ends.
TEST_F(Calling, ManyEmptyRequestsOfAStreamTakeMemory) {
  Restart({}, 64 * 1024);
  server_->Publish(MakeSurface("rpc Load(stream Order) returns (Order);"));
  std::string messages = "{}";
  for (int i = 1; i < 10'000; ++i) messages += ",{}";
  EXPECT_THAT(Call("Orders_Load", R"({"messages":[)" + messages + "]}").ToolText(),
              HasSubstr("Nothing was sent to the service"));
  EXPECT_TRUE(upstream::StreamsUnderWay().empty());
}

// An answer for which there is no room comes after the service has done its work.
TEST_F(Calling, B6AnAnswerWithoutRoomSaysThatTheCallWasCarriedOut) {
  for (const size_t answer : {20'000u, 200'000u, 3'000'000u}) {
    for (const char* version : {"2026-07-28", "2025-11-25", "2025-03-26"}) {
      SCOPED_TRACE(std::string(version) + " " + std::to_string(answer));
      Restart({}, 16 * kMiB);
      Asked& asked = Call("Orders_Put", "{}", version);
      ASSERT_EQ(CountUnderWay(), 1u);
      budget_->Take(16 * kMiB - answer / 2);
      UnderWay().Answer(Order("a", std::string(answer, 'x')));
      ASSERT_EQ(asked.replies, 1);
      EXPECT_FALSE(asked.reply->error.has_value());
      EXPECT_TRUE(asked.IsError());
      EXPECT_LT(asked.Text().size(), 2'000u);
      EXPECT_THAT(asked.ToolText(), HasSubstr("no memory left"));
      EXPECT_THAT(asked.ToolText(), HasSubstr("The call has taken effect. Do not repeat it"));
      EXPECT_EQ(asked.Result()["_meta"]["grpc-mcp-bridge/status"]["retryable"], false);
    }
  }
}

// Only a method that changes nothing may be called again.
TEST_F(Calling, B6AReadWithoutRoomMayBeRepeated) {
  Restart({}, 16 * kMiB);
  Asked& asked = Call("Orders_Get", "{}");
  budget_->Take(15 * kMiB);
  UnderWay().Answer(Order("a", std::string(kMiB, 'x')));
  EXPECT_THAT(asked.ToolText(), HasSubstr("Try again in a few seconds"));
  EXPECT_EQ(asked.Result()["_meta"]["grpc-mcp-bridge/status"]["retryable"], true);
}

// What is small is answered in any case, whatever else fills the memory.
TEST_F(Calling, B6ASmallAnswerAlwaysHasRoom) {
  Restart({}, kMiB);
  Asked& done = Call("Orders_Put", "{}");
  Asked& failed = Call("Orders_Put", "{}");
  budget_->Take(64 * kMiB);
  UnderWay().Answer(Order("done", "small"));
  EXPECT_EQ(done.Result()["structuredContent"]["id"], "done");
  UnderWay().End(Failure(StatusCode::kNotFound, std::string(2'000, 'm')));
  EXPECT_THAT(failed.ToolText(), HasSubstr("NOT_FOUND"));
}

// Nothing of a large call stays for the next one but small buffers: of a request that the
// channel took or refused as too large, of one that was refused here, of its answer.
TEST_F(Calling, CScratchOfALargeCallIsGivenBack) {
  const auto in_use = [] {
#ifdef __SANITIZE_ADDRESS__
    return __sanitizer_get_current_allocated_bytes();
#else
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
#endif
  };
  ASSERT_GT(in_use(), 0u);
  Restart({}, 64 * kMiB);
  Call("Orders_Put", "{}");
  UnderWay().Answer(Order("small"));
  asked_.clear();
  const size_t before = in_use();
  for (int way = 0; way < 4; ++way) {
    if (way == 1) budget_->Take(64 * kMiB);
    Call("Orders_Put", Notes(12 * kMiB));
    if (way == 1) budget_->GiveBack(64 * kMiB);
    if (way == 2) UnderWay().End(Failure(StatusCode::kResourceExhausted));
    if (way == 3) UnderWay().Answer(Order("a", std::string(6 * kMiB, 'x')));
    if (way == 0) UnderWay().Answer("");
    ASSERT_EQ(CountUnderWay(), 0u);
    asked_.clear();
    EXPECT_LT(in_use(), before + 4 * kMiB) << way;
  }
}

// The request of a call makes room for its answer.
TEST_F(Calling, B6ALargeRequestLeavesItsRoomToTheAnswer) {
  Restart({}, 4 * kMiB);
  Asked& asked = Call("Orders_Put", Notes(3 * kMiB));
  ASSERT_EQ(CountUnderWay(), 1u);
  UnderWay().Answer(Order("a", std::string(kMiB, 'x')));
  EXPECT_FALSE(asked.IsError());
}

}  // namespace
}  // namespace bridge::mcp
