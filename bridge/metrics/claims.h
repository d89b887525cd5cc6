// Which sets of labels have series of their own, where there may be more sets than series: the
// first that are needed. They keep their place for the life of the process, so that no counter goes
// back; what comes when all places are taken is counted together. Shared by the reactors, so that
// all of them mean the same by a place.
//
// Any thread. Nothing is locked or allocated: a set is a number other than 0 that says its labels.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace bridge::metrics {

class Claims final {
 public:
  explicit Claims(size_t places)
      : places_(places), keys_(std::make_unique<std::atomic<uint32_t>[]>(places)) {}

  // The place of `key`; size() if there is none for it. Looks at the places in turn: there are few.
  size_t Claim(uint32_t key) {
    for (size_t place = 0; place < places_; ++place) {
      uint32_t there = keys_[place].load(std::memory_order_relaxed);
      if (there == 0 && keys_[place].compare_exchange_strong(there, key)) return place;
      if (there == key) return place;
    }
    return places_;
  }

  size_t size() const { return places_; }
  // Whose place it is; 0: nobody's yet.
  uint32_t key(size_t place) const { return keys_[place].load(std::memory_order_relaxed); }

 private:
  const size_t places_;
  const std::unique_ptr<std::atomic<uint32_t>[]> keys_;
};

}  // namespace bridge::metrics
