// What the methods of one server share. Belongs to one reactor; nothing is locked.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bridge/base/byte_budget.h"
#include "bridge/mcp/operations.h"
#include "bridge/mcp/tool_lists.h"
#include "bridge/metrics/mcp_metrics.h"
#include "bridge/telemetry/call_record.h"
#include "bridge/telemetry/tracer.h"
#include "bridge/upstream/channel.h"
#include "bridge/upstream/completions.h"

namespace bridge::mcp {

// Of one stream of answers. Beyond one of them the service is told to stop, and what came is the
// result.
struct StreamLimits {
  size_t messages = 1'000;
  size_t bytes = 1 << 20;                     // of their JSON
  std::chrono::milliseconds silence{60'000};  // without a message
  std::chrono::milliseconds time{600'000};
};

struct ServerOptions {
  std::chrono::milliseconds call_timeout{30'000};  // deadline of upstream calls with one answer
  StreamLimits stream;
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

// What a server uses, all of which outlives it.
struct Surroundings {
  std::span<const std::unique_ptr<upstream::Channel>>
      channels;  // indexed as the catalog's tools say
  std::span<const upstream::Target> targets;
  upstream::Completions* completions;
  telemetry::Tracer* tracer;
  // What a call holds counts against it until the call ends; the transport counts what it keeps of
  // requests and answers against the same.
  ByteBudget* budget;
  metrics::McpMetrics* metrics;
  telemetry::CallObserver* call_log;  // is told of each call of a tool; or null
};

// What a string that one call after the other uses keeps between them.
inline constexpr size_t kScratchBytes = 1u << 20;
// Frees a larger one. (An empty string that is assigned would leave the room where it is.)
inline void KeepSmall(std::string* scratch) {
  if (scratch->capacity() > kScratchBytes) std::string().swap(*scratch);
}

struct Core {
  ServerOptions options;
  std::span<const std::unique_ptr<upstream::Channel>> channels;
  std::span<const upstream::Target> targets;
  telemetry::Tracer& tracer;
  ByteBudget& budget;
  std::shared_ptr<const Surface> surface;  // never null
  Operations operations;
  bool draining = false;               // streams end soon after they begin
  upstream::Completions* completions;  // for timers
  metrics::McpMetrics& metrics;
  std::vector<telemetry::CallObserver*> observers;  // of each call of a tool, `metrics` among them
  // Scratch; what is large is not kept after its call.
  std::string wire;  // the encoded request
  std::string json;  // the decoded answer
};

}  // namespace bridge::mcp
