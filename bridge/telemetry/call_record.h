// What is known of a tools/call when it has ended: made once, and given to all who want to know
// (metrics, the log of calls). Says nothing of arguments or results but their sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bridge/telemetry/span.h"
#include "bridge/telemetry/trace_context.h"

namespace bridge::telemetry {

// How a call ended, for the client.
enum class CallOutcome : uint8_t {
  kOk,
  kToolError,         // the upstream could not be reached, or answered with another status than OK
  kInvalidArguments,  // nothing was sent
  kTimeout,           // the deadline of the call passed
  kCancelled,         // the client went away or cancelled it
  kOverloaded,        // the bridge had no room for it; nothing was sent
  kUnreadable,        // the upstream's answer cannot be shown: damaged, or too large
};
inline constexpr size_t kCallOutcomes = 7;
// "ok", "tool_error", "invalid_arguments", ...
std::string_view CallOutcomeName(CallOutcome outcome);

// Of the RPC behind a tool.
enum class RpcKind : uint8_t { kUnary, kServerStream, kClientStream, kBidi };
inline constexpr size_t kRpcKinds = 4;

// What ended a stream before the service did. All but kNothing are a success.
enum class StreamCut : uint8_t {
  kNothing,
  kMessages,
  kBytes,
  kSilence,
  kTime,
  kAsked,     // by its caller
  kMemory,    // there was none for more
  kShutdown,  // of the bridge
};
inline constexpr size_t kStreamCuts = 8;
// "" of kNothing, "messages", "bytes", "silence", ...
std::string_view StreamCutName(StreamCut cut);

// The views live until the observers have returned.
struct CallRecord {
  uint16_t tool_number = 0;     // of its series; 0: none of its own
  std::string_view tool;        // its name
  std::string_view upstream;    // its alias
  size_t upstream_index = 0;    // among the upstreams
  std::string_view rpc_method;  // "package.Service/Method"
  RpcKind kind = RpcKind::kUnary;

  CallOutcome outcome = CallOutcome::kOk;
  bool sent = false;            // an RPC was made; else the rest of this block says nothing
  int rpc_code = 0;             // its gRPC status, 0 to 16; OK where the bridge cut the stream
  std::string_view rpc_status;  // the same: "OK", "NOT_FOUND"
  int resends = 0;
  Clock::time_point rpc_begun, rpc_ended;
  uint64_t sent_bytes = 0, received_bytes = 0;  // of protobuf, without framing
  uint64_t sent_messages = 0, received_messages = 0;
  StreamCut cut = StreamCut::kNothing;

  Clock::time_point begun, ended;           // of the request to the bridge
  const TraceContext* trace = nullptr;      // of the span tools/call; null or not valid: none
  const TraceContext* rpc_trace = nullptr;  // of the span of the RPC
};

// Used by the thread that the call is of; must neither wait nor throw.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  virtual void OnCall(const CallRecord& call) = 0;
};

}  // namespace bridge::telemetry
