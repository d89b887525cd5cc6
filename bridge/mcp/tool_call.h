// One tools/call that waits for its upstream. Made by Server::CallTool, ends itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bridge/mcp/server.h"

namespace bridge::mcp {

class ToolCall final {
 public:
  // What a call holds beside its request and its answer: this object, its spans, what gRPC keeps of
  // a call. Measured, with room to spare.
  static constexpr size_t kOwnBytes = 8 * 1024;

  // What the answer needs once it comes.
  struct Request {
    std::string id;
    std::string cancel_key;  // empty: not cancellable by notification
    const Revision* revision = nullptr;
    const catalog::Tool* tool = nullptr;
    uint64_t given = 0;  // which fields the request has, see transcode::ParseOptions
    std::shared_ptr<const Surface> surface;  // keeps the tool alive
    size_t held = 0;                         // of the server's budget, until the call ends
  };

  ToolCall(Server* server, Request request, telemetry::Span span, ReplyFn reply);
  ~ToolCall();
  ToolCall(const ToolCall&) = delete;
  ToolCall& operator=(const ToolCall&) = delete;

  // Sends `wire` upstream; a large one is taken away. `self` keeps the call until the answer is
  // there.
  static ToolCall* Start(std::unique_ptr<ToolCall> self, std::string* wire);

  void Cancel();

  // The next one under way on the same server; null at the end.
  ToolCall* next() const { return next_; }

 private:
  void Finish(const upstream::CallResult& result);
  // Where the trace was left out for its rate: records it if the call `failed` or was slow.
  void RecordIfNotable(bool failed);
  void EndRpcSpan(const upstream::CallResult& result);
  Reply Answer(const upstream::CallResult& result);
  Reply Success(std::string_view json);
  Reply NoRoom(size_t bytes);

  Server& server_;
  Request request_;
  telemetry::Span span_;
  telemetry::Span rpc_span_;
  ReplyFn reply_;
  upstream::UnaryCall* call_ = nullptr;
  ToolCall* previous_ = nullptr;
  ToolCall* next_ = nullptr;
  bool cancelled_ = false;
};

// The result of a call that failed in a way a model can repair: isError, one text block. `meta` is
// a JSON object for _meta or empty.
std::string ErrorResult(const Revision& revision, std::string_view id, std::string_view text,
                        std::string_view meta);

}  // namespace bridge::mcp
