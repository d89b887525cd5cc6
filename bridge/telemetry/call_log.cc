#include "bridge/telemetry/call_log.h"

#include <chrono>

#include "bridge/telemetry/log.h"

namespace bridge::telemetry {
namespace {

double Milliseconds(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double, std::milli>(end - begin).count();
}

}  // namespace

void CallLog::OnCall(const CallRecord& call) {
  if (!all_ && (call.outcome == CallOutcome::kOk || !IsLogged(LogLevel::kDebug))) [[likely]] {
    return;
  }
  const std::initializer_list<LogField> fields = {
      {"tool", call.tool},
      {"upstream", call.upstream},
      {"outcome", CallOutcomeName(call.outcome)},
      {"status", call.sent ? call.rpc_status : std::string_view("not sent")},
      {"duration_ms", Milliseconds(call.begun, call.ended)},
      {"upstream_ms", call.sent ? Milliseconds(call.rpc_begun, call.rpc_ended) : 0.0},
      {"resends", call.resends},
      {"sent_bytes", call.sent_bytes},
      {"received_bytes", call.received_bytes},
      {"sent_messages", call.sent_messages},
      {"received_messages", call.received_messages},
      {"cut", StreamCutName(call.cut)}};
  if (all_) {
    LogAsked(LogLevel::kInfo, "call", "call", fields, call.trace);
  } else {
    Log(LogLevel::kDebug, "call", "call failed", fields, call.trace);
  }
}

}  // namespace bridge::telemetry
