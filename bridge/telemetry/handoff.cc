#include "bridge/telemetry/handoff.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace bridge::telemetry {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMaxGatherTime{50};
constexpr milliseconds kMinGatherTime{1};

}  // namespace

SpanHandoff::SpanHandoff(size_t queue_spans, std::function<void(SpanBatch)> deliver)
    : queue_(queue_spans),
      deliver_(std::move(deliver)),
      event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

SpanHandoff::~SpanHandoff() {
  Stop();
  close(event_);
}

void SpanHandoff::Add(std::shared_ptr<const SpanRecord> span) {
  if (stopping_.load(std::memory_order_relaxed) || !queue_.TryPush(std::move(span))) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  // Two exchanges on one flag are ordered: either the thread's exchange comes later and sees the
  // span, or ours does and sees false, and wakes the thread.
  if (!awake_.exchange(true, std::memory_order_acq_rel)) Wake();
}

void SpanHandoff::Wake() {
  const uint64_t one = 1;
  // Fails only when the counter is at its maximum, and then the thread is awake.
  [[maybe_unused]] const ssize_t written = write(event_, &one, sizeof(one));
}

void SpanHandoff::Sleep(milliseconds timeout) {
  pollfd descriptor{event_, POLLIN, 0};
  poll(&descriptor, 1, static_cast<int>(timeout.count()));
  uint64_t count;
  [[maybe_unused]] const ssize_t got = read(event_, &count, sizeof(count));
}

SpanBatch SpanHandoff::Drain() {
  SpanBatch batch;
  while (std::shared_ptr<const SpanRecord> span = queue_.TryPop()) batch.push_back(std::move(span));
  return batch;
}

// The queue shall be about an eighth full at the next drain, if spans keep coming as they did.
milliseconds SpanHandoff::GatherTime(size_t delivered, milliseconds elapsed) const {
  const size_t target = queue_.capacity() / 8;
  const auto time = (elapsed + milliseconds(1)) * target / std::max<size_t>(delivered, 1);
  return std::clamp<milliseconds>(time, kMinGatherTime, kMaxGatherTime);
}

uint64_t SpanHandoff::FlushesRequested() {
  const std::lock_guard lock(flush_mutex_);
  return flushes_requested_;
}

void SpanHandoff::CompleteFlushes(uint64_t flushes) {
  const std::lock_guard lock(flush_mutex_);
  flushes_done_ = flushes;
  flushed_.notify_all();
}

void SpanHandoff::Run() {
  using std::chrono::steady_clock;
  milliseconds gather_time = kMaxGatherTime;
  steady_clock::time_point last_drain = steady_clock::now();
  uint64_t flushes = 0;
  for (bool stopping = false; !stopping;) {
    Sleep(milliseconds(-1));
    const bool hurry = stopping_.load(std::memory_order_acquire) || FlushesRequested() != flushes;
    if (!hurry) Sleep(gather_time);

    stopping = stopping_.load(std::memory_order_acquire);
    flushes = FlushesRequested();
    awake_.exchange(false, std::memory_order_acq_rel);
    SpanBatch batch = Drain();
    const steady_clock::time_point now = steady_clock::now();
    gather_time =
        GatherTime(batch.size(), std::chrono::duration_cast<milliseconds>(now - last_drain));
    last_drain = now;
    if (!batch.empty()) deliver_(std::move(batch));
    CompleteFlushes(flushes);
  }
}

bool SpanHandoff::Flush(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(flush_mutex_);
  if (stopping_.load(std::memory_order_relaxed)) return true;
  const uint64_t mine = ++flushes_requested_;
  Wake();
  return flushed_.wait_until(lock, deadline, [&] { return flushes_done_ >= mine; });
}

void SpanHandoff::Stop() {
  if (stopping_.exchange(true, std::memory_order_acq_rel)) return;
  Wake();
  thread_.join();
}

}  // namespace bridge::telemetry
