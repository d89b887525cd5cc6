#include "bridge/mcp/tool_call.h"

#include <memory>
#include <utility>

namespace bridge::mcp {

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
  call->request_bytes_ = wire.size();
  call->call_ = call->channel().StartUnary(
      spec,
      [owner = std::move(owner)](const upstream::CallResult& result) { owner->Finish(result); });
  call->StartHeartbeat(request->call.progress_token);
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
  const bool sent = result.delivery != upstream::Delivery::kUnsent &&
                    result.cause != upstream::Cause::kRequestTooLarge;
  if (sent) account_.MessagesSent(1, request_bytes_);
  EndRpcSpan(result, failed);
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
  std::string response = Success(json);
  KeepSmall(&json);
  return response;
}

}  // namespace bridge::mcp
