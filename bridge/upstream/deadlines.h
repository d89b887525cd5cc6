// Deadlines of the calls of one reactor, kept with a single gRPC alarm.
//
// gRPC's own deadline checks are off (channel.cc): they arm a timer for each call, and what they
// end is told only when the connection has taken all of the request, which a service that stands
// still never does.
#pragma once

#include <grpcpp/alarm.h>

#include <chrono>

#include "bridge/upstream/completion.h"

namespace grpc {
class CompletionQueue;
}

namespace bridge::upstream {

// The reactor's thread only.
class Deadlines final : private Completion {
 public:
  using Clock = std::chrono::steady_clock;

  // Part of each call.
  class Entry {
   public:
    // Called once when the deadline has passed. The entry is listed no more. Each call is an event
    // of its own, so that many that pass at once do not keep others waiting.
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

  explicit Deadlines(::grpc::CompletionQueue* queue) : queue_(queue) {}

  // `entry` must not be listed. Quick if `at` is later than most that are listed, as with
  // one timeout for all calls.
  void Add(Entry* entry, Clock::time_point at);
  // Does nothing with an entry that is not listed.
  void Remove(Entry* entry);

  // Before the queue is shut down: nothing expires any more.
  void Close();

 private:
  void Complete(bool ok) override;
  void Arm();

  ::grpc::CompletionQueue* const queue_;
  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
  ::grpc::Alarm alarm_;
  Clock::time_point armed_for_ = Clock::time_point::max();  // max: not armed
  bool closed_ = false;
};

// A point in time as gRPC takes it.
gpr_timespec ToGrpcTime(Deadlines::Clock::time_point time);

}  // namespace bridge::upstream
