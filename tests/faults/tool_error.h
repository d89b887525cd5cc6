// What a caller sees of an upstream's faults, and how long it may take.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "tests/support/bridge_process.h"

namespace bridge::testing {

// One call and how long it took.
struct Outcome {
  std::string status;  // "OK", or the gRPC code's name of a tool error; empty: something else
  std::string text;    // the answer's text, or the whole message
  std::chrono::milliseconds took{0};
  bool retryable = false;  // of a tool error
};

Outcome CallTool(const BridgeProcess& bridge, const std::string& tool,
                 const nlohmann::json& arguments = {{"text", "x"}});

// Asks until it is so; false after `at_most`.
bool Becomes(std::chrono::seconds at_most, const std::function<bool()>& so);

// Calls until a call succeeds; the test fails if none does within `at_most`.
void ExpectRecovery(const BridgeProcess& bridge, const std::string& tool,
                    std::chrono::seconds at_most);

}  // namespace bridge::testing
