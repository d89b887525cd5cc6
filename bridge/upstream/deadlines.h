// Deadlines of the calls of one reactor that have all the same time or nearly so, kept with a
// single gRPC alarm. For times of all lengths there is Timer.
//
// gRPC's own deadline checks are off (channel.cc): they arm a timer for each call, and what they
// end is told only when the connection has taken all of the request, which a service that stands
// still never does.
#pragma once

#include <chrono>

#include "bridge/upstream/alarm_clock.h"

namespace bridge::upstream {

// The reactor's thread only.
class Deadlines final : public AlarmClock {
 public:
  // Part of each call.
  class Entry {
   public:
    // Called once when the deadline has passed. The entry is listed no more.
    virtual void Expire() = 0;

   protected:
    ~Entry() = default;

   private:
    friend Deadlines;
    Clock::time_point at_;
    Entry* earlier_ = nullptr;
    Entry* later_ = nullptr;
    bool listed_ = false;
  };

  explicit Deadlines(::grpc::CompletionQueue* queue) : AlarmClock(queue) {}

  // `entry` must not be listed. Quick if `at` is later than most that are listed, as with
  // one timeout for all calls.
  void Add(Entry* entry, Clock::time_point at);
  // Does nothing with an entry that is not listed.
  void Remove(Entry* entry);
  bool empty() const { return first_ == nullptr; }

 private:
  Clock::time_point Ring() override;

  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
};

}  // namespace bridge::upstream
