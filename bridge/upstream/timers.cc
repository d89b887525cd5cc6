#include "bridge/upstream/timer.h"

namespace bridge::upstream {

void Timers::Put(size_t place, Slot slot) {
  heap_[place] = slot;
  slot.timer->place_ = place;
}

// Both find the place of `slot`, beginning at a free one.
void Timers::Up(size_t place, Slot slot) {
  while (place > 0) {
    const size_t parent = (place - 1) / 2;
    if (heap_[parent].at <= slot.at) break;
    Put(place, heap_[parent]);
    place = parent;
  }
  Put(place, slot);
}

void Timers::Down(size_t place, Slot slot) {
  while (true) {
    size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].at < heap_[child].at) ++child;
    if (heap_[child].at >= slot.at) break;
    Put(place, heap_[child]);
    place = child;
  }
  Put(place, slot);
}

void Timers::Set(Timer* timer, Clock::time_point at) {
  timer->at_ = at;
  if (!timer->is_set()) {
    heap_.emplace_back();
    Up(heap_.size() - 1, {at, timer});
  } else if (at < heap_[timer->place_].at) {
    Up(timer->place_, {at, timer});
  }
  RingBy(at);
}

void Timers::Remove(Timer* timer) {
  if (!timer->is_set()) return;
  const size_t place = timer->place_;
  timer->place_ = Timer::kNowhere;
  const Slot last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return;
  if (place > 0 && last.at < heap_[(place - 1) / 2].at) {
    Up(place, last);
  } else {
    Down(place, last);
  }
}

Timers::Clock::time_point Timers::Ring() {
  if (!heap_.empty() && heap_[0].at <= Clock::now()) {
    Timer* const timer = heap_[0].timer;
    if (timer->at_ > heap_[0].at) {
      Down(0, {timer->at_, timer});
    } else {
      Remove(timer);
      timer->expired_(timer->owner_);
    }
  }
  return heap_.empty() ? Clock::time_point::max() : heap_[0].at;
}

}  // namespace bridge::upstream
