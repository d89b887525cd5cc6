// Head sampling as OpenTelemetry's built-in samplers do it (OTEL_TRACES_SAMPLER), and a rate for
// what is recorded for this process alone. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "bridge/telemetry/trace_context.h"

namespace bridge::telemetry {

// With `parent_based` a span that has a parent follows it, and `ratio` decides for roots only.
struct SamplerOptions {
  bool parent_based = true;
  double ratio = 1.0;  // 0 = never, 1 = always
  // How many of the sampled traces are recorded a second, and as many again of those that turn out
  // to be worth it at their end. 0: all. What is not recorded counts as sampled for others.
  uint32_t traces_per_second = 0;
};

// Admits so many a second, and a second's worth at once. Any thread; what it turns away costs a
// load and no write.
class RateLimit final {
 public:
  explicit RateLimit(uint32_t per_second);
  // `now` must come from a clock that does not go back.
  bool Admit(std::chrono::nanoseconds now);

 private:
  const int64_t interval_;
  std::atomic<int64_t> full_at_{0};  // when all that was admitted has been made up for
};

class Sampler final {
 public:
  explicit Sampler(const SamplerOptions& options);

  // Consistent: the same trace id and ratio give the same answer in every process that compares the
  // 56 random bits of the id as the ProbabilitySampler does.
  bool ShouldSample(const TraceId& trace_id, const TraceContext* parent) const;

 private:
  bool parent_based_;
  uint64_t threshold_;  // sampled if the last 7 bytes of the id are at least this
};

}  // namespace bridge::telemetry
