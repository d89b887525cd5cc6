// Upstreams that come, die, hang and return, as processes. Bounds are generous: a loaded machine
// must not fail them, a wait for a timeout that nobody set must.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <memory>

#include "tests/faults/bystander.h"
#include "tests/faults/raw_upstream.h"
#include "tests/faults/tool_error.h"
#include "tests/faults/upstream_process.h"

namespace bridge::testing {
namespace {

using std::chrono::seconds;
using ::testing::AnyOf;
using ::testing::HasSubstr;

// Its tools appear within 15 s of its start (it is asked at least every 10 s); until then calls say
// that they are unknown, and the other upstream is served from the beginning.
TEST(Upstream, DownAtTheStartItsToolsAppearWhenItComesUp) {
  UpstreamProcess well("Well", {"Say"});
  const int port = FindFreePort();
  const BridgeProcess bridge({"late=127.0.0.1:" + std::to_string(port), "well=" + well.target()});
  EXPECT_EQ(bridge.tools(), 1);
  Bystander bystander(bridge.mcp_port(), "Well_Say");
  EXPECT_THAT(CallTool(bridge, "Late_Say").text, HasSubstr("-32602"));
  UpstreamProcess late("Late", {"Say"}, port);
  ExpectRecovery(bridge, "Late_Say", seconds(15));
  bystander.Stop();
}

// The call under way ends at once (under 5 s of its 30 s), a new one too; within 10 s of the
// restart calls work again.
TEST(Upstream, KilledInTheMiddleOfACallIsAToolErrorAtOnce) {
  UpstreamProcess well("Well", {"Say"});
  auto dying = std::make_unique<UpstreamProcess>("Dying", std::vector<std::string>{"Say", "Hang"});
  const int port = dying->port();
  const BridgeProcess bridge({"dying=" + dying->target(), "well=" + well.target()});
  Bystander bystander(bridge.mcp_port(), "Well_Say");
  EXPECT_EQ(CallTool(bridge, "Dying_Say").status, "OK");
  auto hanging = std::async(std::launch::async, [&] { return CallTool(bridge, "Dying_Hang"); });
  EXPECT_EQ(hanging.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  dying->process().Signal(SIGKILL);
  dying.reset();
  const Outcome cut = hanging.get();
  EXPECT_EQ(cut.status, "UNAVAILABLE") << cut.text;
  EXPECT_THAT(cut.text, HasSubstr("The call may have taken effect"));
  EXPECT_LT(cut.took, seconds(5));
  const Outcome refused = CallTool(bridge, "Dying_Say");
  EXPECT_EQ(refused.status, "UNAVAILABLE") << refused.text;
  EXPECT_THAT(refused.text, HasSubstr("Try again in a few seconds."));  // nothing was sent
  EXPECT_LT(refused.took, seconds(5));
  EXPECT_THAT(Fetch(bridge.admin_port(), "GET", "/metrics").body,
              HasSubstr("mcp_bridge_upstream_up{upstream=\"well\"} 1\n"));
  dying = std::make_unique<UpstreamProcess>("Dying", std::vector<std::string>{"Say"}, port);
  ExpectRecovery(bridge, "Dying_Say", seconds(10));
  bystander.Stop();
}

// A process that is stopped answers nothing, though the kernel still takes its bytes: each call
// ends at its deadline of 500 ms (under 5 s), and they work again as soon as it goes on.
TEST(Upstream, StoppedItsCallsEndAtTheirDeadline) {
  UpstreamProcess well("Well", {"Say"});
  UpstreamProcess stopped("Stopped", {"Say", "Hang"});
  const BridgeProcess bridge(
      {"--call-timeout", "500ms", "stopped=" + stopped.target(), "well=" + well.target()});
  Bystander bystander(bridge.mcp_port(), "Well_Say");
  EXPECT_EQ(CallTool(bridge, "Stopped_Say").status, "OK");
  stopped.process().Pause();
  for (const char* tool : {"Stopped_Say", "Stopped_Hang"}) {
    const Outcome outcome = CallTool(bridge, tool);
    EXPECT_THAT(outcome.text, HasSubstr("DEADLINE_EXCEEDED: No answer within 500 ms."));
    EXPECT_LT(outcome.took, seconds(5));
  }
  stopped.process().Signal(SIGCONT);
  ExpectRecovery(bridge, "Stopped_Say", seconds(10));
  EXPECT_EQ(CallTool(bridge, "Stopped_Hang").status, "DEADLINE_EXCEEDED");
  bystander.Stop();
}

// A reload that meets a dead or a stopped upstream changes nothing: the old tools stay, and are
// what is called once it is back, within 15 s. /readyz tells the failure within 15 s.
TEST(Upstream, AReloadThatFailsKeepsTheOldTools) {
  auto upstream = std::make_unique<UpstreamProcess>("Kept", std::vector<std::string>{"Say"});
  const int port = upstream->port();
  const BridgeProcess bridge(
      {"--refresh", "1", "--call-timeout", "2s", "kept=" + upstream->target()});
  upstream.reset();
  EXPECT_TRUE(Becomes(seconds(15), [&] {
    return Fetch(bridge.admin_port(), "GET", "/readyz").body.find("failed to connect") !=
           std::string::npos;
  }));
  const nlohmann::json tools = bridge.Modern("tools/list").Json()["result"]["tools"];
  ASSERT_EQ(tools.size(), 1u);
  EXPECT_EQ(tools[0]["name"], "Kept_Say");
  EXPECT_EQ(CallTool(bridge, "Kept_Say").status, "UNAVAILABLE");
  upstream =
      std::make_unique<UpstreamProcess>("Kept", std::vector<std::string>{"Say", "More"}, port);
  ExpectRecovery(bridge, "Kept_Say", seconds(15));
  ExpectRecovery(bridge, "Kept_More", seconds(15));
}

// One that does not answer reflection holds up neither the start (ready within 9 s, of which 5 are
// waited for first answers) nor what the others tell: their change is served within 15 s.
TEST(Upstream, AHangingReflectionHoldsUpNobody) {
  RawUpstream silent(0, Swallow);
  auto well = std::make_unique<UpstreamProcess>("Well", std::vector<std::string>{"Say"});
  const int port = well->port();
  const auto start = std::chrono::steady_clock::now();
  const BridgeProcess bridge(
      {"--refresh", "1", "silent=" + silent.target(), "well=" + well->target()});
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(9));
  EXPECT_EQ(CallTool(bridge, "Well_Say").status, "OK");
  well.reset();
  well = std::make_unique<UpstreamProcess>("Well", std::vector<std::string>{"Say", "More"}, port);
  ExpectRecovery(bridge, "Well_More", seconds(15));
}

}  // namespace
}  // namespace bridge::testing
