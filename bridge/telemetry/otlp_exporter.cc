#include "bridge/telemetry/otlp_exporter.h"

#include <algorithm>
#include <utility>

#include "bridge/telemetry/log.h"
#include "bridge/telemetry/otlp_encode.h"
#include "bridge/telemetry/random_id.h"

namespace bridge::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Outcome = SendResult::Outcome;

constexpr std::chrono::seconds kLogInterval{60};
constexpr char kLogger[] = "telemetry";

}  // namespace

OtlpExporter::OtlpExporter(OtlpOptions options, std::shared_ptr<const Resource> resource)
    : options_(std::move(options)),
      resource_(std::move(resource)),
      sender_(options_.protocol == OtlpOptions::Protocol::kGrpc ? MakeGrpcSender(options_)
                                                                : MakeHttpSender(options_)),
      thread_([this] { Run(); }) {}

OtlpExporter::~OtlpExporter() {
  Shutdown(steady_clock::now());
}

void OtlpExporter::Add(const SpanBatch& spans) {
  const std::lock_guard lock(mutex_);
  const size_t room = stopping_ ? 0 : options_.max_queue_spans - queue_.size();
  const size_t count = std::min(spans.size(), room);
  if (queue_.empty()) oldest_added_ = steady_clock::now();
  queue_.insert(queue_.end(), spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(count));
  added_ += count;
  overflowed_ += spans.size() - count;
  dropped_.fetch_add(spans.size() - count, std::memory_order_relaxed);
  changed_.notify_all();
}

size_t OtlpExporter::queued_spans() {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

bool OtlpExporter::Flush(TimePoint deadline) {
  std::unique_lock lock(mutex_);
  const uint64_t target = added_;
  hurry_until_ = std::max(hurry_until_, target);
  changed_.notify_all();
  return changed_.wait_until(lock, deadline, [&] { return settled_ >= target; });
}

void OtlpExporter::Shutdown(TimePoint deadline) {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  changed_.wait_until(lock, deadline, [&] { return settled_ == added_; });
  cancelled_ = true;
  changed_.notify_all();
  lock.unlock();
  sender_->Cancel();
  thread_.join();
  dropped_.fetch_add(queue_.size(), std::memory_order_relaxed);
  queue_.clear();
}

bool OtlpExporter::IsDue(TimePoint now) const {
  if (queue_.empty()) return false;
  return stopping_ || settled_ < hurry_until_ || queue_.size() >= options_.max_batch_spans ||
         now >= oldest_added_ + options_.schedule_delay;
}

void OtlpExporter::Run() {
  std::unique_lock lock(mutex_);
  while (!cancelled_) {
    if (!IsDue(steady_clock::now())) {
      if (queue_.empty()) {
        changed_.wait(lock);
      } else {
        changed_.wait_until(lock, oldest_added_ + options_.schedule_delay);
      }
      continue;
    }
    const SpanBatch batch = TakeBatch();
    const uint64_t overflowed = std::exchange(overflowed_, 0);
    lock.unlock();
    if (overflowed > 0) {
      LogProblem("spans were dropped", "they come faster than they are exported", overflowed);
    }
    Export(batch);
    lock.lock();
    settled_ += batch.size();
    changed_.notify_all();
  }
}

SpanBatch OtlpExporter::TakeBatch() {
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(
                                        std::min<size_t>(queue_.size(), options_.max_batch_spans));
  SpanBatch batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  oldest_added_ = steady_clock::now();
  return batch;
}

void OtlpExporter::Export(Spans spans) {
  const std::string request = EncodeOtlp(spans, *resource_);
  if (request.size() <= options_.max_request_bytes) {
    Settle(spans.size(), SendUntilSettled(request));
  } else if (spans.size() > 1) {
    Export(spans.first(spans.size() / 2));
    Export(spans.subspan(spans.size() / 2));
  } else {
    SendResult too_large;
    too_large.outcome = Outcome::kRefused;
    too_large.message =
        "one span is larger than " + std::to_string(options_.max_request_bytes) + " bytes";
    Settle(1, too_large);
  }
}

SendResult OtlpExporter::SendUntilSettled(const std::string& request) {
  if (!Wait(not_before_)) return {Outcome::kRefused, {}, 0, "shutting down"};
  const TimePoint deadline =
      options_.timeout.count() == 0 ? TimePoint::max() : steady_clock::now() + options_.timeout;
  for (int retries = 0;; ++retries) {
    SendResult result = sender_->Send(request, deadline);
    if (result.outcome != Outcome::kRetry) return result;
    const TimePoint next = steady_clock::now() + result.retry_after.value_or(Backoff(retries));
    if (result.retry_after) not_before_ = next;
    if (next >= deadline || !Wait(next)) return result;
  }
}

milliseconds OtlpExporter::Backoff(int retries) const {
  milliseconds backoff = options_.initial_backoff;
  for (int i = 0; i < retries && backoff < options_.max_backoff; ++i) backoff *= 2;
  backoff = std::min(backoff, options_.max_backoff);
  return std::chrono::duration_cast<milliseconds>(backoff * (1.0 - MakeRandomFraction() / 2));
}

bool OtlpExporter::Wait(TimePoint until) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_until(lock, until, [&] { return cancelled_; });
}

void OtlpExporter::Settle(size_t spans, const SendResult& result) {
  if (result.outcome != Outcome::kAccepted) {
    dropped_.fetch_add(spans, std::memory_order_relaxed);
    failure_logged_ |= LogProblem("spans could not be exported", result.message, spans);
    return;
  }
  const size_t rejected = std::min(spans, static_cast<size_t>(result.rejected_spans));
  exported_.fetch_add(spans - rejected, std::memory_order_relaxed);
  dropped_.fetch_add(rejected, std::memory_order_relaxed);
  if (rejected > 0) {
    LogProblem("the collector rejected spans", result.message, rejected);
  } else if (!result.message.empty()) {
    LogProblem("the collector took all spans with a warning", result.message, 0);
  }
  if (std::exchange(failure_logged_, false)) {
    Log(LogLevel::kInfo, kLogger, "spans are exported again");
  }
}

bool OtlpExporter::LogProblem(std::string_view message, std::string_view reason, uint64_t spans) {
  ++problems_since_logged_;
  const TimePoint now = steady_clock::now();
  if (last_logged_ && now - *last_logged_ < kLogInterval) return false;
  last_logged_ = now;
  Log(LogLevel::kWarning, kLogger, message,
      {{"endpoint", options_.endpoint.substr(0, options_.endpoint.find('?'))},
       {"reason", reason},
       {"spans", spans},
       {"dropped_spans_in_all", dropped_spans()},
       {"problems", problems_since_logged_}});
  problems_since_logged_ = 0;
  return true;
}

}  // namespace bridge::telemetry
