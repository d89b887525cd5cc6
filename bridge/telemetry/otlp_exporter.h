// Sends spans to a collector in batches (OTLP 1.11; OpenTelemetry's batch span processor), on a
// thread of its own, so that a slow, hanging or dead collector costs nothing but the spans that no
// longer fit into the queue. One request is under way at a time.
//
// A batch that fails in a retryable way is sent again after an exponential backoff with jitter, or
// after the time the collector asks for, until OtlpOptions::timeout is used up. What is dropped is
// counted, and logged at most once a minute.
// Any thread may add; Shutdown and the destructor: one thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "bridge/telemetry/otlp_options.h"
#include "bridge/telemetry/otlp_sender.h"
#include "bridge/telemetry/span.h"

namespace bridge::telemetry {

class OtlpExporter final {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  OtlpExporter(OtlpOptions options, std::shared_ptr<const Resource> resource);
  // Stops at once.
  ~OtlpExporter();

  // Never waits. Spans that do not fit are dropped and counted.
  void Add(const SpanBatch& spans);

  // Sends what was added before without further delay; false if that is not done by `deadline`.
  bool Flush(TimePoint deadline);
  // As Flush; what is left at the deadline is given up, and the thread ends.
  void Shutdown(TimePoint deadline);

  uint64_t exported_spans() const { return exported_.load(std::memory_order_relaxed); }
  // Wait to be sent, without those on their way.
  size_t queued_spans();
  // Queue full, given up, or refused by the collector.
  uint64_t dropped_spans() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  using Spans = std::span<const std::shared_ptr<const SpanRecord>>;

  void Run();
  // With the lock: true when the next batch should leave now.
  bool IsDue(TimePoint now) const;
  SpanBatch TakeBatch();
  void Export(Spans spans);
  SendResult SendUntilSettled(const std::string& request);
  // False if it was cut short by the end of a shutdown.
  bool Wait(TimePoint until);
  std::chrono::milliseconds Backoff(int retries) const;
  void Settle(size_t spans, const SendResult& result);
  // At most once a minute; true if it was logged.
  bool LogProblem(std::string_view message, std::string_view reason, uint64_t spans);

  const OtlpOptions options_;
  const std::shared_ptr<const Resource> resource_;
  const std::unique_ptr<OtlpSender> sender_;
  std::atomic<uint64_t> exported_{0};
  std::atomic<uint64_t> dropped_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<const SpanRecord>> queue_;
  TimePoint oldest_added_;    // of the queue
  uint64_t added_ = 0;        // spans that entered the queue, ever
  uint64_t settled_ = 0;      // of them: exported or dropped
  uint64_t hurry_until_ = 0;  // value of settled_ up to which nothing waits for a full batch
  uint64_t overflowed_ = 0;   // spans that found the queue full, and were not yet reported
  bool stopping_ = false;     // end when the queue is empty
  bool cancelled_ = false;    // end now

  // Of the thread alone.
  std::optional<TimePoint> last_logged_;
  uint64_t problems_since_logged_ = 0;
  bool failure_logged_ = false;  // and no success since
  TimePoint not_before_{};       // the collector asked for a pause

  std::thread thread_;
};

}  // namespace bridge::telemetry
