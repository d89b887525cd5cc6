// Timers of any length on the reactor's thread: heartbeats, silence, rates, lives of streams. One
// is part of its owner and takes no memory of its own.
//
// Deadlines is for the calls that all have one timeout: cheaper still, but slow with mixed times.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "bridge/upstream/alarm_clock.h"

namespace bridge::upstream {

class Completions;

// The reactor's thread only.
class Timer final {
 public:
  using Clock = AlarmClock::Clock;

  // Calls `owner->expired()`, a member function, each time that it expires. That may do anything
  // with the timer: set it again, or destroy it with its owner. `completions` outlives it.
  template <auto expired, class Owner>
  static Timer Of(Completions* completions, Owner* owner) {
    return {completions, owner, [](void* self) { (static_cast<Owner*>(self)->*expired)(); }};
  }
  ~Timer() { Stop(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Expires once, in `time` from now. One that is set already is moved; to a later time that costs
  // next to nothing, so a timer of silence may be set anew with each message.
  void Set(Clock::duration time);
  void Stop();
  bool is_set() const { return place_ != kNowhere; }

  // The clock that it goes by, for what is measured beside it. (A test may have another.)
  static Clock::time_point Now();

 private:
  friend class Timers;
  static constexpr size_t kNowhere = static_cast<size_t>(-1);

  Timer(Completions* completions, void* owner, void (*expired)(void*))
      : completions_(completions), owner_(owner), expired_(expired) {}

  Completions* const completions_;
  void* const owner_;
  void (*const expired_)(void*);
  Clock::time_point at_{};
  size_t place_ = kNowhere;  // in the heap
};

// Those of one reactor that are set: a heap, so that it does not matter how long each one is.
class Timers final : public AlarmClock {
 public:
  explicit Timers(::grpc::CompletionQueue* queue) : AlarmClock(queue) {}

  void Set(Timer* timer, Clock::time_point at);
  void Remove(Timer* timer);
  bool empty() const { return heap_.empty(); }

 private:
  // `at` is when it is looked at: its time, or an earlier one if it was moved since.
  struct Slot {
    Clock::time_point at;
    Timer* timer;
  };

  Clock::time_point Ring() override;
  void Put(size_t place, Slot slot);
  void Up(size_t place, Slot slot);
  void Down(size_t place, Slot slot);

  std::vector<Slot> heap_;  // the earliest first
};

}  // namespace bridge::upstream
