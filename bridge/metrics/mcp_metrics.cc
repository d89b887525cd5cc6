#include "bridge/metrics/mcp_metrics.h"

namespace bridge::metrics {
namespace {

using telemetry::CallOutcome;
using telemetry::CallRecord;
using telemetry::RpcKind;

OperationError ErrorOf(CallOutcome outcome) {
  if (outcome == CallOutcome::kOk) return OperationError::kNone;
  if (outcome == CallOutcome::kCancelled) return OperationError::kCancelled;
  return OperationError::kToolError;
}

}  // namespace

McpMetrics::McpMetrics(LabelSets* sets, Rejections* rejections)
    : sets_(*sets),
      rejections_(*rejections),
      calls_(sets->operations.size() + kOperationErrors),
      rpcs_(sets->rpcs.size() + 2),
      outcomes_(sets->tools.most() + 1),
      upstreams_(sets->upstreams.size()) {}

void McpMetrics::OnCallSent(size_t upstream, RpcKind kind) {
  upstreams_[upstream].in_flight.Add(1);
  open_[static_cast<size_t>(kind)].Add(1);
}

void McpMetrics::OnCall(const CallRecord& call) {
  outcomes_[call.tool_number][static_cast<size_t>(call.outcome)].Add();
  const OperationError error = ErrorOf(call.outcome);
  size_t place = sets_.OperationPlace(call.tool_number);
  if (error != OperationError::kNone) {
    const auto how = static_cast<uint32_t>(error);
    place = call.tool_number == 0 ? sets_.operations.size()
                                  : sets_.operations.Claim(LabelSets::Key(call.tool_number, how));
    if (place == sets_.operations.size()) place += how;
  }
  calls_[place].Observe(kOperationSeconds, Nanoseconds(call.begun, call.ended), call.trace,
                        call.ended);
  if (call.sent) CountRpc(call);
}

void McpMetrics::CountRpc(const CallRecord& call) {
  size_t place = sets_.RpcPlace(call.tool_number);
  if (call.rpc_code != 0) {
    const auto how = static_cast<uint32_t>(call.rpc_code);
    place = call.tool_number == 0 ? sets_.rpcs.size()
                                  : sets_.rpcs.Claim(LabelSets::Key(call.tool_number, how));
    if (place == sets_.rpcs.size()) ++place;
  }
  rpcs_[place].Observe(kRequestSeconds, Nanoseconds(call.rpc_begun, call.rpc_ended), call.rpc_trace,
                       call.rpc_ended);
  Upstream& upstream = upstreams_[call.upstream_index];
  upstream.in_flight.Add(-1);
  upstream.resends.Add(static_cast<uint64_t>(call.resends));
  upstream.sent_bytes.Add(call.sent_bytes);
  upstream.received_bytes.Add(call.received_bytes);
  const auto kind = static_cast<size_t>(call.kind);
  open_[kind].Add(-1);
  if (call.kind == RpcKind::kUnary) [[likely]]
    return;
  streams_[kind].Add();
  sent_messages_.Add(call.sent_messages);
  received_messages_.Add(call.received_messages);
  if (call.cut != telemetry::StreamCut::kNothing) cuts_[static_cast<size_t>(call.cut)].Add();
}

void McpMetrics::OnOperation(const OperationRecord& operation) {
  operations_[static_cast<size_t>(operation.method)][static_cast<size_t>(operation.error)].Observe(
      kOperationSeconds, Nanoseconds(operation.begun, operation.ended), operation.trace,
      operation.ended);
}

}  // namespace bridge::metrics
