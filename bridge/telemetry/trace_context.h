// W3C Trace Context (Level 2, 2026-06-29): the identity of a span as it crosses processes.
// Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bridge::telemetry {

struct TraceContext {
  std::array<uint8_t, 16> trace_id{};
  std::array<uint8_t, 8> span_id{};
  uint8_t flags = 0;        // bit 0 sampled, bit 1 random trace id
  std::string tracestate;   // passed on as received when valid, else empty

  bool sampled() const { return (flags & 1) != 0; }
};

// Nothing if `traceparent` is not valid (operations: version ff, upper case, zero ids, bad length).
// A bad `tracestate` is dropped and never invalidates `traceparent`.
std::optional<TraceContext> ParseTraceContext(std::string_view traceparent,
                                              std::string_view tracestate = {});

// "00-<32 hex>-<16 hex>-<2 hex>", 55 characters.
std::string FormatTraceparent(const TraceContext& context);
std::string FormatTraceId(const TraceContext& context);  // 32 lower-case hex digits

}  // namespace bridge::telemetry
