// What McpMetrics prints.
#include <map>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "bridge/metrics/mcp_metrics.h"

namespace bridge::metrics {
namespace {

using telemetry::CallOutcome;

constexpr std::string_view kMethodNames[kMcpMethods] = {
    "initialize", "ping", "server/discover", "tools/list", "tools/call", "_OTHER"};
constexpr std::string_view kErrorNames[kOperationErrors] = {"", "tool_error", "cancelled",
                                                            "-32603"};
constexpr std::string_view kKindNames[telemetry::kRpcKinds] = {"unary", "server", "client", "bidi"};
constexpr std::string_view kCallMethod = "tools/call";
constexpr std::string_view kOtherTool = "_other";

// The sum of one cell over all reactors.
template <typename Cell>
auto Sum(std::span<const McpMetrics* const> reactors, const Cell& cell) {
  decltype(cell(*reactors[0]).value()) sum = 0;
  for (const McpMetrics* reactor : reactors) sum += cell(*reactor).value();
  return sum;
}

// Whether a place is taken, and not by a tool that is newer than the list.
bool IsListed(uint32_t key, const std::vector<ToolLabels>& tools) {
  return key != 0 && LabelSets::ToolOf(key) <= tools.size();
}

// What the labels of the RPCs of a tool say; tools that have been renamed may say the same.
using RpcLabels = std::tuple<std::string, std::string, std::string, std::string, uint32_t>;

}  // namespace

McpMethod McpMethodOf(std::string_view method) {
  for (size_t i = 0; i + 1 < kMcpMethods; ++i) {
    if (method == kMethodNames[i]) return static_cast<McpMethod>(i);
  }
  return McpMethod::kOther;
}

void McpMetrics::AppendOperations(Reactors reactors, const LabelSets& sets, bool names,
                                  Page* page) {
  page->Begin({"mcp_server_operation_duration_seconds", Type::kHistogram,
               "Time from the receipt of an MCP request to its result or error.", "seconds"});
  const auto append = [page](std::string_view method, std::string_view tool, size_t error,
                             const HistogramSum& sum) {
    page->Histogram({{"mcp_method_name", method},
                     {"gen_ai_tool_name", tool},
                     {"error_type", kErrorNames[error]}},
                    kOperationSeconds, sum);
  };
  for (size_t method = 0; method < kMcpMethods; ++method) {
    for (size_t error = 0; error < kOperationErrors; ++error) {
      HistogramSum sum;
      for (const McpMetrics* reactor : reactors) sum.Add(reactor->operations_[method][error]);
      if (error == 0 || sum.total() > 0) append(kMethodNames[method], "", error, sum);
    }
  }
  if (!names) return;
  const std::vector<ToolLabels> tools = sets.tools.List();
  const size_t places = sets.operations.size();
  for (size_t place = 0; place < places + kOperationErrors; ++place) {
    const uint32_t key = place < places ? sets.operations.key(place) : 0;
    if (place < places && !IsListed(key, tools)) continue;
    HistogramSum sum;
    for (const McpMetrics* reactor : reactors) sum.Add(reactor->calls_[place]);
    if (key != 0) {
      append(kCallMethod, tools[LabelSets::ToolOf(key) - 1].tool, LabelSets::HowOf(key), sum);
    } else if (sum.total() > 0) {
      append(kCallMethod, kOtherTool, place - places, sum);
    }
  }
}

void McpMetrics::AppendRpcs(Reactors reactors, const LabelSets& sets, Page* page) {
  page->Begin({"rpc_client_call_duration_seconds", Type::kHistogram,
               "Time that a gRPC call to an upstream took, sent again or not.", "seconds"});
  const auto append = [page](const RpcLabels& labels, std::string_view code,
                             const HistogramSum& sum) {
    const auto& [method, upstream, address, port, number] = labels;
    page->Histogram({{"rpc_system_name", "grpc"},
                     {"rpc_method", method},
                     {"rpc_status_code", code},
                     {"server_address", address},
                     {"server_port", port},
                     {"upstream", upstream},
                     {"error_type", number == 0 ? "" : code}},
                    kRequestSeconds, sum);
  };
  const std::vector<ToolLabels> tools = sets.tools.List();
  std::map<RpcLabels, HistogramSum> sums;
  for (size_t place = 0; place < sets.rpcs.size(); ++place) {
    const uint32_t key = sets.rpcs.key(place);
    if (!IsListed(key, tools)) continue;
    const ToolLabels& tool = tools[LabelSets::ToolOf(key) - 1];
    HistogramSum& sum = sums[{tool.rpc_method, tool.upstream, tool.server_address, tool.server_port,
                              LabelSets::HowOf(key)}];
    for (const McpMetrics* reactor : reactors) sum.Add(reactor->rpcs_[place]);
  }
  for (const auto& [labels, sum] : sums) {
    append(labels, absl::StatusCodeToString(static_cast<absl::StatusCode>(std::get<4>(labels))),
           sum);
  }
  for (const uint32_t failed : {0u, 1u}) {
    HistogramSum sum;
    for (const McpMetrics* reactor : reactors) sum.Add(reactor->rpcs_[sets.rpcs.size() + failed]);
    if (sum.total() > 0) append({"_OTHER", "", "", "", failed}, failed == 0 ? "OK" : "_OTHER", sum);
  }
}

void McpMetrics::AppendOutcomes(Reactors reactors, const LabelSets& sets, Page* page) {
  page->Begin({"mcp_bridge_tool_calls_total", Type::kCounter,
               "Calls of tools that have ended, by how they ended."});
  const std::vector<ToolLabels> tools = sets.tools.List();
  for (size_t number = 0; number <= tools.size(); ++number) {
    const bool other = number == 0;
    for (size_t i = 0; i < telemetry::kCallOutcomes; ++i) {
      const uint64_t calls =
          Sum(reactors, [=](const McpMetrics& each) -> auto& { return each.outcomes_[number][i]; });
      if (other && calls == 0) continue;
      page->Value({{"tool", other ? kOtherTool : tools[number - 1].tool},
                   {"upstream", other ? "" : tools[number - 1].upstream},
                   {"outcome", telemetry::CallOutcomeName(static_cast<CallOutcome>(i))}},
                  calls);
    }
  }
}

void McpMetrics::AppendUpstreams(Reactors reactors, const LabelSets& sets, Page* page) {
  const auto append = [&](const Family& family, auto member) {
    page->Begin(family);
    for (size_t i = 0; i < sets.upstreams.size(); ++i) {
      page->Value({{"upstream", sets.upstreams[i]}},
                  Sum(reactors,
                      [=](const McpMetrics& each) -> auto& { return each.upstreams_[i].*member; }));
    }
  };
  append({"mcp_bridge_upstream_calls", Type::kGauge, "gRPC calls to an upstream under way."},
         &Upstream::in_flight);
  append({"mcp_bridge_upstream_resends_total", Type::kCounter,
          "Calls sent again, since the upstream had not seen them."},
         &Upstream::resends);
  append({"mcp_bridge_upstream_sent_bytes_total", Type::kCounter,
          "Bytes of messages sent to an upstream.", "bytes"},
         &Upstream::sent_bytes);
  append({"mcp_bridge_upstream_received_bytes_total", Type::kCounter,
          "Bytes of messages received from an upstream.", "bytes"},
         &Upstream::received_bytes);
}

void McpMetrics::AppendStreams(Reactors reactors, Page* page) {
  page->Begin({"mcp_bridge_open_streams", Type::kGauge, "Streaming gRPC calls under way."});
  for (size_t i = 1; i < telemetry::kRpcKinds; ++i) {
    page->Value({{"kind", kKindNames[i]}},
                Sum(reactors, [=](const McpMetrics& each) -> auto& { return each.open_[i]; }));
  }
  page->Begin(
      {"mcp_bridge_streams_total", Type::kCounter, "Streaming gRPC calls that have ended."});
  for (size_t i = 1; i < telemetry::kRpcKinds; ++i) {
    page->Value({{"kind", kKindNames[i]}},
                Sum(reactors, [=](const McpMetrics& each) -> auto& { return each.streams_[i]; }));
  }
  page->Begin({"mcp_bridge_stream_messages_total", Type::kCounter,
               "Messages of streaming gRPC calls that have ended."});
  page->Value({{"direction", "sent"}},
              Sum(reactors, [](const McpMetrics& each) -> auto& { return each.sent_messages_; }));
  page->Value({{"direction", "received"}}, Sum(reactors, [](const McpMetrics& each) -> auto& {
                return each.received_messages_;
              }));
  page->Begin({"mcp_bridge_streams_truncated_total", Type::kCounter,
               "Streams that the bridge ended before the service did, by the limit."});
  for (size_t i = 1; i < telemetry::kStreamCuts; ++i) {
    page->Value({{"limit", telemetry::StreamCutName(static_cast<telemetry::StreamCut>(i))}},
                Sum(reactors, [=](const McpMetrics& each) -> auto& { return each.cuts_[i]; }));
  }
}

void McpMetrics::AppendSessions(Reactors reactors, Page* page) {
  const auto single = [&](const Family& family, auto member) {
    page->Single(family,
                 Sum(reactors, [=](const McpMetrics& each) -> auto& { return each.*member; }));
  };
  single({"mcp_bridge_sessions_started_total", Type::kCounter,
          "Sessions that clients of revisions before 2026-07-28 began."},
         &McpMetrics::sessions_begun_);
  single({"mcp_bridge_sessions_ended_total", Type::kCounter,
          "Sessions that clients ended by DELETE; most expire instead."},
         &McpMetrics::sessions_ended_);
  single({"mcp_bridge_arguments_repaired_total", Type::kCounter,
          "Repairs of arguments that clients wrote in another form."},
         &McpMetrics::repairs_);
}

void McpMetrics::Append(Reactors reactors, const LabelSets& sets, bool names, Page* page) {
  AppendOperations(reactors, sets, names, page);
  if (names) {
    AppendRpcs(reactors, sets, page);
    AppendOutcomes(reactors, sets, page);
    AppendUpstreams(reactors, sets, page);
  }
  AppendStreams(reactors, page);
  AppendSessions(reactors, page);
}

}  // namespace bridge::metrics
