#include "bridge/mcp/request.h"

#include <utility>

#include "bridge/base/json_cursor.h"
#include "bridge/mcp/methods.h"
#include "bridge/mcp/spans.h"

namespace bridge::mcp {
namespace {

using jsonrpc::ErrorCode;

// Codes that are the caller's fault leave a server span unset (semantic-conventions-genai #404).
bool IsCallersFault(ErrorCode code) {
  return code == ErrorCode::kParseError || code == ErrorCode::kInvalidRequest ||
         code == ErrorCode::kMethodNotFound || code == ErrorCode::kInvalidParams;
}

std::optional<metrics::Rejection> RejectionOf(ErrorCode code) {
  if (code == ErrorCode::kMethodNotFound) return metrics::Rejection::kUnknownMethod;
  if (code == ErrorCode::kInvalidParams) return metrics::Rejection::kInvalidParams;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Request::FindText(std::string_view key) const {
  const jsonrpc::Param* param = message().Find(key);
  if (param == nullptr || param->type != JsonType::kString) return std::nullopt;
  JsonCursor cursor(param->raw);
  std::string_view value;
  std::string scratch;
  if (!cursor.ReadString(&value, &scratch)) return std::nullopt;
  return std::string(value);
}

bool Request::Record() {
  if (!span.recording() && span.RecordIfNotable(true)) {
    DescribeRequest(SpanName(FindMethod(revision(), message().method)), message().id, call.caller,
                    &span);
  }
  return span.recording();
}

void Request::Count(metrics::OperationError error) {
  core.metrics.OnOperation({.method = metrics::McpMethodOf(message().method),
                            .error = error,
                            .begun = begun,
                            .ended = telemetry::Clock::now(),
                            .trace = &span.context()});
}

void Request::Fail(ErrorCode code, const std::string& text, std::optional<metrics::Rejection> why) {
  if (!why.has_value()) why = RejectionOf(code);
  if (why.has_value()) core.metrics.OnRejection(*why);
  Reply reply;
  reply.recorded = Record();
  if (reply.recorded) {
    const std::string number = std::to_string(static_cast<int>(code));
    span.SetAttribute("rpc.response.status_code", number);
    span.SetAttribute("rpc.status_code", number);
    if (!IsCallersFault(code)) {
      span.SetAttribute("error.type", number);
      span.SetError(text);
    }
  }
  Count(IsCallersFault(code) ? metrics::OperationError::kNone : metrics::OperationError::kInternal);
  span.End();
  reply.error = code;
  jsonrpc::AppendError(&reply.head, message().id, code, text);
  answer->End(std::move(reply));
}

void Request::Succeed(Reply reply) {
  Count(metrics::OperationError::kNone);
  span.End();
  answer->End(std::move(reply));
}

void Request::Succeed(std::string_view result) {
  Reply reply;
  jsonrpc::AppendResultHead(&reply.head, message().id);
  reply.head.append(result).push_back('}');
  Succeed(std::move(reply));
}

}  // namespace bridge::mcp
