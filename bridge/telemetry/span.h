// What a span holds when it is finished: OpenTelemetry's data model. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "bridge/telemetry/trace_context.h"

namespace bridge::telemetry {

using Clock = std::chrono::system_clock;

// The numbers are OTLP's.
enum class SpanKind : uint8_t {
  kUnspecified = 0,
  kInternal = 1,
  kServer = 2,
  kClient = 3,
  kProducer = 4,
  kConsumer = 5,
};
enum class SpanStatus : uint8_t { kUnset = 0, kOk = 1, kError = 2 };

using AttributeValue = std::variant<std::string, bool, int64_t, double>;
struct Attribute {
  std::string key;
  AttributeValue value;
  bool operator==(const Attribute&) const = default;
};

struct SpanEvent {
  Clock::time_point time;
  std::string name;
  std::vector<Attribute> attributes;
  uint32_t dropped_attributes = 0;
};

// A finished span. Times are UTC.
struct SpanRecord {
  TraceContext context;
  SpanId parent_span_id{};  // all zero: a root
  bool parent_is_remote = false;
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  SpanStatus status = SpanStatus::kUnset;
  std::string status_message;
  Clock::time_point start, end;
  std::vector<Attribute> attributes;
  std::vector<SpanEvent> events;
  std::vector<TraceContext> links;
  uint32_t dropped_attributes = 0;  // beyond SpanLimits
  uint32_t dropped_events = 0;
  uint32_t dropped_links = 0;
};

using SpanBatch = std::vector<std::shared_ptr<const SpanRecord>>;

// What produced a span: a process, described by attributes of which service.name is one.
struct Resource {
  std::vector<Attribute> attributes;

  // Its service.name; "unknown_service" if it has none.
  std::string service_name() const;
};

struct ResourceSpans {
  std::shared_ptr<const Resource> resource;
  SpanBatch spans;
};

// What one span may hold at most; the rest is dropped and counted in the span.
struct SpanLimits {
  uint32_t attributes = 128;
  uint32_t attribute_value_bytes = 4096;  // cut at a UTF-8 character
  uint32_t events = 128;
  uint32_t event_attributes = 128;
  uint32_t links = 128;
};

}  // namespace bridge::telemetry
