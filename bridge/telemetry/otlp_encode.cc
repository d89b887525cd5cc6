#include "bridge/telemetry/otlp_encode.h"

#include <bit>

#include "bridge/base/utf8.h"
#include "bridge/base/version.h"
#include "bridge/telemetry/text.h"
#include "bridge/telemetry/wire.h"

namespace bridge::telemetry {
namespace {

constexpr std::string_view kScopeName = "grpc-mcp-bridge";
constexpr std::string_view kSchemaUrl = "https://opentelemetry.io/schemas/1.45.0";
constexpr uint32_t kRemoteKnown = 0x100;
constexpr uint32_t kRemote = 0x200;

template <size_t size>
std::string_view AsBytes(const std::array<uint8_t, size>& id) {
  return {reinterpret_cast<const char*>(id.data()), size};
}

uint64_t UnixNanos(Clock::time_point time) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

void WriteText(ReverseWriter* out, uint32_t field, std::string_view text) {
  if (IsValidUtf8(text)) {
    out->WriteBytes(field, text);
  } else {
    out->WriteBytes(field, ToValidUtf8(text));
  }
}

void WriteNonEmptyText(ReverseWriter* out, uint32_t field, std::string_view text) {
  if (!text.empty()) WriteText(out, field, text);
}

void WriteNonZero(ReverseWriter* out, uint32_t field, uint64_t value) {
  if (value != 0) out->WriteVarint(field, value);
}

void WriteAttributes(ReverseWriter* out, uint32_t field, const std::vector<Attribute>& attributes) {
  for (auto attribute = attributes.rbegin(); attribute != attributes.rend(); ++attribute) {
    const size_t before = out->size();
    const AttributeValue& value = attribute->value;
    if (const auto* text = std::get_if<std::string>(&value)) {
      WriteText(out, 1, *text);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      out->WriteVarint(2, *flag ? 1 : 0);
    } else if (const auto* integer = std::get_if<int64_t>(&value)) {
      out->WriteVarint(3, static_cast<uint64_t>(*integer));
    } else if (const auto* number = std::get_if<double>(&value)) {
      out->WriteFixed64(4, std::bit_cast<uint64_t>(*number));
    }
    out->WrapMessage(2, before);
    WriteText(out, 1, attribute->key);
    out->WrapMessage(field, before);
  }
}

void WriteEvent(ReverseWriter* out, uint32_t field, const SpanEvent& event) {
  const size_t before = out->size();
  WriteNonZero(out, 4, event.dropped_attributes);
  WriteAttributes(out, 3, event.attributes);
  WriteText(out, 2, event.name);
  out->WriteFixed64(1, UnixNanos(event.time));
  out->WrapMessage(field, before);
}

void WriteLink(ReverseWriter* out, uint32_t field, const TraceContext& link) {
  const size_t before = out->size();
  out->WriteFixed32(6, link.flags);
  WriteNonEmptyText(out, 3, link.tracestate);
  out->WriteBytes(2, AsBytes(link.span_id));
  out->WriteBytes(1, AsBytes(link.trace_id));
  out->WrapMessage(field, before);
}

void WriteStatus(ReverseWriter* out, uint32_t field, const SpanRecord& span) {
  const size_t before = out->size();
  WriteNonZero(out, 3, static_cast<uint8_t>(span.status));
  WriteNonEmptyText(out, 2, span.status_message);
  if (out->size() != before) out->WrapMessage(field, before);
}

void WriteSpan(ReverseWriter* out, uint32_t field, const SpanRecord& span) {
  const size_t before = out->size();
  out->WriteFixed32(16, span.context.flags | kRemoteKnown | (span.parent_is_remote ? kRemote : 0));
  WriteStatus(out, 15, span);
  WriteNonZero(out, 14, span.dropped_links);
  for (auto link = span.links.rbegin(); link != span.links.rend(); ++link) {
    WriteLink(out, 13, *link);
  }
  WriteNonZero(out, 12, span.dropped_events);
  for (auto event = span.events.rbegin(); event != span.events.rend(); ++event) {
    WriteEvent(out, 11, *event);
  }
  WriteNonZero(out, 10, span.dropped_attributes);
  WriteAttributes(out, 9, span.attributes);
  out->WriteFixed64(8, UnixNanos(span.end));
  out->WriteFixed64(7, UnixNanos(span.start));
  WriteNonZero(out, 6, static_cast<uint8_t>(span.kind));
  WriteText(out, 5, span.name);
  if (span.parent_span_id != SpanId{}) out->WriteBytes(4, AsBytes(span.parent_span_id));
  WriteNonEmptyText(out, 3, span.context.tracestate);
  out->WriteBytes(2, AsBytes(span.context.span_id));
  out->WriteBytes(1, AsBytes(span.context.trace_id));
  out->WrapMessage(field, before);
}

}  // namespace

std::string EncodeOtlp(std::span<const std::shared_ptr<const SpanRecord>> spans,
                       const Resource& resource) {
  ReverseWriter out;
  out.WriteBytes(3, kSchemaUrl);
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) WriteSpan(&out, 2, **span);
  const size_t before_scope = out.size();
  out.WriteBytes(2, BRIDGE_VERSION);
  out.WriteBytes(1, kScopeName);
  out.WrapMessage(1, before_scope);
  out.WrapMessage(2, 0);
  const size_t before_resource = out.size();
  WriteAttributes(&out, 1, resource.attributes);
  out.WrapMessage(1, before_resource);
  out.WrapMessage(1, 0);
  return out.ToString();
}

std::string EncodeOtlpResponse(int64_t rejected_spans, std::string_view message) {
  ReverseWriter out;
  WriteNonEmptyText(&out, 2, message);
  WriteNonZero(&out, 1, static_cast<uint64_t>(rejected_spans));
  if (out.size() != 0) out.WrapMessage(1, 0);
  return out.ToString();
}

}  // namespace bridge::telemetry
