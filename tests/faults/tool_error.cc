#include "tests/faults/tool_error.h"

#include <gtest/gtest.h>

#include <thread>

namespace bridge::testing {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Outcome CallTool(const BridgeProcess& bridge, const std::string& tool,
                 const nlohmann::json& arguments) {
  const auto start = steady_clock::now();
  const nlohmann::json message = bridge.Call(tool, arguments);
  Outcome outcome{.took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start)};
  outcome.text = message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (!message.is_object() || !message.contains("result")) return outcome;
  const nlohmann::json& result = message["result"];
  outcome.text = result["content"][0]["text"];
  outcome.status = "OK";
  if (!result.contains("isError")) return outcome;
  const nlohmann::json& status = result["_meta"]["grpc-mcp-bridge/status"];
  outcome.status = status["name"];
  outcome.retryable = status["retryable"];
  return outcome;
}

bool Becomes(std::chrono::seconds at_most, const std::function<bool()>& so) {
  const auto deadline = steady_clock::now() + at_most;
  while (!so()) {
    if (steady_clock::now() >= deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

void ExpectRecovery(const BridgeProcess& bridge, const std::string& tool,
                    std::chrono::seconds at_most) {
  Outcome last;
  EXPECT_TRUE(Becomes(at_most,
                      [&] {
                        last = CallTool(bridge, tool);
                        return last.status == "OK";
                      }))
      << tool << " does not work again: " << last.text;
}

}  // namespace bridge::testing
