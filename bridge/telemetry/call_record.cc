#include "bridge/telemetry/call_record.h"

namespace bridge::telemetry {

std::string_view CallOutcomeName(CallOutcome outcome) {
  constexpr std::string_view kNames[kCallOutcomes] = {
      "ok",        "tool_error", "invalid_arguments", "timeout",
      "cancelled", "overloaded", "unreadable_answer"};
  return kNames[static_cast<size_t>(outcome)];
}

std::string_view StreamCutName(StreamCut cut) {
  constexpr std::string_view kNames[kStreamCuts] = {"",     "messages", "bytes",  "silence",
                                                    "time", "asked",    "memory", "shutdown"};
  return kNames[static_cast<size_t>(cut)];
}

}  // namespace bridge::telemetry
