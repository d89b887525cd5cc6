// W3C Trace Context (Level 2, 2026-06-29): the identity of a span as it crosses processes.
// Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bridge::telemetry {

using TraceId = std::array<uint8_t, 16>;
using SpanId = std::array<uint8_t, 8>;

struct TraceContext {
  static constexpr uint8_t kSampled = 1;
  static constexpr uint8_t kRandom = 2;

  TraceId trace_id{};
  SpanId span_id{};
  uint8_t flags = 0;       // kSampled | kRandom; all other bits are zero
  bool recorded = false;   // of a span of this process, by this process; never sent
  std::string tracestate;  // members as received, without blanks between them; empty if not valid

  bool sampled() const { return (flags & kSampled) != 0; }
  // False for a context without ids: nothing to propagate.
  bool valid() const { return trace_id != TraceId{} && span_id != SpanId{}; }
};

// Nothing if `traceparent` is not valid: version ff, upper case, zero ids, bad length, other
// characters. Versions after 00 are read as far as 00 goes. A bad `tracestate` is dropped and never
// invalidates `traceparent`; one of more than 512 bytes loses whole members, the longest first
// (those over 128 bytes), then from the right.
std::optional<TraceContext> ParseTraceContext(std::string_view traceparent,
                                              std::string_view tracestate = {});

// "00-<32 hex>-<16 hex>-<2 hex>" of a valid context.
using Traceparent = std::array<char, 55>;
Traceparent WriteTraceparent(const TraceContext& context);
// The same; empty if the context is not valid: then send none.
std::string FormatTraceparent(const TraceContext& context);
std::string FormatTraceId(const TraceId& id);  // 32 lower-case hex digits
std::string FormatTraceId(const TraceContext& context);
std::string FormatSpanId(const SpanId& id);  // 16 lower-case hex digits

// 32 lower-case hex digits, not all zero; anything else is nothing.
std::optional<TraceId> ParseTraceId(std::string_view hex);

void AppendHex(std::string* out, std::span<const uint8_t> bytes);

}  // namespace bridge::telemetry
