#include "bridge/upstream/deadlines.h"

#include <grpcpp/completion_queue.h>

namespace bridge::upstream {

gpr_timespec ToGrpcTime(Deadlines::Clock::time_point time) {
  // Both are CLOCK_MONOTONIC.
  return gpr_time_from_nanos(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count(),
      GPR_CLOCK_MONOTONIC);
}

void Deadlines::Add(Entry* entry, Clock::time_point at) {
  entry->at_ = at;
  entry->listed_ = true;
  Entry* before = last_;
  while (before != nullptr && before->at_ > at) before = before->earlier_;
  Entry* const after = before == nullptr ? first_ : before->later_;
  entry->earlier_ = before;
  entry->later_ = after;
  (before == nullptr ? first_ : before->later_) = entry;
  (after == nullptr ? last_ : after->earlier_) = entry;
  if (at < armed_for_) Arm();
}

void Deadlines::Remove(Entry* entry) {
  if (!entry->listed_) return;
  entry->listed_ = false;
  (entry->earlier_ == nullptr ? first_ : entry->earlier_->later_) = entry->later_;
  (entry->later_ == nullptr ? last_ : entry->later_->earlier_) = entry->earlier_;
  // The alarm stays: under load it is set once in the time of a whole deadline.
}

void Deadlines::Close() {
  closed_ = true;
  alarm_.Cancel();
}

void Deadlines::Arm() {
  if (closed_) return;
  if (armed_for_ != Clock::time_point::max()) {
    alarm_.Cancel();  // Complete arms it anew
    return;
  }
  armed_for_ = first_->at_;
  alarm_.Set(queue_, ToGrpcTime(armed_for_), static_cast<Completion*>(this));
}

void Deadlines::Complete(bool /*ok*/) {
  armed_for_ = Clock::time_point::max();
  if (closed_) return;
  if (Entry* const entry = first_; entry != nullptr && entry->at_ <= Clock::now()) {
    Remove(entry);
    entry->Expire();
  }
  if (first_ != nullptr && armed_for_ == Clock::time_point::max()) Arm();
}

}  // namespace bridge::upstream
