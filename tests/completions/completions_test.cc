// The completion queue of a reactor beside its pump thread, with real events of gRPC. Also run
// under ThreadSanitizer: gRPC is not instrumented there, so what it does itself is not looked at,
// but nothing of ours is ordered by it alone. The pump gets a tag from gRPC and hands it over by
// atomics of ours; only the reactor's thread touches what the tag points to.
#include "bridge/upstream/completions.h"

#include <grpcpp/alarm.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace bridge::upstream {
namespace {

using std::chrono::milliseconds;

// What stands in for the reactor's sockets: work from other threads, and a sleep that it ends.
class Inbox final {
 public:
  void Post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
    changed_.notify_one();
  }
  size_t Run() {
    std::deque<std::function<void()>> work;
    {
      const std::lock_guard lock(mutex_);
      work.swap(work_);
    }
    for (auto& one : work) one();
    return work.size();
  }
  void Sleep() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !work_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
};

// An operation that ends by itself after a while, or when it is cancelled.
class Operation final : public Completion {
 public:
  Operation(Completions* completions, milliseconds after, std::function<void(bool ok)> done)
      : done_(std::move(done)) {
    alarm_.Set(completions->queue(), std::chrono::system_clock::now() + after,
               static_cast<Completion*>(this));
  }
  void Cancel() { alarm_.Cancel(); }
  void Complete(bool ok) override {
    // Taken out: `done_` may destroy this.
    const auto done = std::move(done_);
    done(ok);
  }

 private:
  std::function<void(bool)> done_;
  ::grpc::Alarm alarm_;
};

// Turns as the reactor's, on the thread that calls it, while `go_on` says so.
void RunTurns(Completions* completions, Inbox* inbox, const std::function<bool()>& go_on) {
  while (go_on()) {
    if (inbox->Run() > 0) {
      completions->Poll();
      continue;
    }
    if (completions->WaitBriefly() || completions->Poll() > 0) continue;
    completions->Watch();
    inbox->Sleep();
  }
}

class CompletionsTest : public ::testing::Test {
 protected:
  Inbox inbox_;
  Completions completions_{[this] { inbox_.Post([] {}); }};
};

// An event that nobody waits for is handed over as well, and the next one after it: who sleeps sees
// that Poll has something to do.
TEST_F(CompletionsTest, WhatNobodyWaitsForIsHandedOver) {
  int completed = 0;
  std::vector<std::unique_ptr<Operation>> operations;
  for (int i = 0; i < 3; ++i) {
    operations.push_back(std::make_unique<Operation>(&completions_, milliseconds(20 * (i + 1)),
                                                     [&](bool) { ++completed; }));
  }
  EXPECT_FALSE(completions_.handed_over());
  while (completed < 3) {
    completions_.Watch();
    inbox_.Sleep();
    inbox_.Run();
    EXPECT_TRUE(completions_.handed_over());
    EXPECT_GE(completions_.Poll(), 1u);
    EXPECT_FALSE(completions_.handed_over());
  }
}

// Each operation completes exactly once, on the thread that started it, whether the pump hands it
// over or the thread takes it itself: of those that end at once, one after the other, the later
// ones come without the pump.
TEST_F(CompletionsTest, EachOperationCompletesOnceOnItsThread) {
  const std::thread::id mine = std::this_thread::get_id();
  for (const milliseconds after : {milliseconds(0), milliseconds(1), milliseconds(3)}) {
    constexpr int kOperations = 200;
    std::vector<int> completed(kOperations);
    int left = kOperations;
    std::function<void(int)> start = [&](int i) {
      auto operation = std::make_shared<std::unique_ptr<Operation>>();
      *operation = std::make_unique<Operation>(&completions_, after, [&, i, operation](bool ok) {
        EXPECT_TRUE(ok);
        EXPECT_EQ(std::this_thread::get_id(), mine);
        ++completed[static_cast<size_t>(i)];
        --left;
        if (i + 4 < kOperations) start(i + 4);
        operation->reset();
      });
    };
    for (int i = 0; i < 4; ++i) start(i);
    RunTurns(&completions_, &inbox_, [&] { return left > 0; });
    EXPECT_EQ(completed, std::vector<int>(kOperations, 1)) << after.count();
  }
  completions_.Shutdown();
}

