// Whether a thread still does its work: for /livez. One that is stuck, in a loop or a lock, is
// found without waiting for it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace bridge::app {

class Heartbeat final {
 public:
  using Clock = std::chrono::steady_clock;

  // `post` has its argument run by the thread that is watched, as the kind of work that matters.
  explicit Heartbeat(std::function<void(std::function<void()>)> post) : post_(std::move(post)) {}

  // Asks the thread for a sign of life, unless it owes one; false when it has owed it for longer
  // than a turn of a healthy thread can take. For one asking thread.
  bool Beats(Clock::time_point now) {
    if (*owed_) return now - asked_ <= kPatience;
    *owed_ = true;
    asked_ = now;
    post_([owed = owed_] { *owed = false; });
    return true;
  }

 private:
  static constexpr std::chrono::seconds kPatience{2};

  const std::function<void(std::function<void()>)> post_;
  // Shared with what was posted, which may outlive us.
  const std::shared_ptr<std::atomic<bool>> owed_ = std::make_shared<std::atomic<bool>>(false);
  Clock::time_point asked_;
};

}  // namespace bridge::app
