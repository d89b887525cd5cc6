#include "bridge/upstream/timer.h"

#include "bridge/upstream/completions.h"

namespace bridge::upstream {

// Alone in this file, so that a test program can have a clock of its own (tests/middle/fake_timer).

Timer::Clock::time_point Timer::Now() {
  return Clock::now();
}

void Timer::Set(Clock::duration time) {
  completions_->timers().Set(this, Now() + time);
}

void Timer::Stop() {
  if (is_set()) completions_->timers().Remove(this);
}

}  // namespace bridge::upstream
