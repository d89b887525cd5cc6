#include "bridge/telemetry/sampler.h"

#include <algorithm>
#include <cmath>

namespace bridge::telemetry {

Sampler::Sampler(const SamplerOptions& options)
    : parent_based_(options.parent_based),
      threshold_(static_cast<uint64_t>(
          std::llround((1.0 - std::clamp(options.ratio, 0.0, 1.0)) * 0x1.0p56))) {}

bool Sampler::ShouldSample(const TraceId& trace_id, const TraceContext* parent) const {
  if (parent_based_ && parent != nullptr) return parent->sampled();
  uint64_t randomness = 0;
  for (size_t i = trace_id.size() - 7; i < trace_id.size(); ++i) {
    randomness = randomness << 8 | trace_id[i];
  }
  return randomness >= threshold_;
}

}  // namespace bridge::telemetry
