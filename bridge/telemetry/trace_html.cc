#include "bridge/telemetry/trace_html.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "bridge/telemetry/text.h"
#include "bridge/telemetry/trace_page_style.h"
#include "bridge/telemetry/trace_tree.h"

namespace bridge::telemetry {
namespace {

using std::chrono::nanoseconds;

constexpr int kTicks = 5;
constexpr int kIndentPx = 14;
constexpr int kMaxIndentLevels = 16;

void AppendEscaped(std::string* out, std::string_view text) {
  for (char c : VisibleText(text)) {
    switch (c) {
      case '&':
        *out += "&amp;";
        break;
      case '<':
        *out += "&lt;";
        break;
      case '>':
        *out += "&gt;";
        break;
      case '"':
        *out += "&quot;";
        break;
      case '\'':
        *out += "&#39;";
        break;
      default:
        *out += c;
    }
  }
}

// `digits` significant digits.
std::string FormatNumber(double value, int digits) {
  char text[32];
  const auto end =
      std::to_chars(text, text + sizeof(text), value, std::chars_format::general, digits).ptr;
  return std::string(text, end);
}

std::string FormatDuration(nanoseconds duration) {
  const double nanos = static_cast<double>(duration.count());
  if (nanos == 0) return "0";
  if (nanos < 1e3) return FormatNumber(nanos, 4) + "\u00a0ns";
  if (nanos < 1e6) return FormatNumber(nanos / 1e3, 3) + "\u00a0\u00b5s";
  if (nanos < 1e9) return FormatNumber(nanos / 1e6, 3) + "\u00a0ms";
  return FormatNumber(nanos / 1e9, nanos < 1e12 ? 3 : 6) + "\u00a0s";
}

// Spans of other processes may have any times: no sum or product of them need fit an integer.
double Share(nanoseconds part, nanoseconds whole) {
  if (whole.count() <= 0) return 0;
  return std::clamp(static_cast<double>(part.count()) / static_cast<double>(whole.count()), 0.0,
                    1.0);
}

std::string Percent(double share) {
  return FormatNumber(share * 100, 5) + "%";
}

void OpenPage(std::string* out, std::string_view title) {
  *out +=
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>";
  AppendEscaped(out, title);
  *out += "</title><style>";
  *out += kTracePageStyle;
  *out += "</style></head><body>";
}

void ClosePage(std::string* out) {
  *out += "</body></html>\n";
}

size_t ColorOf(const std::vector<std::string>& services, const std::string& service) {
  const auto found = std::find(services.begin(), services.end(), service);
  return static_cast<size_t>(found - services.begin()) % kTracePageColors;
}

void AppendService(std::string* out, const std::vector<std::string>& services,
                   const std::string& service) {
  *out += "<span class=\"service c" + std::to_string(ColorOf(services, service)) + "\">";
  AppendEscaped(out, service);
  *out += "</span>";
}

void AppendCount(std::string* out, size_t count, std::string_view noun) {
  *out += std::to_string(count);
  *out += ' ';
  *out += noun;
  if (count != 1) *out += 's';
}

void AppendListRow(std::string* out, const RecentTrace& trace, const TraceTree& tree,
                   nanoseconds longest, const std::vector<std::string>& all_services,
                   std::string_view path) {
  *out += tree.errors > 0 ? "<tr class=\"error\"><td class=\"time\">" : "<tr><td class=\"time\">";
  AppendUtcTime(out, tree.start);
  *out += "</td><td class=\"what\"><a href=\"";
  AppendEscaped(out, path);
  *out += '/';
  *out += FormatTraceId(trace.id);
  *out += "\">";
  AppendEscaped(out, TitleOf(tree));
  *out += "</a></td><td>";
  for (const std::string& service : tree.services) AppendService(out, all_services, service);
  *out += "</td><td class=\"number\">" + std::to_string(tree.rows.size()) +
          "</td><td class=\"number\">";
  if (tree.errors > 0) *out += "<b class=\"bad\">" + std::to_string(tree.errors) + "</b>";
  *out += "</td><td class=\"number\">" + FormatDuration(tree.duration()) +
          "</td><td class=\"share\"><i style=\"width:" + Percent(Share(tree.duration(), longest)) +
          "\"></i></td></tr>";
}

void AppendAxis(std::string* out, nanoseconds total) {
  *out += "<div class=\"row axis\"><div></div><div class=\"lane\">";
  for (int i = 0; i < kTicks; ++i) {
    *out += "<span style=\"left:" + std::to_string(100 * i / kTicks) + "%\">" +
            FormatDuration(std::chrono::duration_cast<nanoseconds>(
                std::chrono::duration<double, std::nano>(total) * i / kTicks)) +
            "</span>";
  }
  *out += "</div></div>";
}

std::string ValueText(const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  const double number = std::get<double>(value);
  if (!std::isfinite(number)) return std::isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
  std::string text;
  AppendJsonDouble(&text, number);
  return text;
}

void AppendPair(std::string* out, std::string_view key, std::string_view value) {
  *out += "<tr><th>";
  AppendEscaped(out, key);
  *out += "</th><td>";
  AppendEscaped(out, value);
  *out += "</td></tr>";
}

void AppendDropped(std::string* out, uint32_t count, std::string_view what) {
  if (count == 0) return;
  *out += "<tr class=\"note\"><th>dropped</th><td>";
  AppendCount(out, count, what);
  *out += "</td></tr>";
}

// What unfolds below a row.
void AppendDetails(std::string* out, const TraceRow& row, const TraceTree& tree,
                   std::string_view path) {
  const SpanRecord& span = *row.recent->span;
  *out += "<div class=\"details\"><table>";
  if (span.status == SpanStatus::kError) {
    *out += "<tr class=\"bad\"><th>error</th><td>";
    AppendEscaped(out, span.status_message.empty() ? "(no message)" : span.status_message);
    *out += "</td></tr>";
  }
  if (row.orphan) {
    AppendPair(out, "parent not here", FormatSpanId(span.parent_span_id));
  }
  for (const Attribute& attribute : span.attributes) {
    AppendPair(out, attribute.key, ValueText(attribute.value));
  }
  AppendDropped(out, span.dropped_attributes, "attribute");
  for (const SpanEvent& event : span.events) {
    *out +=
        "<tr class=\"event\"><th>event at " + FormatDuration(event.time - tree.start) + "</th><td>";
    AppendEscaped(out, event.name);
    for (const Attribute& attribute : event.attributes) {
      *out += " <em>";
      AppendEscaped(out, attribute.key);
      *out += "</em>=";
      AppendEscaped(out, ValueText(attribute.value));
    }
    *out += "</td></tr>";
  }
  AppendDropped(out, span.dropped_events, "event");
  for (const TraceContext& link : span.links) {
    *out += "<tr><th>link</th><td><a href=\"";
    AppendEscaped(out, path);
    *out += '/' + FormatTraceId(link) + "\">" + FormatTraceId(link) + "</a> " +
            FormatSpanId(link.span_id) + "</td></tr>";
  }
  AppendDropped(out, span.dropped_links, "link");
  *out += "<tr class=\"note\"><th>span</th><td>" + FormatSpanId(span.context.span_id) + ", " +
          KindName(span.kind) + ", starts at " + FormatDuration(span.start - tree.start) +
          "</td></tr></table></div>";
}

void AppendBar(std::string* out, const SpanRecord& span, const TraceTree& tree) {
  const nanoseconds total = tree.duration();
  const nanoseconds duration = DurationOf(span);
  const double begin = Share(span.start - tree.start, total);
  const double end = std::min(begin + Share(duration, total), 1.0);
  *out += "<div class=\"lane\"><i style=\"left:" + Percent(begin) +
          ";width:" + Percent(Share(duration, total)) + "\"></i>";
  for (const SpanEvent& event : span.events) {
    *out += "<u style=\"left:" + Percent(Share(event.time - tree.start, total)) + "\"></u>";
  }
  // The text stands after the bar, or before it where there is no room.
  if (end > 0.75 && begin > 0.2) {
    *out += "<small style=\"right:" + Percent(1 - begin) + "\">";
  } else if (end > 0.75) {
    *out += "<small class=\"inside\" style=\"left:" + Percent(begin) + "\">";
  } else {
    *out += "<small style=\"left:" + Percent(end) + "\">";
  }
  *out += FormatDuration(duration) + "</small></div>";
}

void AppendSpanRow(std::string* out, const TraceRow& row, const TraceTree& tree,
                   std::string_view path) {
  const SpanRecord& span = *row.recent->span;
  const std::string service = row.recent->resource->service_name();
  const int indent = std::min(row.depth, kMaxIndentLevels) * kIndentPx;
  *out += "<details class=\"c" + std::to_string(ColorOf(tree.services, service));
  if (span.status == SpanStatus::kError) *out += " error";
  *out += "\"><summary class=\"row\"><div class=\"name\" style=\"padding-left:" +
          std::to_string(indent) + "px\" title=\"";
  AppendEscaped(out, service + ": " + span.name);
  *out += "\"><span class=\"dot\"></span>";
  if (row.orphan)
    *out += "<span class=\"mark\" title=\"its parent span is not here\">\u21b3?</span>";
  if (span.status == SpanStatus::kError) *out += "<span class=\"bad\">\u26a0</span> ";
  *out += "<b>";
  AppendEscaped(out, span.name.empty() ? "(no name)" : span.name);
  *out += "</b> <small>";
  AppendEscaped(out, service);
  *out += " \u00b7 ";
  *out += KindName(span.kind);
  *out += "</small></div>";
  AppendBar(out, span, tree);
  *out += "</summary>";
  AppendDetails(out, row, tree, path);
  *out += "</details>";
}

}  // namespace

std::string ToHtml(std::span<const RecentTrace> traces, std::string_view path) {
  std::vector<TraceTree> trees;
  std::vector<std::string> services;
  nanoseconds longest{0};
  for (const RecentTrace& trace : traces) {
    trees.push_back(MakeTraceTree(trace));
    longest = std::max(longest, trees.back().duration());
    for (const std::string& service : trees.back().services) {
      if (std::find(services.begin(), services.end(), service) == services.end()) {
        services.push_back(service);
      }
    }
  }
  std::string out;
  OpenPage(&out, "Recent traces");
  out += "<header><h1>Recent traces</h1><p>";
  AppendCount(&out, traces.size(), "trace");
  out += " in memory, newest first</p></header>";
  if (traces.empty()) {
    out += "<p class=\"empty\">No trace yet. Call a tool, then load this page again.</p>";
  } else {
    out +=
        "<table class=\"list\"><thead><tr><th>Start (UTC)</th><th>Trace</th><th>Services</th>"
        "<th>Spans</th><th>Errors</th><th>Duration</th><th></th></tr></thead><tbody>";
    for (size_t i = 0; i < traces.size(); ++i) {
      if (trees[i].rows.empty()) continue;
      AppendListRow(&out, traces[i], trees[i], longest, services, path);
    }
    out += "</tbody></table>";
  }
  ClosePage(&out);
  return out;
}

std::string ToHtml(const RecentTrace& trace, std::string_view path) {
  const TraceTree tree = MakeTraceTree(trace);
  const std::string id = FormatTraceId(trace.id);
  const std::string title = TitleOf(tree);
  std::string out;
  OpenPage(&out, title);
  out += "<header><p><a href=\"";
  AppendEscaped(&out, path);
  out += "\">\u2190 Recent traces</a></p><h1>";
  AppendEscaped(&out, title);
  out += "</h1><p><code>" + id + "</code> \u00b7 ";
  AppendUtcTime(&out, tree.start);
  out += " \u00b7 <b>" + FormatDuration(tree.duration()) + "</b> \u00b7 ";
  AppendCount(&out, tree.rows.size(), "span");
  if (tree.errors > 0) {
    out += " \u00b7 <b class=\"bad\">";
    AppendCount(&out, tree.errors, "error");
    out += "</b>";
  }
  if (trace.dropped_spans > 0) {
    out += " \u00b7 <b class=\"bad\">";
    AppendCount(&out, trace.dropped_spans, "more span");
    out += " not kept</b>";
  }
  out += "</p><p>";
  for (const std::string& service : tree.services) AppendService(&out, tree.services, service);
  out += "</p></header><main>";
  AppendAxis(&out, tree.duration());
  for (const TraceRow& row : tree.rows) AppendSpanRow(&out, row, tree, path);
  out += "</main><footer>Open a row for its attributes, events and links.</footer>";
  ClosePage(&out);
  return out;
}

}  // namespace bridge::telemetry
