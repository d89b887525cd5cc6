// One gRPC alarm that wakes the reactor for whoever keeps many points in time. The reactor's thread
// only.
#pragma once

#include <grpcpp/alarm.h>

#include <chrono>

#include "bridge/upstream/completion.h"

namespace grpc {
class CompletionQueue;
}

namespace bridge::upstream {

class AlarmClock : private Completion {
 public:
  using Clock = std::chrono::steady_clock;

  // Before the queue is shut down: it rings no more.
  void Close();

 protected:
  explicit AlarmClock(::grpc::CompletionQueue* queue) : queue_(queue) {}
  ~AlarmClock() = default;

  // Rings at `at` or earlier.
  void RingBy(Clock::time_point at) {
    if (at < armed_for_) Arm(at);
  }

 private:
  // Does one thing that is due, if there is any: each is an event of its own, so that many that are
  // due at once do not keep others waiting. Returns when to ring next; max: never. RingBy need not
  // be called meanwhile.
  virtual Clock::time_point Ring() = 0;

  void Complete(bool ok) override;
  void Arm(Clock::time_point at);

  ::grpc::CompletionQueue* const queue_;
  ::grpc::Alarm alarm_;
  Clock::time_point armed_for_ = Clock::time_point::max();  // max: not armed; min: ringing
  bool closed_ = false;
};

// A point in time as gRPC takes it.
gpr_timespec ToGrpcTime(AlarmClock::Clock::time_point time);

}  // namespace bridge::upstream
