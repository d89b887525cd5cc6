// Lines on their way to a file descriptor, written by a thread of their own: who reads slowly, or
// not at all, holds up nobody but its own streams.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace bridge::transport {

// Any thread.
class LineWriter final {
 public:
  enum class Written : uint8_t { kTaken, kFull, kGone };

  static constexpr size_t kFullBytes = 64 * 1024;

  // `fd` stays the caller's. `on_event` runs on the writer's thread: each time that nothing waits
  // any more after a kFull, and once when the reader is gone.
  LineWriter(int fd, std::function<void()> on_event);
  // Gives up what is not written yet.
  ~LineWriter();

  // Takes `line`, which has no newline, whole. kFull: more than kFullBytes wait. kGone: nobody
  // reads, so it is dropped.
  Written Write(std::string line);
  bool full() const { return waiting() > kFullBytes; }
  bool gone() const;
  // Bytes that were taken and are not written yet.
  size_t waiting() const;
  // Blocks while it is full and somebody reads. False if nobody reads any more.
  bool WaitForRoom();

  // Waits until all is written, at most so long.
  void Flush(std::chrono::milliseconds at_most);

 private:
  void Run();
  // False once nobody reads or it is to stop.
  bool WriteAll(const std::string& text);

  const int fd_;
  const std::function<void()> on_event_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  size_t waiting_ = 0;  // bytes, with those being written
  bool was_full_ = false;
  bool gone_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bridge::transport
