#include "bridge/mcp/call_account.h"

namespace bridge::mcp {
namespace {

using telemetry::CallOutcome;
using telemetry::RpcKind;

RpcKind KindOf(const descriptor::Method& method) {
  if (method.server_streaming) {
    return method.client_streaming ? RpcKind::kBidi : RpcKind::kServerStream;
  }
  return method.client_streaming ? RpcKind::kClientStream : RpcKind::kUnary;
}

CallOutcome OutcomeOf(const upstream::CallResult& result) {
  switch (result.cause) {
    case upstream::Cause::kCancelled:
      return CallOutcome::kCancelled;
    case upstream::Cause::kDeadline:
      return CallOutcome::kTimeout;
    case upstream::Cause::kRequestTooLarge:
      return CallOutcome::kInvalidArguments;
    case upstream::Cause::kAnswerTooLarge:
    case upstream::Cause::kMetadataTooLarge:
    case upstream::Cause::kUnreadable:
      return CallOutcome::kUnreadable;
    case upstream::Cause::kService:
    case upstream::Cause::kConnection:
      break;
  }
  return CallOutcome::kToolError;
}

}  // namespace

CallAccount::CallAccount(Core* core, const catalog::Tool& tool, telemetry::Clock::time_point begun)
    : core_(*core) {
  record_.tool_number = core_.surface->NumberOf(tool);
  record_.tool = tool.text.name;
  record_.upstream_index = tool.upstream;
  record_.upstream = core_.targets[tool.upstream].name;
  record_.rpc_method = std::string_view(tool.method->path).substr(1);
  record_.kind = KindOf(*tool.method);
  record_.begun = begun;
}

void CallAccount::RpcBegins(telemetry::Clock::time_point now) {
  record_.sent = true;
  record_.rpc_begun = now;
  core_.metrics.OnCallSent(record_.upstream_index, record_.kind);
}

void CallAccount::MessagesSent(size_t count, size_t bytes) {
  record_.sent_messages += count;
  record_.sent_bytes += bytes;
}

void CallAccount::MessageReceived(size_t bytes) {
  ++record_.received_messages;
  record_.received_bytes += bytes;
}

void CallAccount::RpcEnded(const upstream::CallResult& result, bool failed) {
  record_.rpc_ended = telemetry::Clock::now();
  const upstream::StatusCode code = failed ? result.code : upstream::StatusCode::kOk;
  record_.rpc_code = static_cast<int>(code);
  record_.rpc_status = upstream::StatusCodeName(code);
  record_.resends = result.resends;
  if (failed) record_.outcome = OutcomeOf(result);
}

void CallAccount::End(const telemetry::Span& span, const telemetry::Span& rpc_span) {
  record_.ended = telemetry::Clock::now();
  record_.trace = &span.context();
  record_.rpc_trace = &rpc_span.context();
  for (telemetry::CallObserver* const observer : core_.observers) observer->OnCall(record_);
}

}  // namespace bridge::mcp
