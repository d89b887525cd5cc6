// How often one kind of log line may be written: a flood must not fill the disk. Each kind may
// write kBurst lines at once and then one every kInterval; what is left out is counted.
//
// Kinds are told apart by a hash into a fixed table, so that no variety of lines costs memory;
// two that meet in one place share its allowance. Any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

namespace bridge::telemetry {

class LogLimit final {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr uint32_t kBurst = 20;
  static constexpr std::chrono::seconds kInterval{5};

  // Nothing if this line must be left out; else how many of its kind were since the last one.
  std::optional<uint64_t> Admit(size_t kind, TimePoint now);

  // Lines left out so far, of all kinds.
  uint64_t suppressed() const;

 private:
  struct Allowance {
    uint32_t used = 0;
    TimePoint counted;  // `used` is as of then
    uint64_t suppressed = 0;
  };

  mutable std::mutex mutex_;
  std::array<Allowance, 1024> allowances_;
  uint64_t suppressed_ = 0;
};

}  // namespace bridge::telemetry
