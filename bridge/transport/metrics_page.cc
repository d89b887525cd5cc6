#include "bridge/transport/metrics_page.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string_view>
#include <utility>
#include <variant>

#include "bridge/base/text.h"
#include "bridge/base/version.h"
#include "bridge/http/field.h"
#include "bridge/metrics/process.h"
#include "bridge/telemetry/log.h"
#include "bridge/transport/admin.h"
#include "bridge/transport/header_value.h"

namespace bridge::transport {
namespace {

using metrics::Label;
using metrics::Page;
using metrics::Type;

std::string_view Unquoted(std::string_view text) {
  return text.size() > 1 && text.starts_with('"') && text.ends_with('"')
             ? text.substr(1, text.size() - 2)
             : text;
}

// How much the range `text` wants each format, in thousandths. One that names another version of a
// format wants neither.
void Weigh(std::string_view text, uint16_t* open_metrics, uint16_t* plain) {
  const std::string_view type = NextPart(&text, ';');
  uint16_t weight = 1000;
  std::string_view version;
  while (!text.empty()) {
    const std::string_view parameter = NextPart(&text, ';');
    if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
      weight = ParseWeight(parameter.substr(2));
    } else if (http::EqualsIgnoreCase(parameter.substr(0, 8), "version=")) {
      version = Unquoted(parameter.substr(8));
    }
  }
  const auto is = [&](std::string_view wanted, std::string_view its_version) {
    return http::EqualsIgnoreCase(type, wanted) && (version.empty() || version == its_version);
  };
  if (is("application/openmetrics-text", "1.0.0")) *open_metrics = std::max(*open_metrics, weight);
  if (is("text/plain", "0.0.4") || type == "text/*" || type == "*/*") {
    *plain = std::max(*plain, weight);
  }
}

double SecondsSinceEpoch(telemetry::Clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

std::string TextOf(const telemetry::AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return VisibleText(*text);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  return std::to_string(std::get<double>(value));
}

// As OpenTelemetry maps names of attributes to those of labels.
std::string LabelName(std::string_view key) {
  std::string name(key);
  std::replace_if(name.begin(), name.end(), [](char c) { return !IsIdentifierByte(c); }, '_');
  return name[0] >= '0' && name[0] <= '9' ? "key_" + name : name;
}

void AppendTarget(const telemetry::Resource& resource, Page* page) {
  std::map<std::string, std::string> values;
  for (const telemetry::Attribute& attribute : resource.attributes) {
    if (attribute.key.empty()) continue;
    const std::string text = TextOf(attribute.value);
    const auto [at, added] = values.emplace(LabelName(attribute.key), text);
    if (!added) at->second += ";" + text;
  }
  std::vector<Label> labels;
  for (const auto& [name, value] : values) labels.push_back({name, value});
  page->Begin({"target_info", Type::kInfo, "What the traces of this process say of it."});
  page->Info(labels);
}

void AppendBuild(const AdminState& state, Page* page) {
  const Label labels[] = {{"version", BRIDGE_VERSION}, {"grpc_version", state.grpc_version}};
  page->Begin({"mcp_bridge_build_info", Type::kInfo, "What this process was built from."});
  page->Info(labels);
}

void AppendState(const AdminState& state, Page* page) {
  page->Single({"mcp_bridge_live", Type::kGauge,
                "1 while all threads that serve requests respond, as /livez."},
               state.alive ? 1u : 0u);
  page->Single({"mcp_bridge_draining", Type::kGauge,
                "1 from the signal to end on, while calls under way are finished."},
               state.draining ? 1u : 0u);
  page->Single({"mcp_bridge_tools", Type::kGauge, "Tools in the catalog."}, state.tools);
  page->Single(
      {"mcp_bridge_upstreams_described", Type::kGauge, "Upstreams whose tools are in the catalog."},
      static_cast<uint64_t>(
          std::count_if(state.upstreams.begin(), state.upstreams.end(),
                        [](const UpstreamStatus& upstream) { return upstream.described; })));
  page->Single({"mcp_bridge_upstreams", Type::kGauge, "Upstreams configured."},
               state.upstreams.size());
}

void AppendDiscovery(const AdminState& state, bool names, Page* page) {
  metrics::HistogramSum durations;
  for (const UpstreamStatus& upstream : state.upstreams) durations.Add(upstream.questions);
  page->Begin({"mcp_bridge_discovery_duration_seconds", Type::kHistogram,
               "Time that an upstream took to describe itself, or to fail to.", "seconds"});
  page->Histogram({}, metrics::kOperationSeconds, durations);
  if (!names) return;
  const auto append = [&](const metrics::Family& family, auto value) {
    page->Begin(family);
    for (const UpstreamStatus& upstream : state.upstreams) {
      page->Value({{"upstream", upstream.name}}, value(upstream));
    }
  };
  append(
      {"mcp_bridge_upstream_up", Type::kGauge, "Whether it could describe itself when last asked."},
      [](const UpstreamStatus& each) { return each.described && each.problem.empty() ? 1u : 0u; });
  append({"mcp_bridge_upstream_tools", Type::kGauge, "Tools of an upstream in the catalog."},
         [](const UpstreamStatus& each) { return each.tools; });
  append({"mcp_bridge_discovery_failures_total", Type::kCounter,
          "How often an upstream could not describe itself."},
         [](const UpstreamStatus& each) { return each.failures; });
  append({"mcp_bridge_discovery_last_success_timestamp_seconds", Type::kGauge,
          "When an upstream last described itself, in seconds since 1970; 0: never.", "seconds"},
         [](const UpstreamStatus& each) { return SecondsSinceEpoch(each.described_at); });
}

void AppendTelemetry(telemetry::Tracer& tracer, Page* page) {
  page->Single(
      {"mcp_bridge_otel_spans_exported_total", Type::kCounter, "Spans the collector has accepted."},
      tracer.exported_spans());
  page->Single({"mcp_bridge_otel_spans_dropped_total", Type::kCounter,
                "Spans lost: queue full, or export given up."},
               tracer.dropped_spans());
  page->Single({"mcp_bridge_otel_queued_spans", Type::kGauge, "Spans that wait for the collector."},
               tracer.queued_spans());
  page->Single({"mcp_bridge_log_lines_suppressed_total", Type::kCounter,
                "Log lines left out, since too many of their kind came."},
               telemetry::SuppressedLogLines());
  page->Single({"mcp_bridge_log_lines_dropped_total", Type::kCounter,
                "Log lines lost, since nobody read the log quickly enough."},
               telemetry::DroppedLogLines());
}

}  // namespace

metrics::Format ChooseFormat(const http::Request& request) {
  uint16_t open_metrics = 0, plain = 0;
  for (const http::Header& header : request.headers) {
    if (!http::EqualsIgnoreCase(header.name, "accept")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) Weigh(NextPart(&rest, ','), &open_metrics, &plain);
  }
  return open_metrics > 0 && open_metrics >= plain ? metrics::Format::kOpenMetrics
                                                   : metrics::Format::kText;
}

http::Response MetricsPage(const http::Request& request, const AdminState& state,
                           telemetry::Tracer& tracer, bool names) {
  Page page(ChooseFormat(request));
  AppendBuild(state, &page);
  if (names) AppendTarget(tracer.resource(), &page);
  AppendState(state, &page);
  if (state.metrics != nullptr) state.metrics->Append(names, &page);
  AppendDiscovery(state, names, &page);
  AppendTelemetry(tracer, &page);
  metrics::AppendProcess(&page);
  http::Response response;
  response.content_type = metrics::ContentType(page.format());
  response.headers = "Cache-Control: no-store\r\nVary: Accept\r\n";
  response.body = std::move(page).Finish();
  return response;
}

}  // namespace bridge::transport
