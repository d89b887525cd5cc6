// A small tracer with OpenTelemetry's data model (no OpenTelemetry C++ is packaged): spans are
// recorded without a lock, handed to one background thread, and from there reach the ring of recent
// traces and the OTLP exporter. Recording never blocks and never fails a call: when the queue is
// full the span is dropped and counted.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bridge/telemetry/trace_context.h"

namespace bridge::telemetry {

using Clock = std::chrono::system_clock;

enum class SpanKind : uint8_t { kInternal = 1, kServer = 2, kClient = 3 };
enum class SpanStatus : uint8_t { kUnset = 0, kOk = 1, kError = 2 };

using AttributeValue = std::variant<std::string, bool, int64_t, double>;
struct Attribute {
  std::string key;
  AttributeValue value;
};

struct SpanEvent {
  Clock::time_point time;
  std::string name;
  std::vector<Attribute> attributes;
};

// A finished span. Times are UTC.
struct SpanRecord {
  TraceContext context;
  std::array<uint8_t, 8> parent_span_id{};  // all zero: a root
  bool parent_is_remote = false;
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  SpanStatus status = SpanStatus::kUnset;
  std::string status_message;
  Clock::time_point start, end;
  std::vector<Attribute> attributes;
  std::vector<SpanEvent> events;
  std::vector<TraceContext> links;
};

class Tracer;

// One span being recorded. Move-only, used by one thread at a time; ends when End is called or it
// is destroyed. All setters are no-ops on a span that is not sampled, so callers need not ask,
// but may (`recording()`) before building an expensive value.
class Span final {
 public:
  Span() = default;
  Span(Span&&) noexcept = default;
  Span& operator=(Span&&) noexcept;
  ~Span();

  const TraceContext& context() const { return context_; }
  bool recording() const { return record_ != nullptr; }

  void SetName(std::string_view name);
  // Replaces an attribute of the same key. Values longer than 4,096 bytes are cut.
  void SetAttribute(std::string_view key, std::string_view value);
  void SetAttribute(std::string_view key, const char* value);
  void SetAttribute(std::string_view key, bool value);
  void SetAttribute(std::string_view key, int64_t value);
  void SetAttribute(std::string_view key, int value);
  void SetAttribute(std::string_view key, double value);
  void AddEvent(std::string_view name, std::vector<Attribute> attributes = {});
  void AddLink(const TraceContext& context);
  void SetError(std::string_view description);  // status ERROR
  void End();

 private:
  friend class Tracer;
  Tracer* tracer_ = nullptr;
  TraceContext context_;
  std::unique_ptr<SpanRecord> record_;  // null: not sampled, or ended
};

// How root spans are sampled (OTEL_TRACES_SAMPLER): spans with a parent follow it when
// `parent_based`.
struct SamplerOptions {
  bool parent_based = true;
  double ratio = 1.0;  // 0 = never, 1 = always
};

// Where finished spans go, on the tracer's own thread. Implemented by the exporter and the ring.
using SpanBatch = std::vector<std::unique_ptr<SpanRecord>>;

struct TracerOptions;  // options.h: read from OTEL_* by ParseTelemetryOptions

class Tracer final {
 public:
  // Starts the background thread. See options.h.
  explicit Tracer(TracerOptions options);
  // Stops as Shutdown does.
  ~Tracer();

  // A span under `parent`, or a new trace when it is null. `start` lets a span be back-dated.
  Span StartSpan(std::string_view name, SpanKind kind, const TraceContext* parent,
                 Clock::time_point start, bool parent_is_remote = false);
  Span StartSpan(std::string_view name, SpanKind kind, const TraceContext* parent);

  // Exports what is queued, waiting at most `deadline`, then stops. Later spans are dropped.
  void Shutdown(std::chrono::milliseconds deadline);

  uint64_t dropped_spans() const;   // queue full, or the exporter gave up
  uint64_t exported_spans() const;

 private:
  friend class Span;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bridge::telemetry
