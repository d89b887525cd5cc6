// SIGTERM: calls under way finish, new ones are refused, and the end comes in time whatever the
// upstreams do. (tests/e2e/call_test.cc has a call that finishes and one that is cancelled.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>

#include "tests/faults/raw_upstream.h"
#include "tests/faults/tool_error.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using ::testing::HasSubstr;

std::unique_ptr<GenericServer> StartHanging() {
  return std::unique_ptr<GenericServer>(StartDescribedServer(
      {TextService("Echo", {"Hang"})}, [](const Received&) { return Answer{.hang = true}; }));
}

// The call under way gets its answer (its deadline, 2 s); a new connection is refused, and an open
// one is closed; exit 0 within 10 s.
TEST(End, NewCallsAreRefusedWhileOldOnesFinish) {
  const auto server = StartHanging();
  BridgeProcess bridge({"--call-timeout", "2s", "echo=" + server->target()});
  OpenRequest idle(bridge.mcp_port(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(idle.Read().status, 404);
  const size_t before = server->received().size();
  OpenRequest request(bridge.mcp_port(), ModernCall("Echo_Hang", json::object()));
  ASSERT_EQ(server->WaitForRequests(before + 1), before + 1);
  bridge.process().Signal(SIGTERM);
  EXPECT_EQ(idle.Read().status, 0);
  EXPECT_EQ(Fetch(bridge.mcp_port(), "GET", "/").status, 0);
  EXPECT_EQ(Fetch(bridge.admin_port(), "GET", "/readyz").status, 503);
  EXPECT_THAT(request.Read().body, HasSubstr("DEADLINE_EXCEEDED"));
  EXPECT_EQ(bridge.process().WaitFor(seconds(10)), 0);
}

// A call that outlasts --drain-timeout is answered as cancelled; exit 0 within 10 s of it.
TEST(End, TheDrainTimeoutEndsACall) {
  const auto server = StartHanging();
  BridgeProcess bridge({"--drain-timeout", "1", "echo=" + server->target()});
  const size_t before = server->received().size();
  OpenRequest request(bridge.mcp_port(), ModernCall("Echo_Hang", json::object()));
  ASSERT_EQ(server->WaitForRequests(before + 1), before + 1);
  bridge.process().Signal(SIGTERM);
  EXPECT_THAT(request.Read().body, HasSubstr("CANCELLED"));
  EXPECT_EQ(bridge.process().WaitFor(seconds(11)), 0);
}

// A second signal does not wait for the call: the process has ended 5 s later, by its own exit. At
// once it is still the first: some signal a process and then its group.
TEST(End, ASecondSignalEndsAtOnce) {
  const auto server = StartHanging();
  BridgeProcess bridge({"--drain-timeout", "600", "echo=" + server->target()});
  const size_t before = server->received().size();
  OpenRequest request(bridge.mcp_port(), ModernCall("Echo_Hang", json::object()));
  ASSERT_EQ(server->WaitForRequests(before + 1), before + 1);
  bridge.process().Signal(SIGTERM);
  bridge.process().Signal(SIGTERM);
  EXPECT_TRUE(
      Becomes(seconds(10), [&] { return Fetch(bridge.mcp_port(), "GET", "/").status == 0; }));
  EXPECT_EQ(bridge.process().WaitFor(seconds(2)), std::nullopt);
  bridge.process().Signal(SIGTERM);
  EXPECT_EQ(bridge.process().WaitFor(seconds(5)), 128 + SIGTERM);
}

// A reflection under way, which may take 10 s, holds up nothing: exit 0 within 3 s.
TEST(End, AHangingReflectionIsNotWaitedFor) {
  RawUpstream silent(0, Swallow);
  const auto server = StartHanging();
  BridgeProcess bridge({"echo=" + server->target(), "silent=" + silent.target()});
  bridge.process().Signal(SIGTERM);
  EXPECT_EQ(bridge.process().WaitFor(seconds(3)), 0);
}

// Nor does it while the bridge still starts and has printed nothing: exit 0 within 3 s.
TEST(End, WhileStartingToo) {
  std::atomic<bool> asked{false};
  RawUpstream silent(0, [&](int socket) {
    asked = true;
    Swallow(socket);
  });
  ChildProcess bridge({BridgeBinary(), "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
                       "silent=" + silent.target()});
  ASSERT_TRUE(Becomes(seconds(30), [&] { return asked.load(); }));
  bridge.Signal(SIGTERM);
  EXPECT_EQ(bridge.WaitFor(seconds(3)), 0);
  EXPECT_EQ(bridge.ReadLine(), "");
}

}  // namespace
}  // namespace bridge::testing
