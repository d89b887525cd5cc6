#include "bridge/upstream/completions.h"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <utility>

namespace bridge::upstream {
namespace {

// A wait in gRPC on the reactor's own thread saves two thread switches (about 10 us of CPU), and
// keeps sockets waiting as long as it lasts. So it must be short, and have been short for a while:
// answers of a slow upstream often come in bursts.
constexpr std::chrono::microseconds kQuickWait{250};
constexpr std::chrono::milliseconds kSlowWait{1};
constexpr int kEnoughQuickWaits = 32;
constexpr int kMostQuickWaits = 64;
constexpr int kLostByOneBetween = 16;  // a busy machine makes one wait late now and then
constexpr int kBriefWaitMs = 1;        // gRPC waits in whole milliseconds

constexpr size_t kEventsPerPoll = 16;
constexpr std::chrono::milliseconds kPollTime{2};  // of large answers a turn takes fewer

void Handle(void* tag, bool ok) {
  static_cast<Completion*>(tag)->Complete(ok);
}

}  // namespace

// Owns itself until its event has come.
class Completions::PendingPing final : public Completion {
 public:
  PendingPing(Completions* completions, std::function<void()> pong)
      : completions_(completions), pong_(std::move(pong)) {
    alarm_.Set(&completions->queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC),
               static_cast<Completion*>(this));
  }

  void Complete(bool /*ok*/) override {
    --completions_->pings_;
    pong_();
    delete this;
  }

 private:
  Completions* const completions_;
  const std::function<void()> pong_;
  ::grpc::Alarm alarm_;
};

Completions::Completions(std::function<void()> wake)
    : wake_(std::move(wake)), pump_([this] { Pump(); }) {}

Completions::~Completions() {
  if (pump_.joinable()) Shutdown();
}

size_t Completions::Poll() {
  if (watching_) {
    // One poller at a time: two threads in one completion queue cost half as much again.
    if (!delivered_.load(std::memory_order_acquire)) return 0;
    taken_.push_back(event_);
    delivered_.store(false, std::memory_order_relaxed);
    watching_ = false;
    NoteArrival();
  }
  Take(gpr_inf_past(GPR_CLOCK_MONOTONIC));
  return HandleTaken();
}

// gRPC looks at its sockets only when no event waits. A stream's messages are events that make new
// ones at once, so all that wait are taken before one of them is handled: otherwise some streams
// would keep everybody's answers in the sockets.
bool Completions::Take(gpr_timespec until) {
  const size_t before = taken_.size();
  Event event{};
  while (queue_.AsyncNext(&event.tag, &event.ok, until) == ::grpc::CompletionQueue::GOT_EVENT) {
    NoteArrival();
    taken_.push_back(event);
    until = gpr_inf_past(GPR_CLOCK_MONOTONIC);
  }
  return taken_.size() > before;
}

size_t Completions::HandleTaken() {
  size_t count = 0;
  const Clock::time_point end = Clock::now() + kPollTime;
  while (count < kEventsPerPoll && handled_ < taken_.size()) {
    const Event event = taken_[handled_++];
    Handle(event.tag, event.ok);
    ++count;
    if (Clock::now() > end) break;
  }
  // Room in proportion to what waits, and no move of it for every turn.
  if (handled_ == taken_.size()) {
    taken_.clear();
    handled_ = 0;
  } else if (handled_ > taken_.size() / 2) {
    taken_.erase(taken_.begin(), taken_.begin() + static_cast<ptrdiff_t>(handled_));
    handled_ = 0;
  }
  return count;
}

void Completions::Ping(std::function<void()> pong) {
  ++pings_;
  new PendingPing(this, std::move(pong));
}

bool Completions::WaitBriefly() {
  if (!taken_.empty()) return false;
  if (waiting_since_ == Clock::time_point()) waiting_since_ = Clock::now();
  if (watching_ || quick_waits_ < kEnoughQuickWaits) return false;
  const gpr_timespec until =
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(kBriefWaitMs, GPR_TIMESPAN));
  if (Take(until)) {
    HandleTaken();
  } else {
    quick_waits_ = 0;
  }
  return true;
}

// Called at the first event after a wait, to learn how long it was.
void Completions::NoteArrival() {
  if (waiting_since_ == Clock::time_point()) return;
  const Clock::duration waited = Clock::now() - waiting_since_;
  waiting_since_ = Clock::time_point();
  if (waited < kQuickWait) {
    quick_waits_ = std::min(quick_waits_ + 1, kMostQuickWaits);
  } else {
    quick_waits_ = waited < kSlowWait ? std::max(quick_waits_ - kLostByOneBetween, 0) : 0;
  }
}

void Completions::Watch() {
  if (watching_) return;
  watching_ = true;
  go_.release();
}

void Completions::Pump() {
  while (true) {
    go_.acquire();
    if (stopping_.load(std::memory_order_acquire)) return;
    Event event{};
    if (!queue_.Next(&event.tag, &event.ok)) return;
    event_ = event;
    delivered_.store(true, std::memory_order_release);
    wake_();
  }
}

void Completions::Shutdown() {
  deadlines_.Close();
  ends_.Close();
  timers_.Close();
  queue_.Shutdown();
  stopping_.store(true, std::memory_order_release);
  go_.release();
  pump_.join();
  while (HandleTaken() > 0) {
  }
  if (delivered_.load(std::memory_order_acquire)) Handle(event_.tag, event_.ok);
  delivered_.store(false, std::memory_order_relaxed);
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) Handle(tag, ok);
}

}  // namespace bridge::upstream