// Work of other threads is done while an operation is under way that takes long, and may end it.
TEST_F(CompletionsTest, OtherThreadsReachItWhileThePumpWaits) {
  bool ended = false;
  Operation slow(&completions_, std::chrono::hours(1), [&ended](bool ok) {
    EXPECT_FALSE(ok);
    ended = true;
  });
  int posted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) inbox_.Post([&] { ++posted; });
    });
  }
  RunTurns(&completions_, &inbox_, [&] { return posted < 300; });
  EXPECT_FALSE(ended);
  for (std::thread& thread : threads) thread.join();
  std::thread canceller([&] { inbox_.Post([&] { slow.Cancel(); }); });
  RunTurns(&completions_, &inbox_, [&] { return !ended; });
  canceller.join();
  completions_.Shutdown();
}

// One turn takes sixteen events, however many there are: sockets come next.
TEST_F(CompletionsTest, A1APollIsBounded) {
  constexpr int kPings = 100;
  int pongs = 0;
  for (int i = 0; i < kPings; ++i) completions_.Ping([&] { ++pongs; });
  EXPECT_TRUE(completions_.pinged());
  while (completions_.pinged()) {
    const int before = pongs;
    EXPECT_LE(completions_.Poll(), 16u);
    EXPECT_LE(pongs - before, 16);
  }
  EXPECT_EQ(pongs, kPings);
  completions_.Shutdown();
}

// So are deadlines, however many pass at one moment.
TEST_F(CompletionsTest, A1DeadlinesThatPassAtOnceAreTakenInTurns) {
  struct Call final : Deadlines::Entry {
    void Expire() override { ++*expired; }
    int* expired = nullptr;
  };
  std::vector<Call> calls(100);
  int expired = 0;
  for (Call& call : calls) {
    call.expired = &expired;
    completions_.deadlines().Add(&call, Deadlines::Clock::now());
  }
  while (expired < 100) {
    const int before = expired;
    completions_.Poll();
    EXPECT_LE(expired - before, 16);
  }
  completions_.Shutdown();
}

// A ping comes back through the pump too, and not before events are handled.
TEST_F(CompletionsTest, A1APingNeedsTheQueue) {
  bool pong = false;
  completions_.Watch();
  completions_.Ping([&] { pong = true; });
  inbox_.Sleep();  // the pump has it
  EXPECT_FALSE(pong);
  RunTurns(&completions_, &inbox_, [&] { return !pong; });
  EXPECT_FALSE(completions_.pinged());
  completions_.Shutdown();
}

// Whatever the pump is at, Shutdown completes what is left and ends.
TEST(CompletionsShutdown, CompletesWhatIsLeft) {
  enum class Pump { kNeverAsked, kWaits, kHasAnEvent };
  for (const Pump pump : {Pump::kNeverAsked, Pump::kWaits, Pump::kHasAnEvent}) {
    Inbox inbox;
    Completions completions([&inbox] { inbox.Post([] {}); });
    int completed = 0;
    std::vector<std::unique_ptr<Operation>> operations;
    for (int i = 0; i < 20; ++i) {
      operations.push_back(std::make_unique<Operation>(&completions, std::chrono::hours(1),
                                                       [&](bool /*ok*/) { ++completed; }));
    }
    if (pump != Pump::kNeverAsked) completions.Watch();
    if (pump == Pump::kHasAnEvent) {
      operations[0]->Cancel();
      inbox.Sleep();
    }
    for (const auto& operation : operations) operation->Cancel();
    completions.Shutdown();
    EXPECT_EQ(completed, 20);
  }
}

}  // namespace
}  // namespace bridge::upstream
