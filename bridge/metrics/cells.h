// Numbers that one thread writes and any thread reads: each reactor has its own, and the scrape
// adds them up. Since nobody else writes, adding is a load and a store, without a lock or a locked
// instruction; a reader never sees a number go back.
#pragma once

#include <atomic>
#include <cstdint>

namespace bridge::metrics {

class Counter final {
 public:
  void Add(uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge final {
 public:
  void Add(int64_t change) { Set(value_.load(std::memory_order_relaxed) + change); }
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

}  // namespace bridge::metrics
