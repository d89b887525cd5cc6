#include "bridge/upstream/alarm_clock.h"

#include <grpcpp/completion_queue.h>

namespace bridge::upstream {

gpr_timespec ToGrpcTime(AlarmClock::Clock::time_point time) {
  // Both are CLOCK_MONOTONIC.
  return gpr_time_from_nanos(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count(),
      GPR_CLOCK_MONOTONIC);
}

void AlarmClock::Close() {
  closed_ = true;
  alarm_.Cancel();
}

void AlarmClock::Arm(Clock::time_point at) {
  if (closed_) return;
  if (armed_for_ != Clock::time_point::max()) {
    alarm_.Cancel();  // Complete arms it anew
    return;
  }
  armed_for_ = at;
  alarm_.Set(queue_, ToGrpcTime(at), static_cast<Completion*>(this));
}

void AlarmClock::Complete(bool /*ok*/) {
  if (closed_) return;
  armed_for_ = Clock::time_point::min();
  const Clock::time_point next = Ring();
  armed_for_ = Clock::time_point::max();
  RingBy(next);
}

}  // namespace bridge::upstream
