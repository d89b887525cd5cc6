// A reactor with nothing but completions: polls while there is work and sleeps until woken.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "bridge/upstream/completions.h"

namespace bridge::upstream {

class Loop final {
 public:
  Loop() : completions_([this] { Wake(); }) {}
  ~Loop() { completions_.Shutdown(); }

  Completions* completions() { return &completions_; }

  // `done` is asked after each event, and now and then.
  void RunUntil(const std::function<bool()>& done) {
    while (!done()) {
      if (completions_.Poll() > 0) continue;
      completions_.Watch();
      std::unique_lock lock(mutex_);
      condition_.wait_for(lock, std::chrono::milliseconds(20), [this] { return woken_; });
      woken_ = false;
    }
  }

  // Any thread: `done` is asked again.
  void Wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    condition_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool woken_ = false;
  Completions completions_;
};

}  // namespace bridge::upstream
