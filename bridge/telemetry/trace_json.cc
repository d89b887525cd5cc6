#include "bridge/telemetry/trace_json.h"

#include <algorithm>
#include <cmath>

#include "bridge/base/json_text.h"
#include "bridge/telemetry/text.h"
#include "bridge/telemetry/trace_tree.h"

namespace bridge::telemetry {
namespace {

// Appends `"key":` and the comma before it where one is due.
void AppendKey(std::string* out, std::string_view key) {
  if (out->back() != '{') *out += ',';
  AppendJsonString(out, key);
  *out += ':';
}

void AppendMember(std::string* out, std::string_view key, std::string_view value) {
  AppendKey(out, key);
  AppendJsonString(out, value);
}

void AppendMember(std::string* out, std::string_view key, int64_t value) {
  AppendKey(out, key);
  AppendJsonInt(out, value);
}

void AppendTime(std::string* out, std::string_view key, Clock::time_point time) {
  AppendKey(out, key);
  *out += '"';
  AppendUtcTime(out, time);
  *out += '"';
}

void AppendValue(std::string* out, const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    AppendJsonString(out, *text);
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    *out += *flag ? "true" : "false";
  } else if (const auto* integer = std::get_if<int64_t>(&value)) {
    AppendJsonInt(out, *integer);
  } else if (const auto* number = std::get_if<double>(&value);
             number != nullptr && std::isfinite(*number)) {
    AppendJsonDouble(out, *number);
  } else {
    *out += "null";
  }
}

void AppendAttributes(std::string* out, const std::vector<Attribute>& attributes) {
  AppendKey(out, "attributes");
  *out += '{';
  for (auto attribute = attributes.begin(); attribute != attributes.end(); ++attribute) {
    const bool repeated = std::any_of(attributes.begin(), attribute, [&](const Attribute& earlier) {
      return earlier.key == attribute->key;
    });
    if (repeated) continue;  // only other processes send such spans
    AppendKey(out, attribute->key);
    AppendValue(out, attribute->value);
  }
  *out += '}';
}

void AppendEvents(std::string* out, const SpanRecord& span, Clock::time_point origin) {
  AppendKey(out, "events");
  *out += '[';
  for (const SpanEvent& event : span.events) {
    if (out->back() != '[') *out += ',';
    *out += '{';
    AppendMember(out, "name", event.name);
    AppendMember(out, "offsetNs", std::chrono::nanoseconds(event.time - origin).count());
    AppendAttributes(out, event.attributes);
    *out += '}';
  }
  *out += ']';
}

void AppendLinks(std::string* out, const SpanRecord& span) {
  AppendKey(out, "links");
  *out += '[';
  for (const TraceContext& link : span.links) {
    if (out->back() != '[') *out += ',';
    *out += '{';
    AppendMember(out, "traceId", FormatTraceId(link));
    AppendMember(out, "spanId", FormatSpanId(link.span_id));
    *out += '}';
  }
  *out += ']';
}

void AppendSpan(std::string* out, const SpanRecord& span, const Resource& resource,
                Clock::time_point origin) {
  AppendMember(out, "spanId", FormatSpanId(span.context.span_id));
  if (span.parent_span_id != SpanId{}) {
    AppendMember(out, "parentSpanId", FormatSpanId(span.parent_span_id));
  }
  AppendMember(out, "service", resource.service_name());
  AppendMember(out, "name", span.name);
  AppendMember(out, "kind", KindName(span.kind));
  AppendMember(out, "status", StatusName(span.status));
  if (!span.status_message.empty()) AppendMember(out, "statusMessage", span.status_message);
  AppendMember(out, "startOffsetNs", std::chrono::nanoseconds(span.start - origin).count());
  AppendMember(out, "durationNs", DurationOf(span).count());
  AppendAttributes(out, span.attributes);
  AppendEvents(out, span, origin);
  AppendLinks(out, span);
}

void AppendSummary(std::string* out, const RecentTrace& trace, const TraceTree& tree) {
  AppendMember(out, "traceId", FormatTraceId(trace.id));
  if (!tree.rows.empty()) {
    AppendMember(out, "title", TitleOf(tree));
    AppendMember(out, "service", tree.services.front());
  }
  AppendKey(out, "services");
  *out += '[';
  for (const std::string& service : tree.services) {
    if (out->back() != '[') *out += ',';
    AppendJsonString(out, service);
  }
  *out += ']';
  AppendTime(out, "start", tree.start);
  AppendMember(out, "durationNs", tree.duration().count());
  AppendMember(out, "spanCount", static_cast<int64_t>(tree.rows.size()));
  AppendMember(out, "errorCount", static_cast<int64_t>(tree.errors));
  AppendMember(out, "droppedSpans", static_cast<int64_t>(trace.dropped_spans));
}

}  // namespace

std::string ToJson(std::span<const RecentTrace> traces) {
  std::string out = "{\"traces\":[";
  for (const RecentTrace& trace : traces) {
    if (out.back() != '[') out += ',';
    out += '{';
    AppendSummary(&out, trace, MakeTraceTree(trace));
    out += '}';
  }
  out += "]}";
  return out;
}

std::string ToJson(const RecentTrace& trace) {
  const TraceTree tree = MakeTraceTree(trace);
  std::string out = "{";
  AppendSummary(&out, trace, tree);
  AppendKey(&out, "spans");
  out += '[';
  int open = 0;  // spans whose "children" are being written
  for (const TraceRow& row : tree.rows) {
    for (; open > row.depth; --open) out += "]}";
    if (out.back() != '[') out += ',';
    out += '{';
    AppendSpan(&out, *row.recent->span, *row.recent->resource, tree.start);
    if (row.orphan) {
      AppendKey(&out, "orphan");
      out += "true";
    }
    AppendKey(&out, "children");
    out += '[';
    ++open;
  }
  for (; open > 0; --open) out += "]}";
  out += "]}";
  return out;
}

std::string ToJson(const SpanRecord& span, const Resource& resource) {
  std::string out = "{";
  AppendMember(&out, "traceId", FormatTraceId(span.context));
  AppendTime(&out, "start", span.start);
  AppendSpan(&out, span, resource, span.start);
  out += '}';
  return out;
}

}  // namespace bridge::telemetry
