#include "bridge/upstream/channel.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>

#include "tests/faults/http2.h"
#include "tests/faults/raw_upstream.h"
#include "tests/support/generic_server.h"
#include "tests/upstream/loop.h"

namespace bridge::upstream {
namespace {

namespace http2 = bridge::testing::http2;
using bridge::testing::Answer;
using bridge::testing::GenericServer;
using bridge::testing::Received;

constexpr char kTraceparent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

struct Outcome {
  StatusCode code = StatusCode::kOk;
  std::string response, message, details, peer;
  Cause cause = Cause::kService;
  Delivery delivery = Delivery::kMaybe;
  size_t bytes = 0, limit = 0;
};

class ChannelTest : public ::testing::Test {
 protected:
  Outcome Call(const std::string& target, CallSpec spec) {
    Channel channel(*ParseTarget(target), options_, loop_.completions());
    Outcome outcome;
    bool done = false;
    channel.StartUnary(spec, [&](const CallResult& result) {
      outcome = {result.code,
                 std::string(result.response),
                 std::string(result.message),
                 std::string(result.details),
                 result.Peer(),
                 result.cause,
                 result.delivery,
                 result.bytes,
                 result.limit};
      done = true;
    });
    loop_.RunUntil([&] { return done; });
    return outcome;
  }

