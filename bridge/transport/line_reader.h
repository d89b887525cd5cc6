// Lines of a file descriptor, read by a thread of their own.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <thread>

namespace bridge::transport {

class LineReader final {
 public:
  // Runs on the reader's thread for each line, without its end (LF or CRLF), empty ones left out.
  // `whole` is false for one of more than `max_bytes`, of which `line` is the beginning. It may
  // block: then nothing is read.
  using OnLine = std::function<void(std::string line, bool whole)>;

  // `on_end` runs once, after the last line: the input has ended, or Stop was called. `fd` stays
  // the caller's.
  LineReader(int fd, size_t max_bytes, OnLine on_line, std::function<void()> on_end);
  ~LineReader();

  // Any thread. The lines that were read already still come.
  void Stop();

 private:
  void Run(size_t max_bytes, const OnLine& on_line);

  const int fd_;
  int stop_[2] = {-1, -1};  // a pipe
  std::thread thread_;
};

}  // namespace bridge::transport
