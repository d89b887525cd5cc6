#include "tests/middle/fake_timer.h"

#include <functional>
#include <map>

namespace bridge::upstream {
namespace {

struct FakeClock {
  Timer::Clock::time_point now{std::chrono::hours(1)};
  // In the order of their times; of the same time, in that in which they were set.
  std::multimap<Timer::Clock::time_point, std::pair<Timer*, std::function<void()>>> timers;
};

FakeClock& TheClock() {
  static FakeClock clock;
  return clock;
}

}  // namespace

Timer::Clock::time_point Timer::Now() {
  return TheClock().now;
}

void Timer::Set(Clock::duration time) {
  Stop();
  at_ = Now() + time;
  place_ = 0;
  TheClock().timers.emplace(at_, std::pair(this, [this] {
                              place_ = kNowhere;
                              expired_(owner_);
                            }));
}

void Timer::Stop() {
  place_ = kNowhere;
  std::erase_if(TheClock().timers, [this](const auto& set) { return set.second.first == this; });
}

void PassTime(Timer::Clock::duration time) {
  FakeClock& clock = TheClock();
  const Timer::Clock::time_point end = clock.now + time;
  while (!clock.timers.empty() && clock.timers.begin()->first <= end) {
    const auto [at, timer] = *clock.timers.begin();
    clock.timers.erase(clock.timers.begin());
    clock.now = at;
    timer.second();
  }
  clock.now = end;
}

size_t TimersSet() {
  return TheClock().timers.size();
}

}  // namespace bridge::upstream
