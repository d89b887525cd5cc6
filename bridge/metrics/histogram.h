// Histograms of durations and sizes, and the traces that are examples of them. One thread writes,
// any thread reads (cells.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "bridge/metrics/cells.h"
#include "bridge/telemetry/span.h"
#include "bridge/telemetry/trace_context.h"

namespace bridge::metrics {

// What is observed: nanoseconds, shown as seconds; or bytes.
enum class Unit : uint8_t { kSeconds, kBytes };

// A bucket counts what is at most `most`; `le` is the same number as its label has it.
struct Bound {
  uint64_t most;
  std::string_view le;
};

inline constexpr size_t kMaxBounds = 14;
inline constexpr size_t kMaxBuckets = kMaxBounds + 1;  // the last one has no bound

struct Layout {
  std::span<const Bound> bounds;  // ascending, at most kMaxBounds
  Unit unit;
};

// Of OpenTelemetry's conventions for HTTP and RPC: 5 ms to 10 s.
extern const Layout kRequestSeconds;
// Of those for MCP: 10 ms to 5 min.
extern const Layout kOperationSeconds;
// 256 bytes to 16 MiB.
extern const Layout kBytes;

class Histogram final {
 public:
  // The bucket that `value` falls into.
  size_t Observe(const Layout& layout, uint64_t value) {
    size_t bucket = 0;
    while (bucket < layout.bounds.size() && value > layout.bounds[bucket].most) ++bucket;
    counts_[bucket].Add();
    sum_.Add(value);
    return bucket;
  }

  uint64_t count(size_t bucket) const { return counts_[bucket].value(); }
  uint64_t sum() const { return sum_.value(); }

 private:
  std::array<Counter, kMaxBuckets> counts_;
  Counter sum_;
};

// One observation that has a trace.
struct Exemplar {
  telemetry::TraceId trace_id{};
  telemetry::SpanId span_id{};
  uint64_t value = 0;
  telemetry::Clock::time_point time;
};

// The latest example of one bucket; a new one is taken at most once a second. A reader that comes
// while it is written goes without.
class ExemplarCell final {
 public:
  void Offer(const telemetry::TraceContext& trace, uint64_t value,
             telemetry::Clock::time_point time);
  std::optional<Exemplar> Read() const;

 private:
  std::atomic<uint32_t> turn_{0};  // odd while the words are written; 0: there are none yet
  std::array<std::atomic<uint64_t>, 5> words_{};  // trace id, span id, value, time
};

// A histogram with an exemplar a bucket.
class TracedHistogram final {
 public:
  // `trace` is null, or the span that was measured; it is an example if it is recorded.
  void Observe(const Layout& layout, uint64_t value, const telemetry::TraceContext* trace,
               telemetry::Clock::time_point time) {
    const size_t bucket = counts_.Observe(layout, value);
    if (trace != nullptr && trace->recorded) exemplars_[bucket].Offer(*trace, value, time);
  }

  const Histogram& counts() const { return counts_; }
  const ExemplarCell& exemplar(size_t bucket) const { return exemplars_[bucket]; }

 private:
  Histogram counts_;
  std::array<ExemplarCell, kMaxBuckets> exemplars_;
};

// What several histograms of one layout have counted together.
class HistogramSum final {
 public:
  void Add(const Histogram& histogram);
  void Add(const TracedHistogram& histogram);
  void Add(const HistogramSum& sum);

  uint64_t count(size_t bucket) const { return counts_[bucket]; }
  uint64_t total() const;
  uint64_t sum() const { return sum_; }
  const std::optional<Exemplar>& exemplar(size_t bucket) const { return exemplars_[bucket]; }

 private:
  void Offer(size_t bucket, const std::optional<Exemplar>& exemplar);

  std::array<uint64_t, kMaxBuckets> counts_{};
  uint64_t sum_ = 0;
  std::array<std::optional<Exemplar>, kMaxBuckets> exemplars_;  // the newest
};

// From `begin` to `end` in nanoseconds; 0 where the clock was set back meanwhile.
inline uint64_t Nanoseconds(telemetry::Clock::time_point begin, telemetry::Clock::time_point end) {
  return end <= begin
             ? 0
             : static_cast<uint64_t>(
                   std::chrono::duration_cast<std::chrono::nanoseconds>(end - begin).count());
}

}  // namespace bridge::metrics
