// What the protocol core of one reactor counts: operations, calls of tools, the RPCs behind them,
// sessions and what was refused. Its thread writes, any thread reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bridge/metrics/cells.h"
#include "bridge/metrics/histogram.h"
#include "bridge/metrics/label_sets.h"
#include "bridge/metrics/page.h"
#include "bridge/metrics/rejections.h"
#include "bridge/telemetry/call_record.h"

namespace bridge::metrics {

// The methods of MCP that have series; the others are "_OTHER".
enum class McpMethod : uint8_t {
  kInitialize,
  kPing,
  kDiscover,
  kToolsList,
  kToolsCall,
  kOther,
};
inline constexpr size_t kMcpMethods = 6;
McpMethod McpMethodOf(std::string_view method);

// error_type of an operation: the conventions' "tool_error", "cancelled", or "-32603" and the like.
enum class OperationError : uint8_t { kNone, kToolError, kCancelled, kInternal };
inline constexpr size_t kOperationErrors = 4;

// A request that was answered and is no call of a tool that exists.
struct OperationRecord {
  McpMethod method = McpMethod::kOther;
  OperationError error = OperationError::kNone;  // what is the caller's fault is none
  telemetry::Clock::time_point begun, ended;
  const telemetry::TraceContext* trace = nullptr;
};

class McpMetrics final : public telemetry::CallObserver {
 public:
  McpMetrics(LabelSets* sets, Rejections* rejections);

  // Every call of a tool that exists: at its beginning, if an RPC is made, and at its end.
  void OnCallSent(size_t upstream, telemetry::RpcKind kind);
  void OnCall(const telemetry::CallRecord& call) override;
  // Every other request.
  void OnOperation(const OperationRecord& operation);

  void OnRejection(Rejection why) { rejections_.Add(why); }
  void OnSession() { sessions_begun_.Add(); }
  void OnSessionEnd() { sessions_ended_.Add(); }
  void OnRepairs(uint64_t count) { repairs_.Add(count); }

  // `names`: with the series whose labels name tools or upstreams.
  static void Append(std::span<const McpMetrics* const> reactors, const LabelSets& sets, bool names,
                     Page* page);

 private:
  // Of one upstream.
  struct Upstream {
    Gauge in_flight;
    Counter resends, sent_bytes, received_bytes;
  };

  using Reactors = std::span<const McpMetrics* const>;

  void CountRpc(const telemetry::CallRecord& call);
  // mcp_page.cc
  static void AppendOperations(Reactors reactors, const LabelSets& sets, bool names, Page* page);
  static void AppendRpcs(Reactors reactors, const LabelSets& sets, Page* page);
  static void AppendOutcomes(Reactors reactors, const LabelSets& sets, Page* page);
  static void AppendUpstreams(Reactors reactors, const LabelSets& sets, Page* page);
  static void AppendStreams(Reactors reactors, Page* page);
  static void AppendSessions(Reactors reactors, Page* page);

  LabelSets& sets_;
  Rejections& rejections_;
  std::array<std::array<TracedHistogram, kOperationErrors>, kMcpMethods> operations_;
  // By the place of their set; behind these, by error, the sets that have no place.
  std::vector<TracedHistogram> calls_;
  // The same; behind these, OK and all else.
  std::vector<TracedHistogram> rpcs_;
  std::vector<std::array<Counter, telemetry::kCallOutcomes>> outcomes_;  // by number of the tool
  std::vector<Upstream> upstreams_;
  std::array<Gauge, telemetry::kRpcKinds> open_;
  std::array<Counter, telemetry::kRpcKinds> streams_;  // ended
  Counter sent_messages_, received_messages_;          // of streams
  std::array<Counter, telemetry::kStreamCuts> cuts_;
  Counter sessions_begun_, sessions_ended_, repairs_;
};

}  // namespace bridge::metrics
