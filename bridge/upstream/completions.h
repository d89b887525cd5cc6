// The completion queue of one reactor. Events are handled on the reactor's thread only: while it is
// busy it polls the queue itself, and while answers come quickly it waits in gRPC itself; before
// it sleeps for longer it lets a pump thread wait in gRPC, which does nothing but hand tags over.
// So no call object is ever touched by two threads.
#pragma once

#include <grpcpp/completion_queue.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <semaphore>
#include <thread>
#include <vector>

#include "bridge/upstream/completion.h"
#include "bridge/upstream/deadlines.h"
#include "bridge/upstream/timer.h"

namespace bridge::upstream {

class Completions final {
 public:
  // `wake` is called on the pump thread when events wait; it must make the reactor's thread leave
  // its sleep and call Poll. It may be called after the reactor is awake already.
  explicit Completions(std::function<void()> wake);
  // Shuts down, unless that has been done.
  ~Completions();

  ::grpc::CompletionQueue* queue() { return &queue_; }
  // Of unary calls.
  Deadlines& deadlines() { return deadlines_; }
  // When a unary call that we end is told so, even if gRPC still holds it.
  Deadlines& ends() { return ends_; }
  // For Timer.
  Timers& timers() { return timers_; }

  // Whether there is anything to poll for: a call that has not been told its end, a timer that is
  // set, a ping, or an event that the pump has handed over.
  bool pending() const {
    return !deadlines_.empty() || !timers_.empty() || !ends_.empty() || pinged() || handed_over() ||
           !taken_.empty();
  }

  // Lets gRPC read and write its sockets, and handles what is ready without waiting, but no more
  // than 16 events, so that our own sockets get their turn; returns how many there were.
  size_t Poll();

  // Runs `pong` as the queue's next event: a sign that events are still handled. Poll for it as for
  // a call under way: while pinged(). Not after Shutdown.
  void Ping(std::function<void()> pong);
  bool pinged() const { return pings_ > 0; }

  // Waits a moment for events and handles them, where the last ones came so quickly that this is
  // cheaper than two thread switches; returns false, having done nothing, where it is not. Sockets
  // are not looked at meanwhile: that is under a quarter of a millisecond as a rule and two
  // milliseconds once, when upstreams turn slow. Call it only when something is pending().
  bool WaitBriefly();

  // True if the pump has handed over an event for Poll. It may be one that no call waits for: of an
  // alarm, or of a call that has told its end before gRPC let go of it.
  bool handed_over() const { return delivered_.load(std::memory_order_acquire); }

  // Call before the reactor sleeps: from now on the pump waits in gRPC. Cheap when it already does.
  void Watch();

  // Handles events until the queue is empty and closed. Blocks until gRPC has let go of every call,
  // which may be long where a peer takes no more bytes. Every call must have been told its end.
  void Shutdown();

 private:
  struct Event {
    void* tag;
    bool ok;
  };
  class PendingPing;
  using Clock = std::chrono::steady_clock;

  void Pump();
  // Takes the next event and what waits behind it; false if none comes.
  bool Take(gpr_timespec until);
  size_t HandleTaken();
  void NoteArrival();

  std::function<void()> wake_;
  ::grpc::CompletionQueue queue_;
  Deadlines deadlines_{&queue_};
  Deadlines ends_{&queue_};
  Timers timers_{&queue_};
  // The pump's one event in flight: written by the pump, then `delivered_` is set; taken by the
  // reactor, which clears it and releases the pump again when it next sleeps.
  Event event_{};
  std::atomic<bool> delivered_{false};
  // The reactor's thread only:
  std::vector<Event> taken_;           // from gRPC, to be handled in this order
  size_t handled_ = 0;                 // of these
  bool watching_ = false;              // the pump is in gRPC or has an event for us
  Clock::time_point waiting_since_{};  // the first wait since the last event; zero: none
  int quick_waits_ = 0;                // short ones of late, see NoteArrival
  int pings_ = 0;                      // whose event has not come yet
  std::counting_semaphore<2> go_{0};
  std::atomic<bool> stopping_{false};
  std::thread pump_;
};

}  // namespace bridge::upstream
