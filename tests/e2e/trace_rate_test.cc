// What of a flood of calls is at /debug/traces, where no collector and no sampler is named.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/bridge_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int kFlood = 250;

std::string TraceId(int number) {
  const std::string digits = std::to_string(number);
  return "1" + std::string(31 - digits.size(), '0') + digits;
}

class B39Default : public ::testing::Test {
 protected:
  B39Default()
      : server_(StartDescribedServer({TextService("Echo", {"Say", "Fail", "Slow"})},
                                     [](const Received& call) -> Answer {
                                       if (call.path.ends_with("/Fail")) {
                                         return {.status = {::grpc::StatusCode::NOT_FOUND, "no"}};
                                       }
                                       Answer answer{.response = call.request};
                                       if (call.path.ends_with("/Slow")) answer.delay = seconds(2);
                                       return answer;
                                     })) {}

  // A call of a client that wants each of its calls sampled.
  static void Call(const BridgeProcess& bridge, const std::string& tool, int trace,
                   const json& arguments = json::object()) {
    OpenRequest request(bridge.mcp_port(),
                        ModernCall(tool, arguments,
                                   {"traceparent: 00-" + TraceId(trace) + "-00f067aa0ba902b7-01"}));
    EXPECT_EQ(request.Read().status, 200);
  }

  static json Trace(const BridgeProcess& bridge, int trace) {
    return Fetch(bridge.admin_port(), "GET", "/debug/traces/" + TraceId(trace)).Json();
  }

  // The spans of a trace by name, once there are `count`.
  static std::map<std::string, json> Spans(const BridgeProcess& bridge, int trace, size_t count) {
    std::map<std::string, json> spans;
    const auto deadline = steady_clock::now() + seconds(10);
    while (spans.size() < count && steady_clock::now() < deadline) {
      spans.clear();
      const std::function<void(const json&)> take = [&](const json& list) {
        for (const json& span : list) {
          spans[span["name"]] = span;
          take(span["children"]);
        }
      };
      const json tree = Trace(bridge, trace);
      if (tree.contains("spans")) take(tree["spans"]);
    }
    return spans;
  }

  static int CountOf(const BridgeProcess& bridge) {
    return static_cast<int>(
        Fetch(bridge.admin_port(), "GET", "/debug/traces").Json()["traces"].size());
  }

  std::unique_ptr<GenericServer> server_;
};

TEST_F(B39Default, TheFirstCallsAreThereAndWhatFailsInAFlood) {
  const auto start = steady_clock::now();
  const BridgeProcess bridge({"echo=" + server_->target()});
  for (int i = 0; i < kFlood; ++i) Call(bridge, "Echo_Say", i);
  EXPECT_EQ(Spans(bridge, 0, 3).size(), 3u);
  const int kept = CountOf(bridge);
  const auto seconds_gone = (steady_clock::now() - start) / seconds(1);
  EXPECT_GE(kept, 20);
  EXPECT_LE(kept, 20 * (seconds_gone + 2));
  // Services sample as the caller asked.
  for (const Received& received : server_->received()) {
    const auto traceparent = received.metadata.find("traceparent");
    if (!received.path.ends_with("/Say") || traceparent == received.metadata.end()) continue;
    EXPECT_TRUE(traceparent->second.ends_with("-01"));
  }

  Call(bridge, "Echo_Fail", 1'000);
  auto spans = Spans(bridge, 1'000, 3);
  ASSERT_EQ(spans.size(), 3u);
  const json rpc = spans["t.Echo.Echo/Fail"];
  const json mcp = spans["tools/call Echo_Fail"];
  EXPECT_EQ(rpc["attributes"]["rpc.status_code"], "NOT_FOUND");
  EXPECT_EQ(rpc["attributes"]["mcp_bridge.upstream"], "echo");
  EXPECT_EQ(rpc["parentSpanId"], mcp["spanId"]);
  EXPECT_EQ(mcp["status"], "error");
  EXPECT_EQ(mcp["attributes"]["gen_ai.tool.name"], "Echo_Fail");
  EXPECT_EQ(mcp["attributes"]["mcp.method.name"], "tools/call");
  EXPECT_EQ(mcp["parentSpanId"], spans["POST /mcp"]["spanId"]);
  EXPECT_EQ(spans["POST /mcp"]["parentSpanId"], "00f067aa0ba902b7");

  for (int i = 0; i < kFlood; ++i) Call(bridge, "Echo_Say", 2'000 + i);
  Call(bridge, "Echo_Say", 1'001, {{"no such field", 1}});
  spans = Spans(bridge, 1'001, 2);
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans["tools/call Echo_Say"]["statusMessage"], "invalid arguments");
  EXPECT_EQ(spans["tools/call Echo_Say"]["attributes"]["gen_ai.tool.name"], "Echo_Say");

  Call(bridge, "Echo_Slow", 1'002);
  spans = Spans(bridge, 1'002, 3);
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans["t.Echo.Echo/Slow"]["attributes"]["rpc.status_code"], "OK");
  EXPECT_GE(spans["POST /mcp"]["durationNs"], 1'900'000'000);
}

TEST_F(B39Default, ANamedSamplerIsFollowed) {
  const BridgeProcess bridge({"echo=" + server_->target()},
                             {"OTEL_TRACES_SAMPLER=parentbased_always_on"});
  for (int i = 0; i < 100; ++i) Call(bridge, "Echo_Say", i);
  EXPECT_EQ(Spans(bridge, 99, 3).size(), 3u);
  EXPECT_EQ(CountOf(bridge), 100);
}

}  // namespace
}  // namespace bridge::testing
