// Head sampling as OpenTelemetry's built-in samplers do it (OTEL_TRACES_SAMPLER). Stateless.
#pragma once

#include "bridge/telemetry/trace_context.h"

namespace bridge::telemetry {

// With `parent_based` a span that has a parent follows it, and `ratio` decides for roots only.
struct SamplerOptions {
  bool parent_based = true;
  double ratio = 1.0;  // 0 = never, 1 = always
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
