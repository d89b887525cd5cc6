#include "bridge/telemetry/sampler.h"

#include <algorithm>
#include <cmath>

namespace bridge::telemetry {

Sampler::Sampler(const SamplerOptions& options)
    : parent_based_(options.parent_based),
      threshold_(static_cast<uint64_t>(
          std::llround((1.0 - std::clamp(options.ratio, 0.0, 1.0)) * 0x1.0p56))) {}

RateLimit::RateLimit(uint32_t per_second)
    : interval_(1'000'000'000 / std::max<int64_t>(per_second, 1)) {}

bool RateLimit::Admit(std::chrono::nanoseconds now) {
  constexpr int64_t kSecond = 1'000'000'000;
  int64_t full_at = full_at_.load(std::memory_order_relaxed);
  int64_t next = 0;
  do {
    next = std::max(full_at, now.count()) + interval_;
    if (next - now.count() > kSecond) return false;
  } while (!full_at_.compare_exchange_weak(full_at, next, std::memory_order_relaxed));
  return true;
}

bool Sampler::ShouldSample(const TraceId& trace_id, const TraceContext* parent) const {
  if (parent_based_ && parent != nullptr) return parent->sampled();
  uint64_t randomness = 0;
  for (size_t i = trace_id.size() - 7; i < trace_id.size(); ++i) {
    randomness = randomness << 8 | trace_id[i];
  }
  return randomness >= threshold_;
}

}  // namespace bridge::telemetry
