// What every call of a tool has: who asked, for what, its two spans, its answer, and what it holds
// of the memory. ToolCall and ToolStream add how the service is called.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/mcp/answer.h"
#include "bridge/mcp/call_account.h"
#include "bridge/mcp/caller.h"
#include "bridge/mcp/core.h"
#include "bridge/mcp/progress.h"
#include "bridge/mcp/request.h"
#include "bridge/mcp/status_text.h"
#include "bridge/mcp/tool_result.h"

namespace bridge::mcp {

class ToolOperation : public Operation {
 public:
  // What a call holds beside its request and its answer: this object, its spans, what gRPC keeps of
  // a call. Measured, with room to spare.
  static constexpr size_t kOwnBytes = 8 * 1024;

 protected:
  // Takes span and answer of `request`. `given`: which fields the arguments have, see
  // transcode::ParseOptions. `held` bytes count against the server's budget until the call ends.
  ToolOperation(Request* request, const catalog::Tool& tool, uint64_t given, size_t held);
  ~ToolOperation();

  // What the service is called with, but for the message; starts the span of the RPC. The views
  // live as long as this object.
  upstream::CallSpec StartRpc(std::chrono::milliseconds timeout);
  // Of a call with one answer: tells a client that asked for progress that it goes on.
  void StartHeartbeat(std::string_view progress_token);
  upstream::Channel& channel() const { return *core_.channels[tool_.upstream]; }

  // Where the trace was left out for its rate: records it if the call `failed` or was slow.
  void RecordIfNotable(bool failed);
  // `failed`: it is an error to whoever called, and no end that the bridge asked for.
  void EndRpcSpan(const upstream::CallResult& result, bool failed);
  // Ends span and answer with this JSON-RPC response.
  void End(std::string response);

  // What a model is told of a result that is not OK / of an answer that cannot be told as JSON.
  // `begun` as in CallFacts.
  StatusText Failure(const upstream::CallResult& result, bool begun = false);
  StatusText Unreadable(const transcode::CodecError& error);
  // `json` is the structured content. An error if the transport has no room to keep it until the
  // client has read it: what the service did stands, so the model must not hear a refusal.
  std::string Success(std::string_view json);
  // Without `partial` if there is no room for that.
  std::string ErrorResponse(const StatusText& failure, const Partial& partial = {});

  Core& core_;
  const Caller caller_;
  const std::string id_;
  const catalog::Tool& tool_;
  const std::shared_ptr<const Surface> surface_;  // keeps the tool alive
  const uint64_t given_;
  std::chrono::milliseconds timeout_{};
  size_t held_;  // of the budget
  telemetry::Span span_;
  telemetry::Span rpc_span_;
  std::unique_ptr<Answer> answer_;
  CallAccount account_;
  std::optional<Why> cancelled_;  // nobody waits for the answer

 private:
  CallFacts Facts(const std::string& missing) const;
  // Whether the transport has room for a response, now that what was held of the call makes room.
  bool MakeRoom(size_t bytes);

  std::unique_ptr<Heartbeat> heartbeat_;
};

}  // namespace bridge::mcp
