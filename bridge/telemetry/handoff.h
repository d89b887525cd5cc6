// The background thread between the threads that record spans and those that keep or send them.
// Producers pay one queue slot and one atomic exchange a span; a system call only when the thread
// sleeps, and then it stays awake until it has gathered for a while, so that there are at most some
// twenty wake-ups a second at low rates.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "bridge/telemetry/span.h"
#include "bridge/telemetry/span_queue.h"

namespace bridge::telemetry {

class SpanHandoff final {
 public:
  // `deliver` is called on the background thread, never with an empty batch.
  SpanHandoff(size_t queue_spans, std::function<void(SpanBatch)> deliver);
  ~SpanHandoff();

  // Any thread; never blocks. Drops and counts the span if the queue is full or after Stop.
  void Add(std::shared_ptr<const SpanRecord> span);

  // Waits until what was added before is delivered; false if `deadline` passes first.
  bool Flush(std::chrono::steady_clock::time_point deadline);
  // Delivers what was added before, then ends the thread.
  void Stop();

  uint64_t dropped_spans() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void Run();
  // Sleeps until woken, or until `timeout` (negative: none) has passed.
  void Sleep(std::chrono::milliseconds timeout);
  void Wake();
  SpanBatch Drain();
  uint64_t FlushesRequested();
  void CompleteFlushes(uint64_t flushes);
  std::chrono::milliseconds GatherTime(size_t delivered, std::chrono::milliseconds elapsed) const;

  SpanQueue queue_;
  const std::function<void(SpanBatch)> deliver_;
  const int event_;                 // eventfd
  std::atomic<bool> awake_{false};  // set by the first producer after a drain
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> dropped_{0};

  std::mutex flush_mutex_;  // of Flush and the thread; producers never take it
  std::condition_variable flushed_;
  uint64_t flushes_requested_ = 0;
  uint64_t flushes_done_ = 0;
  std::thread thread_;
};

}  // namespace bridge::telemetry
