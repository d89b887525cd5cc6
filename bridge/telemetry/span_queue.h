// Hands finished spans from any number of threads to one, without locks and without waiting: a
// bounded ring of slots, each with a sequence number that says whose turn it is (D. Vyukov's
// bounded queue, reduced to one consumer).
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

#include "bridge/telemetry/span.h"

namespace bridge::telemetry {

class SpanQueue final {
 public:
  // Rounded up to a power of two, at least 2.
  explicit SpanQueue(size_t capacity)
      : mask_(std::bit_ceil(std::max<size_t>(capacity, 2)) - 1),
        slots_(std::make_unique<Slot[]>(mask_ + 1)) {
    for (size_t i = 0; i <= mask_; ++i) slots_[i].turn.store(i, std::memory_order_relaxed);
  }

  size_t capacity() const { return mask_ + 1; }

  // Any thread. False, and `span` untouched, if the queue is full.
  bool TryPush(std::shared_ptr<const SpanRecord>&& span) {
    size_t position = tail_.load(std::memory_order_relaxed);
    for (;;) {
      Slot& slot = slots_[position & mask_];
      const size_t turn = slot.turn.load(std::memory_order_acquire);
      if (turn == position) {
        if (tail_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) {
          slot.span = std::move(span);
          slot.turn.store(position + 1, std::memory_order_release);
          return true;
        }
      } else if (turn < position) {
        return false;
      } else {
        position = tail_.load(std::memory_order_relaxed);
      }
    }
  }

  // The one consumer. Null if the queue is empty, or the next producer has not finished its push:
  // that producer's wake-up is still to come.
  std::shared_ptr<const SpanRecord> TryPop() {
    Slot& slot = slots_[head_ & mask_];
    if (slot.turn.load(std::memory_order_acquire) != head_ + 1) return nullptr;
    std::shared_ptr<const SpanRecord> span = std::move(slot.span);
    slot.turn.store(head_ + mask_ + 1, std::memory_order_release);
    ++head_;
    return span;
  }

 private:
  struct Slot {
    std::atomic<size_t> turn;
    std::shared_ptr<const SpanRecord> span;
  };

  static constexpr size_t kCacheLine = 64;
  const size_t mask_;
  const std::unique_ptr<Slot[]> slots_;
  alignas(kCacheLine) std::atomic<size_t> tail_{0};
  alignas(kCacheLine) size_t head_ = 0;
};

}  // namespace bridge::telemetry
