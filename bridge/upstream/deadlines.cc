#include "bridge/upstream/deadlines.h"

namespace bridge::upstream {

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
  RingBy(at);
}

void Deadlines::Remove(Entry* entry) {
  if (!entry->listed_) return;
  entry->listed_ = false;
  (entry->earlier_ == nullptr ? first_ : entry->earlier_->later_) = entry->later_;
  (entry->later_ == nullptr ? last_ : entry->later_->earlier_) = entry->earlier_;
  // The alarm stays: under load it is set once in the time of a whole deadline.
}

Deadlines::Clock::time_point Deadlines::Ring() {
  if (Entry* const entry = first_; entry != nullptr && entry->at_ <= Clock::now()) {
    Remove(entry);
    entry->Expire();
  }
  return first_ == nullptr ? Clock::time_point::max() : first_->at_;
}

}  // namespace bridge::upstream
