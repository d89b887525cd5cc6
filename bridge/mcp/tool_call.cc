#include "bridge/mcp/tool_call.h"

#include <utility>

#include "bridge/mcp/tool_result.h"

namespace bridge::mcp {
namespace {

constexpr size_t kSmallAnswer = 8 * 1024;  // no more than a call held before: always fits
constexpr size_t kFraming = 4096;          // what a transport adds to an answer, at most

}  // namespace

ToolCall::ToolCall(Request* request, const catalog::Tool& tool, uint64_t given, size_t held)
    : ToolOperation(request, tool, given, held) {}

Operation* ToolCall::Start(Request* request, const catalog::Tool& tool, uint64_t given,
                           size_t held) {
  auto owner = std::make_unique<ToolCall>(request, tool, given, held);
  ToolCall* const call = owner.get();
  std::string& wire = call->core_.wire;
  upstream::CallSpec spec = call->StartRpc(call->core_.options.call_timeout);
  spec.request = wire;
  spec.storage = &wire;
  call->account_.MessageSent(wire.size());
  call->call_ = call->channel().StartUnary(
      spec,
      [owner = std::move(owner)](const upstream::CallResult& result) { owner->Finish(result); });
  const std::string_view token = request->call.progress_token;
  if (!token.empty() && call->answer_->streams()) {
    call->heartbeat_ =
        std::make_unique<Heartbeat>(token, call->answer_.get(), call->core_.completions);
  }
  // One beyond the channel's limit is not taken.
  KeepSmall(&wire);
  return call;
}

void ToolCall::Cancel(Why why) {
  cancelled_ = why;
  upstream::Cancel(call_);
}

void ToolCall::Finish(const upstream::CallResult& result) {
  const bool failed = result.code != upstream::StatusCode::kOk;
  RecordIfNotable(failed && !cancelled_);
  EndRpcSpan(result, failed);
  heartbeat_.reset();
  // What was held of the request makes room for the answer.
  core_.budget.GiveBack(std::exchange(held_, 0));
  if (cancelled_) span_.SetAttribute("mcp_bridge.cancelled", true);
  End(Response(result));
}

std::string ToolCall::Response(const upstream::CallResult& result) {
  if (result.code != upstream::StatusCode::kOk) return ErrorResponse(Failure(result));
  account_.MessageReceived(result.response.size());
  std::string& json = core_.json;
  json.clear();
  transcode::CodecError error;
  if (!tool_.codec->WireToStructured(*tool_.output, result.response, &json, &error)) {
    return ErrorResponse(Unreadable(error));
  }
  if (span_.recording()) {
    span_.AddEvent("response.encoded", {{"bytes", static_cast<int64_t>(json.size())}});
  }
  std::string response = SuccessResult(*caller_.revision, id_, json);
  KeepSmall(&json);
  const size_t bytes = response.size();
  if (bytes <= kSmallAnswer || core_.budget.HasRoomFor(bytes + kFraming)) return response;
  return NoRoom(bytes);
}

// What the service did stands, so the model must not hear a refusal.
std::string ToolCall::NoRoom(size_t bytes) {
  RecordIfNotable(true);
  account_.SetOutcome(telemetry::CallOutcome::kUnreadable);
  span_.SetAttribute("error.type", "tool_error");
  span_.SetError("no memory for the answer");
  return ErrorResponse(AnswerWithoutRoom(bytes, *tool_.method));
}

}  // namespace bridge::mcp
