// The protocol core: takes one JSON-RPC message whose era and revision are known, and answers it if
// it is a request. Reads nothing of HTTP. MCP 2026-07-28 (server/discover, tools) and 2025-11-25 to
// 2025-03-26 (lifecycle, tools).
//
// A Server belongs to one reactor: everything here runs on its thread, nothing is locked.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "bridge/base/byte_budget.h"
#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/revision.h"
#include "bridge/mcp/tool_lists.h"
#include "bridge/telemetry/tracer.h"
#include "bridge/upstream/channel.h"

namespace bridge::mcp {

// One JSON-RPC response as text: `head`, then `shared` (prepared bytes), then `tail`.
struct Reply {
  std::string head;
  std::shared_ptr<const std::string> shared;
  std::string tail;
  std::optional<jsonrpc::ErrorCode> error;  // set when it is an error response
  const Revision* negotiated = nullptr;     // set by initialize: a session begins
  bool recorded = false;                    // its span is
};

// Runs exactly once per request.
using ReplyFn = absl::AnyInvocable<void(Reply)>;

// What the transport knows of a request. The pointers must live until Handle returns.
struct RequestContext {
  const Revision* revision = nullptr;
  std::string_view session;                                // legacy: the token it came with
  telemetry::Span* parent_span = nullptr;                  // the transport's own span; never null
  const telemetry::TraceContext* message_trace = nullptr;  // _meta's traceparent, or null
};

struct ServerOptions {
  std::chrono::milliseconds call_timeout{30'000};  // deadline of every upstream call
  int list_ttl_ms = 0;
  // Calls under way at once; one more is answered at once with an error a client may retry.
  size_t max_calls = 10'000;
  // Reads arguments also in the forms that clients get wrong (transcode::ParseOptions::repairs).
  bool repair_arguments = true;
  // Passes on what a service says with INTERNAL and UNKNOWN, often the text of an exception.
  bool show_internal_errors = false;
  // The upstream of this index does not implement a method that it described: its description may
  // be old. May be null.
  std::function<void(size_t upstream)> describe_again;
  // Passes notifications/cancelled to every Server's CancelCall: the call may run on another one.
  std::function<void(std::string session, std::string id)> cancel_call;
};

class ToolCall;

class Server final {
 public:
  // `channels` are indexed as the catalog's tools say; they, `tracer` and `budget` must outlive the
  // server. What a call holds counts against `budget` until it ends; the transport counts what it
  // keeps of requests and answers against the same.
  Server(ServerOptions options, std::span<const std::unique_ptr<upstream::Channel>> channels,
         std::span<const upstream::Target> targets, telemetry::Tracer* tracer, ByteBudget* budget);
  ~Server();

  // From now on requests see this catalog, before the first one an empty one; calls under way keep
  // theirs.
  void Publish(std::shared_ptr<const Surface> surface);

  // Answers `message`, a request. Returns the call that is under way, for Cancel only and until
  // `reply` has run; null when `reply` has run already.
  ToolCall* Handle(const jsonrpc::Message& message, const RequestContext& context, ReplyFn reply);

  // Takes a notification; unknown ones are ignored. `session` as in RequestContext.
  void HandleNotification(const jsonrpc::Message& message, std::string_view session);

  // The client is gone, or asked for it: cancels the upstream call. `reply` still runs.
  void Cancel(ToolCall* call);
  // The legacy call that `session` started under the id that this JSON text writes, in whatever
  // way it was written then, if it runs here.
  void CancelCall(std::string_view session, std::string_view id);
  // At shutdown: every call under way.
  void CancelAll();

  size_t calls_in_flight() const { return calls_in_flight_; }
  // How many repairs of arguments there were so far. Any thread.
  uint64_t repaired_arguments() const { return repaired_arguments_; }

  // True if this era has the method, whatever its params are.
  static bool HasMethod(const Revision& revision, std::string_view method);

 private:
  friend class ToolCall;

  telemetry::Span StartSpan(const jsonrpc::Message& message, const RequestContext& context);
  void Discover(const jsonrpc::Message& message, ReplyFn reply);
  void Initialize(const jsonrpc::Message& message, const RequestContext& context,
                  telemetry::Span* span, ReplyFn reply);
  void ListTools(const jsonrpc::Message& message, const RequestContext& context,
                 telemetry::Span* span, ReplyFn reply);
  ToolCall* CallTool(const jsonrpc::Message& message, const RequestContext& context,
                     telemetry::Span span, ReplyFn reply);

  ServerOptions options_;
  std::span<const std::unique_ptr<upstream::Channel>> channels_;
  std::span<const upstream::Target> targets_;
  telemetry::Tracer* tracer_;
  ByteBudget& budget_;
  std::shared_ptr<const Surface> surface_;  // never null
  ToolCall* calls_ = nullptr;  // under way, each linked to the next: no allocation per call
  size_t calls_in_flight_ = 0;
  // Legacy calls under way, by session and id, for notifications/cancelled.
  std::unordered_map<std::string, ToolCall*> cancellable_;
  std::atomic<uint64_t> repaired_arguments_{0};
  // Scratch; what is large is not kept after its call.
  std::string wire_;  // the encoded request
  std::string json_;  // the decoded answer
};

}  // namespace bridge::mcp
