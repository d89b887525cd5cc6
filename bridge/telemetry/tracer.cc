#include "bridge/telemetry/tracer.h"

#include <ctime>

#include "bridge/telemetry/handoff.h"
#include "bridge/telemetry/log.h"
#include "bridge/telemetry/options.h"
#include "bridge/telemetry/otlp_exporter.h"
#include "bridge/telemetry/random_id.h"
#include "bridge/telemetry/ring.h"
#include "bridge/telemetry/sampler.h"
#include "bridge/telemetry/trace_json.h"

namespace bridge::telemetry {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// Spans of a call carry about this many attributes; it saves growing step by step.
constexpr size_t kUsualAttributes = 8;
// What takes longer is worth recording, however many calls there are.
constexpr std::chrono::milliseconds kSlow{1'000};

// To within a few milliseconds, for the price of a few instructions.
nanoseconds CoarseTime(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

}  // namespace

struct Tracer::State {
  explicit State(TracerOptions given)
      : options(std::move(given)),
        resource(std::make_shared<const Resource>(options.resource)),
        sampler(options.sampler),
        rate(options.sampler.traces_per_second),
        notable_rate(options.sampler.traces_per_second),
        ring(options.ring),
        exporter(options.otlp && !options.disabled
                     ? std::make_unique<OtlpExporter>(*options.otlp, resource)
                     : nullptr),
        handoff(options.queue_spans, [this](SpanBatch batch) { Deliver(std::move(batch)); }) {}

  // On the hand-off's thread.
  void Deliver(SpanBatch batch) {
    if (options.console) {
      for (const auto& span : batch) WriteLogLine(ToJson(*span, *resource));
    }
    if (exporter != nullptr) exporter->Add(batch);
    ring.Add({resource, std::move(batch)});
  }

  const TracerOptions options;
  const std::shared_ptr<const Resource> resource;
  const Sampler sampler;
  RateLimit rate;
  RateLimit notable_rate;
  TraceRing ring;
  const std::unique_ptr<OtlpExporter> exporter;
  SpanHandoff handoff;  // last: its thread uses the others
};

Tracer::Tracer(TracerOptions options) : state_(std::make_unique<State>(std::move(options))) {}

Tracer::~Tracer() {
  Shutdown(std::chrono::milliseconds(0));
}

Span Tracer::StartSpan(std::string_view name, SpanKind kind, const TraceContext* parent) {
  return StartSpan(name, kind, parent, Clock::now());
}

Span Tracer::StartSpan(std::string_view name, SpanKind kind, const TraceContext* parent,
                       Clock::time_point start, bool parent_is_remote, const Span* within) {
  const TracerOptions& options = state_->options;
  if (parent != nullptr && (!parent->valid() || (parent_is_remote && !options.propagate))) {
    parent = nullptr;
  }
  Span span;
  if (parent != nullptr) span.context_ = *parent;
  span.context_.recorded = false;
  if (options.disabled) return span;

  TraceContext& context = span.context_;
  if (parent == nullptr) {
    context.trace_id = MakeTraceId();
    context.flags = TraceContext::kRandom;
  }
  context.span_id = MakeSpanId();
  if (!state_->sampler.ShouldSample(context.trace_id, parent)) {
    context.flags &= static_cast<uint8_t>(~TraceContext::kSampled);
    return span;
  }
  context.flags |= TraceContext::kSampled;
  span.tracer_ = this;
  span.left_out_ = true;
  span.name_ = name;
  span.kind_ = kind;
  span.start_ = start;
  if (parent != nullptr) {
    span.parent_span_id_ = parent->span_id;
    span.parent_is_remote_ = parent_is_remote;
  }
  if (IsRecorded(parent, parent_is_remote, within)) span.RecordAfterAll();
  return span;
}

bool Tracer::IsRecorded(const TraceContext* parent, bool parent_is_remote, const Span* within) {
  if (state_->options.sampler.traces_per_second == 0) return true;
  if (parent != nullptr && !parent_is_remote) return parent->recorded;
  if (within != nullptr) return within->recording();
  return state_->rate.Admit(CoarseTime(CLOCK_MONOTONIC_COARSE));
}

bool Span::RecordAfterAll() {
  if (!left_out_) return recording();
  left_out_ = false;
  context_.recorded = true;
  record_ = std::make_shared<SpanRecord>();
  record_->parent_span_id = parent_span_id_;
  record_->parent_is_remote = parent_is_remote_;
  record_->name = name_;
  record_->kind = kind_;
  record_->start = start_;
  record_->attributes.reserve(kUsualAttributes);
  return true;
}

bool Span::RecordIfNotable(bool failed) {
  if (!left_out_) return recording();
  if (!failed && CoarseTime(CLOCK_REALTIME_COARSE) - start_.time_since_epoch() < kSlow) {
    return false;
  }
  return tracer_->state_->notable_rate.Admit(CoarseTime(CLOCK_MONOTONIC_COARSE)) &&
         RecordAfterAll();
}

void Tracer::Finish(std::shared_ptr<SpanRecord> record) {
  state_->handoff.Add(std::move(record));
}

bool Tracer::propagates() const {
  return state_->options.propagate;
}

TraceRing& Tracer::ring() {
  return state_->ring;
}

bool Tracer::Flush(std::chrono::milliseconds deadline) {
  const steady_clock::time_point until = steady_clock::now() + deadline;
  if (!state_->handoff.Flush(until)) return false;
  return state_->exporter == nullptr || state_->exporter->Flush(until);
}

void Tracer::Shutdown(std::chrono::milliseconds deadline) {
  const steady_clock::time_point until = steady_clock::now() + deadline;
  state_->handoff.Stop();
  if (state_->exporter != nullptr) state_->exporter->Shutdown(until);
}

uint64_t Tracer::dropped_spans() const {
  const OtlpExporter* exporter = state_->exporter.get();
  return state_->handoff.dropped_spans() + (exporter == nullptr ? 0 : exporter->dropped_spans());
}

uint64_t Tracer::exported_spans() const {
  return state_->exporter == nullptr ? 0 : state_->exporter->exported_spans();
}

size_t Tracer::queued_spans() const {
  return state_->exporter == nullptr ? 0 : state_->exporter->queued_spans();
}

const Resource& Tracer::resource() const {
  return *state_->resource;
}

const SpanLimits& Tracer::span_limits() const {
  return state_->options.span_limits;
}

}  // namespace bridge::telemetry