  ChannelOptions options_;
  Loop loop_;
};

// So that a large one is in memory once, and a small one's buffer serves the next call.
TEST_F(ChannelTest, A3ALargeRequestIsTakenAwayAndASmallOneIsCopied) {
  GenericServer server([](const Received& call) { return Answer{.response = call.request}; });
  for (const size_t size : {0u, 1u, 65'535u, 65'536u, 1u << 20, 3u << 20}) {
    std::string request(size, 'r');
    const Outcome outcome =
        Call(server.target(), {.path = "/a.B/C", .request = request, .storage = &request});
    EXPECT_EQ(outcome.code, StatusCode::kOk);
    EXPECT_EQ(outcome.response, std::string(size, 'r'));
    EXPECT_EQ(request.size(), size < 65'536 ? size : 0);
  }
}

TEST_F(ChannelTest, BytesInBytesOut) {
  GenericServer server([](const Received& call) { return Answer{.response = call.request + "!"}; });
  const std::string request("a\0b", 3);
  const Outcome outcome = Call(server.target(), {.path = "/a.B/C", .request = request});
  EXPECT_EQ(outcome.code, StatusCode::kOk);
  EXPECT_EQ(outcome.response, request + "!");
  EXPECT_EQ(outcome.peer, "ipv4:" + server.target());
  ASSERT_EQ(server.received().size(), 1u);
  EXPECT_EQ(server.received()[0].path, "/a.B/C");
}

TEST_F(ChannelTest, AnEmptyMessageIsAMessage) {
  GenericServer server([](const Received&) { return Answer{}; });
  const Outcome outcome = Call(server.target(), {.path = "/a.B/C"});
  EXPECT_EQ(outcome.code, StatusCode::kOk);
  EXPECT_EQ(outcome.response, "");
}

TEST_F(ChannelTest, StatusMessageAndDetailsArrive) {
  GenericServer server([](const Received&) {
    return Answer{.status = {::grpc::StatusCode::NOT_FOUND, "no such order", "details"}};
  });
  const Outcome outcome = Call(server.target(), {.path = "/a.B/C"});
  EXPECT_EQ(outcome.code, StatusCode::kNotFound);
  EXPECT_EQ(outcome.message, "no such order");
  EXPECT_EQ(outcome.details, "details");
}

TEST_F(ChannelTest, EveryCallHasADeadlineThatTheServerSees) {
  GenericServer server([](const Received&) { return Answer{.hang = true}; });
  const auto before = std::chrono::system_clock::now();
  const Outcome outcome =
      Call(server.target(), {.path = "/a.B/C", .timeout = std::chrono::milliseconds(200)});
  EXPECT_EQ(outcome.code, StatusCode::kDeadlineExceeded);
  ASSERT_EQ(server.received().size(), 1u);
  EXPECT_LT(server.received()[0].deadline, before + std::chrono::seconds(60));
}

TEST_F(ChannelTest, ACancelledCallIsCancelledUpstream) {
  GenericServer server([](const Received&) { return Answer{.hang = true}; });
  Channel channel(*ParseTarget(server.target()), options_, loop_.completions());
  StatusCode code = StatusCode::kOk;
  bool done = false;
  UnaryCall* call = channel.StartUnary({.path = "/a.B/C"}, [&](const CallResult& result) {
    code = result.code;
    done = true;
  });
  // The request is written by the completion queue's own polling.
  std::atomic<bool> arrived{false};
  std::thread watcher([&] {
    server.WaitForRequests(1);
    arrived = true;
    loop_.Wake();
  });
  loop_.RunUntil([&] {
    if (arrived.exchange(false)) Cancel(call);
    return done;
  });
  watcher.join();
  EXPECT_EQ(code, StatusCode::kCancelled);
  EXPECT_EQ(server.WaitForCancels(1), 1);
}

// gRPC keeps what it is writing to a service that takes no more, whatever becomes of the call.
TEST_F(ChannelTest, A19ACallThatIsNotLetGoOfCountsInFullUntilItIs) {
  constexpr size_t kAll = 100u << 20, kRequest = 32u << 20;  // more than two sockets hold
  testing::RawUpstream stopped(0, [](int socket) {
    const std::string window = http2::Number(1u << 30);
    if (!http2::Greet(socket) ||
        !testing::SendAll(socket,
                          http2::Frame(http2::kSettings, 0, 0, std::string("\0\4", 2) + window) +
                              http2::Frame(http2::kWindowUpdate, 0, 0, window))) {
      return;
    }
    pollfd until_shut_down{.fd = socket, .events = 0, .revents = 0};
    ::poll(&until_shut_down, 1, -1);
  });
  options_.max_request_bytes = 2 * kRequest;
  Channel channel(*ParseTarget(stopped.target()), options_, loop_.completions());
  ByteBudget budget(kAll);
  std::string request(kRequest, 'r');
  StatusCode code = StatusCode::kOk;
  channel.StartUnary({.path = "/a.B/C",
                      .request = request,
                      .storage = &request,
                      .budget = &budget,
                      .held = kRequest,
                      .timeout = std::chrono::seconds(1)},
                     [&](const CallResult& result) { code = result.code; });
  loop_.RunUntil([&] { return code != StatusCode::kOk; });
  EXPECT_EQ(code, StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(budget.HasRoomFor(kAll - kRequest));
  EXPECT_FALSE(budget.HasRoomFor(kAll - kRequest + 1));
  stopped.Become(nullptr);
  loop_.RunUntil([&] { return budget.HasRoomFor(kAll); });
}

TEST_F(ChannelTest, NobodyThereIsUnavailableAtOnce) {
  std::string target;
  {
    target = GenericServer([](const Received&) { return Answer{}; }).target();
  }
  const Outcome outcome = Call(target, {.path = "/a.B/C"});
  EXPECT_EQ(outcome.code, StatusCode::kUnavailable);
}

TEST_F(ChannelTest, TraceContextTravelsAsMetadata) {
  GenericServer server([](const Received&) { return Answer{}; });
  const auto context = telemetry::ParseTraceContext(kTraceparent, "vendor=value");
  Call(server.target(), {.path = "/a.B/C", .trace = &*context});
  ASSERT_EQ(server.received().size(), 1u);
  EXPECT_EQ(server.received()[0].metadata.at("traceparent"), kTraceparent);
  EXPECT_EQ(server.received()[0].metadata.at("tracestate"), "vendor=value");
}

// gRPC aborts the process on such a value; it is left out instead.
TEST_F(ChannelTest, IllegalMetadataIsLeftOut) {
  GenericServer server([](const Received&) { return Answer{}; });
  auto context = telemetry::ParseTraceContext(kTraceparent);
  context->tracestate = "a=\r\nb";
  const Outcome outcome = Call(server.target(), {.path = "/a.B/C", .trace = &*context});
  EXPECT_EQ(outcome.code, StatusCode::kOk);
  ASSERT_EQ(server.received().size(), 1u);
  EXPECT_EQ(server.received()[0].metadata.count("tracestate"), 0u);
}

TEST_F(ChannelTest, AnAnswerOverTheLimitIsResourceExhausted) {
  GenericServer server([](const Received&) { return Answer{.response = std::string(2000, 'x')}; });
  options_.max_response_bytes = 1000;
  EXPECT_EQ(Call(server.target(), {.path = "/a.B/C"}).code, StatusCode::kResourceExhausted);
}

using B3Limits = ChannelTest;

TEST_F(B3Limits, ARequestOverTheLimitIsNeverSent) {
  GenericServer server([](const Received& call) { return Answer{.response = call.request}; });
  options_.max_request_bytes = 1000;
  const std::string request(1001, 'x');
  const Outcome outcome = Call(server.target(), {.path = "/a.B/C", .request = request});
  EXPECT_EQ(outcome.code, StatusCode::kResourceExhausted);
  EXPECT_EQ(outcome.cause, Cause::kRequestTooLarge);
  EXPECT_EQ(outcome.delivery, Delivery::kUnsent);
  EXPECT_EQ(outcome.bytes, 1001u);
  EXPECT_EQ(outcome.limit, 1000u);
  EXPECT_TRUE(server.received().empty());
  const Outcome fits =
      Call(server.target(), {.path = "/a.B/C", .request = std::string_view(request).substr(1)});
  EXPECT_EQ(fits.code, StatusCode::kOk);
  EXPECT_EQ(fits.response.size(), 1000u);
}

TEST_F(B3Limits, AnAnswerOverTheLimitIsToldAsTheBridges) {
  GenericServer server([](const Received& call) { return Answer{.response = call.request}; });
  options_.max_response_bytes = 1000;
  const std::string request(1001, 'x');
  const Outcome outcome = Call(server.target(), {.path = "/a.B/C", .request = request});
  EXPECT_EQ(outcome.code, StatusCode::kResourceExhausted);
  EXPECT_EQ(outcome.cause, Cause::kAnswerTooLarge);
  EXPECT_EQ(outcome.delivery, Delivery::kMaybe);
  EXPECT_EQ(outcome.limit, 1000u);
  EXPECT_EQ(
      Call(server.target(), {.path = "/a.B/C", .request = std::string_view(request).substr(1)})
          .code,
      StatusCode::kOk);
}

// Its own words, whatever they are, leave it a status of the service.
TEST_F(B3Limits, AServiceThatSaysTheSameIsTheService) {
  for (const char* words :
       {"Sent message larger than max (2 vs. 1)", "Received message larger than max (2 vs. 1)"}) {
    GenericServer server([&](const Received&) {
      return Answer{.status = {::grpc::StatusCode::RESOURCE_EXHAUSTED, words}};
    });
    const Outcome outcome = Call(server.target(), {.path = "/a.B/C"});
    EXPECT_EQ(outcome.cause, Cause::kService);
    EXPECT_EQ(outcome.message, words);
  }
}

using B26Delivery = ChannelTest;

TEST_F(B26Delivery, WithoutAConnectionNothingIsSent) {
  std::string port;
  {
    port = std::to_string(GenericServer([](const Received&) { return Answer{}; }).port());
  }
  for (const std::string& target :
       {"127.0.0.1:" + port, "ipv4:127.0.0.1:" + port, std::string("unix:/nowhere/at/all.sock"),
        std::string("unix:nowhere.sock")}) {
    SCOPED_TRACE(target);
    const Outcome outcome = Call(target, {.path = "/a.B/C"});
    EXPECT_EQ(outcome.code, StatusCode::kUnavailable);
    EXPECT_EQ(outcome.cause, Cause::kConnection);
    EXPECT_EQ(outcome.delivery, Delivery::kUnsent);
    EXPECT_EQ(outcome.peer, "");
  }
}

TEST_F(B26Delivery, EveryFormOfAnAddressIsReached) {
  GenericServer server([](const Received&) { return Answer{}; });
  for (const char* scheme : {"", "ipv4:", "dns:///", "dns:"}) {
    SCOPED_TRACE(scheme);
    const Outcome outcome = Call(scheme + server.target(), {.path = "/a.B/C"});
    EXPECT_EQ(outcome.code, StatusCode::kOk);
    EXPECT_EQ(outcome.peer, "ipv4:" + server.target());
  }
}

TEST_F(B26Delivery, AServiceThatWasReachedMayHaveSeenTheCall) {
  GenericServer server([](const Received&) {
    return Answer{.status = {::grpc::StatusCode::UNAVAILABLE,
                             "failed to connect to all addresses; last error: UNKNOWN"}};
  });
  const Outcome outcome = Call(server.target(), {.path = "/a.B/C"});
  EXPECT_EQ(outcome.cause, Cause::kService);
  EXPECT_EQ(outcome.delivery, Delivery::kMaybe);
  GenericServer hangs([](const Received&) { return Answer{.hang = true}; });
  const Outcome late =
      Call(hangs.target(), {.path = "/a.B/C", .timeout = std::chrono::milliseconds(500)});
  EXPECT_EQ(late.cause, Cause::kDeadline);
  EXPECT_EQ(late.delivery, Delivery::kMaybe);
  EXPECT_EQ(late.peer, "ipv4:" + hangs.target());
}

TEST_F(ChannelTest, APackedAnswerIsUnpacked) {
  const std::string text(100'000, 'x');
  GenericServer server([&](const Received&) { return Answer{.response = text, .gzip = true}; });
  const Outcome outcome = Call(server.target(), {.path = "/a.B/C"});
  EXPECT_EQ(outcome.code, StatusCode::kOk);
  EXPECT_EQ(outcome.response, text);
}

// gRPC would unpack all of it before it looked at the size.
TEST_F(ChannelTest, APackedAnswerIsMeasuredAsItIsUnpacked) {
  GenericServer server(
      [](const Received&) { return Answer{.response = std::string(64 << 20, 'x'), .gzip = true}; });
  options_.max_response_bytes = 1 << 20;
  const Outcome outcome = Call(server.target(), {.path = "/a.B/C"});
  EXPECT_EQ(outcome.code, StatusCode::kResourceExhausted);
  EXPECT_EQ(outcome.message, "the answer is larger than the bridge takes");
}

TEST_F(ChannelTest, ManyCallsAtOnce) {
  GenericServer server([](const Received& call) { return Answer{.response = call.request}; });
  Channel channel(*ParseTarget(server.target()), options_, loop_.completions());
  int good = 0;
  int done = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string request = "request " + std::to_string(i);
    channel.StartUnary({.path = "/a.B/C", .request = request},
                       [&good, &done, request](const CallResult& result) {
                         good += result.response == request ? 1 : 0;
                         ++done;
                       });
  }
  loop_.RunUntil([&] { return done == 200; });
  EXPECT_EQ(good, 200);
}

TEST(StatusCodeName, IsTotal) {
  EXPECT_EQ(StatusCodeName(StatusCode::kOk), "OK");
  EXPECT_EQ(StatusCodeName(StatusCode::kUnauthenticated), "UNAUTHENTICATED");
  EXPECT_EQ(StatusCodeName(static_cast<StatusCode>(17)), "UNKNOWN");
  EXPECT_EQ(StatusCodeName(static_cast<StatusCode>(-1)), "UNKNOWN");
}

}  // namespace
}  // namespace bridge::upstream
