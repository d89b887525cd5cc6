// The deadline of a call holds whatever its size and whatever the service does about it.
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>

#include "tests/faults/http2.h"
#include "tests/faults/raw_upstream.h"
#include "tests/faults/tool_error.h"
#include "tests/faults/upstream_process.h"

namespace bridge::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint32_t kCancel = 8;

// More than the socket's buffers take, so that gRPC never gets rid of it. The connection itself is
// given up after 20 s only.
TEST(A19Deadline, HoldsWhileAServiceStandsStill) {
  UpstreamProcess upstream("Front", {"Say"});
  BridgeProcess bridge({"--call-timeout", "1s", "--refresh", "0", "front=" + upstream.target()});
  ExpectRecovery(bridge, "Front_Say", seconds(10));
  upstream.process().Pause();
  for (const size_t size : {size_t{3'000'000}, size_t{3'500'000}, size_t{10}}) {
    SCOPED_TRACE(size);
    const Outcome outcome = CallTool(bridge, "Front_Say", {{"text", std::string(size, 'x')}});
    EXPECT_EQ(outcome.status, "DEADLINE_EXCEEDED") << outcome.text;
    EXPECT_LT(outcome.took, seconds(10));
  }
  upstream.process().Signal(SIGCONT);
  ExpectRecovery(bridge, "Front_Say", seconds(30));
  EXPECT_EQ(bridge.Stop(SIGTERM), 0);
}

// gRPC still holds the call then; that is no reason to wait, nor a failure.
TEST(A19Deadline, TheEndComesWhileAServiceStandsStill) {
  UpstreamProcess upstream("Front", {"Say"});
  BridgeProcess bridge({"--call-timeout", "1s", "--refresh", "0", "front=" + upstream.target()});
  ExpectRecovery(bridge, "Front_Say", seconds(10));
  upstream.process().Pause();
  // The first fills the connection, the second stays in gRPC.
  for (const size_t size : {size_t{3'000'000}, size_t{3'500'000}}) {
    const Outcome outcome = CallTool(bridge, "Front_Say", {{"text", std::string(size, 'x')}});
    EXPECT_EQ(outcome.status, "DEADLINE_EXCEEDED") << outcome.text;
  }
  EXPECT_EQ(bridge.Stop(SIGTERM), 0);
  upstream.process().Signal(SIGCONT);
}

// Resets the stream of each call some time after it came.
Misdeed ResetAfter(milliseconds time, std::atomic<int>* calls) {
  return [=](int socket) {
    if (!http2::Greet(socket)) return;
    while (const uint32_t stream = http2::AwaitCall(socket)) {
      ++*calls;
      pollfd ended{socket, POLLRDHUP, 0};
      poll(&ended, 1, static_cast<int>(time.count()));
      if (!SendAll(socket, http2::Frame(http2::kRstStream, 0, stream, http2::Number(kCancel)))) {
        return;
      }
    }
  };
}

// A service that knows the deadline may be the first to act on it.
TEST(B49Deadline, IsToldAsTheDeadlineWhoeverNoticesIt) {
  std::atomic<int> calls{0};
  UpstreamProcess behind("Front", {"Say"});
  RawUpstream front(behind.port());
  BridgeProcess bridge({"--call-timeout", "1s", "--refresh", "0", "front=" + front.target()});
  for (const milliseconds time : {milliseconds(997), milliseconds(1000), milliseconds(1002)}) {
    SCOPED_TRACE(time.count());
    ExpectRecovery(bridge, "Front_Say", seconds(10));
    calls = 0;
    front.Become(ResetAfter(time, &calls));
    Outcome outcome;
    for (int i = 0; i < 20 && calls == 0; ++i) outcome = CallTool(bridge, "Front_Say");
    EXPECT_EQ(outcome.status, "DEADLINE_EXCEEDED") << outcome.text;
    front.Become(nullptr);
  }
  ExpectRecovery(bridge, "Front_Say", seconds(10));
  calls = 0;
  front.Become(ResetAfter(milliseconds(0), &calls));
  Outcome outcome;
  for (int i = 0; i < 20 && calls == 0; ++i) outcome = CallTool(bridge, "Front_Say");
  EXPECT_EQ(outcome.status, "CANCELLED") << outcome.text;
  front.Become(nullptr);
}

}  // namespace
}  // namespace bridge::testing
