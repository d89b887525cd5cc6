// A small tracer with OpenTelemetry's data model (no OpenTelemetry C++ is packaged): spans are
// recorded without a lock, handed to one background thread, and from there reach the ring of recent
// traces and the OTLP exporter. Recording never blocks and never fails a call: when the queue is
// full the span is dropped and counted.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/telemetry/span.h"
#include "bridge/telemetry/trace_context.h"

namespace bridge::telemetry {

class TraceRing;
class Tracer;
struct TracerOptions;  // options.h: read from OTEL_* by ParseTelemetryOptions

// One span being recorded. Move-only, used by one thread at a time; ends when End is called or it
// is destroyed, which must be before its tracer is. All setters are no-ops on a span that is not
// sampled, so callers need not ask, but may (`recording()`) before building an expensive value.
// What exceeds the tracer's SpanLimits is dropped and counted in the span.
class Span final {
 public:
  Span() = default;
  Span(Span&&) noexcept = default;
  Span& operator=(Span&&) noexcept;
  ~Span();

  // Not valid() only for a default-made span, and for a root span of a disabled tracer.
  const TraceContext& context() const { return context_; }
  bool recording() const { return record_ != nullptr; }

  // For spans that were left out for SamplerOptions::traces_per_second alone; nothing happens to
  // others. True if the span is recorded then: with its name, its parent and its start, and what is
  // set from now on.
  bool RecordAfterAll();
  // The same if it is worth it: it `failed` or took more than a second, and the rate allows it.
  bool RecordIfNotable(bool failed);

  void SetName(std::string_view name);
  // Replaces an attribute of the same key.
  void SetAttribute(std::string_view key, std::string_view value);
  void SetAttribute(std::string_view key, const char* value);
  void SetAttribute(std::string_view key, bool value);
  void SetAttribute(std::string_view key, double value);
  template <std::integral T>
  void SetAttribute(std::string_view key, T value) {
    SetInteger(key, static_cast<int64_t>(value));
  }
  void AddEvent(std::string_view name, std::vector<Attribute> attributes = {});
  void AddLink(const TraceContext& context);
  void SetError(std::string_view description);  // status ERROR
  void End();

 private:
  friend class Tracer;
  void SetInteger(std::string_view key, int64_t value);
  // Where the value of `key` goes; null if nothing is recorded, or the span is full.
  AttributeValue* FindSlot(std::string_view key);

  Tracer* tracer_ = nullptr;
  TraceContext context_;
  std::shared_ptr<SpanRecord> record_;  // null: not recorded, or ended
  // What RecordAfterAll needs.
  bool left_out_ = false;
  bool parent_is_remote_ = false;
  SpanKind kind_ = SpanKind::kInternal;
  SpanId parent_span_id_{};
  std::string_view name_;
  Clock::time_point start_;
};

// Any thread, except Shutdown and the destructor: one thread, after the last StartSpan.
class Tracer final {
 public:
  // Starts the background thread. See options.h.
  explicit Tracer(TracerOptions options);
  // Stops at once, as Shutdown with no time.
  ~Tracer();

  // A span under `parent`, or a new trace when it is null. `start` lets a span be back-dated. Where
  // there is a rate, a span whose parent is not of this process goes with `within`, the span that
  // it is a part of here. `name` must live until the span ends if RecordAfterAll is called.
  Span StartSpan(std::string_view name, SpanKind kind, const TraceContext* parent,
                 Clock::time_point start, bool parent_is_remote = false,
                 const Span* within = nullptr);
  Span StartSpan(std::string_view name, SpanKind kind, const TraceContext* parent);

  // False if OTEL_PROPAGATORS excludes trace context: then send no traceparent.
  bool propagates() const;

  // Where recent traces are read, and where spans of other processes are added.
  TraceRing& ring();

  // Waits until all spans that ended before the call are in the ring and exported, or given up.
  // False if that took longer than `deadline`.
  bool Flush(std::chrono::milliseconds deadline);
  // Exports what is queued, waiting at most `deadline`, then stops. Later spans are dropped.
  void Shutdown(std::chrono::milliseconds deadline);

  uint64_t dropped_spans() const;   // queue full, or the exporter gave up, or the collector refused
  uint64_t exported_spans() const;  // accepted by the collector
  size_t queued_spans() const;      // wait to be exported

  // What spans say of this process.
  const Resource& resource() const;

 private:
  friend class Span;
  struct State;

  bool IsRecorded(const TraceContext* parent, bool parent_is_remote, const Span* within);
  void Finish(std::shared_ptr<SpanRecord> record);
  const SpanLimits& span_limits() const;

  const std::unique_ptr<State> state_;
};

}  // namespace bridge::telemetry
