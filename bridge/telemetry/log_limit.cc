#include "bridge/telemetry/log_limit.h"

#include <algorithm>
#include <utility>

namespace bridge::telemetry {

std::optional<uint64_t> LogLimit::Admit(size_t kind, TimePoint now) {
  const std::lock_guard lock(mutex_);
  Allowance& allowance = allowances_[kind % allowances_.size()];
  if (allowance.used == 0) allowance.counted = now;
  const int64_t intervals = std::max<int64_t>(0, (now - allowance.counted) / kInterval);
  allowance.counted += intervals * kInterval;
  allowance.used -= static_cast<uint32_t>(std::min<int64_t>(intervals, allowance.used));
  if (allowance.used == kBurst) {
    ++allowance.suppressed;
    ++suppressed_;
    return std::nullopt;
  }
  ++allowance.used;
  return std::exchange(allowance.suppressed, 0);
}

uint64_t LogLimit::suppressed() const {
  const std::lock_guard lock(mutex_);
  return suppressed_;
}

}  // namespace bridge::telemetry
