// Stands in for bridge/upstream/timer.cc: this test program defines the members of upstream::Timer
// itself, so that the linker never takes the real ones, and time passes only when the test says so.
#pragma once

#include <chrono>

#include "bridge/upstream/timer.h"

namespace bridge::upstream {

// Lets this much time pass for all timers: they expire in order, each at its own time.
void PassTime(Timer::Clock::duration time);

// How many timers are set.
size_t TimersSet();

}  // namespace bridge::upstream
