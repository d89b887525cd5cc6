#include "bridge/transport/line_writer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace bridge::transport {
namespace {

constexpr int kLookMs = 100;  // whether to stop, while the reader does not read

}  // namespace

LineWriter::LineWriter(int fd, std::function<void()> on_event)
    : fd_(fd), on_event_(std::move(on_event)), thread_([this] { Run(); }) {}

LineWriter::~LineWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

LineWriter::Written LineWriter::Write(std::string line) {
  line.push_back('\n');
  const std::lock_guard lock(mutex_);
  if (gone_) return Written::kGone;
  waiting_ += line.size();
  lines_.push_back(std::move(line));
  changed_.notify_all();
  if (waiting_ <= kFullBytes) return Written::kTaken;
  was_full_ = true;
  return Written::kFull;
}

size_t LineWriter::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

bool LineWriter::WaitForRoom() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_ <= kFullBytes || gone_ || stopping_; });
  return !gone_ && !stopping_;
}

bool LineWriter::gone() const {
  const std::lock_guard lock(mutex_);
  return gone_;
}

void LineWriter::Flush(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most, [this] { return waiting_ == 0 || gone_; });
}

void LineWriter::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !lines_.empty(); });
    if (stopping_) return;
    const std::string line = std::move(lines_.front());
    lines_.pop_front();
    lock.unlock();
    const bool written = WriteAll(line);
    lock.lock();
    waiting_ -= line.size();
    gone_ = !written;
    if (gone_) waiting_ = 0;
    const bool tell = gone_ || (was_full_ && waiting_ == 0);
    if (waiting_ == 0) was_full_ = false;
    changed_.notify_all();
    if (tell) {
      lock.unlock();
      on_event_();
      lock.lock();
    }
    if (gone_) return;
  }
}

bool LineWriter::WriteAll(const std::string& text) {
  for (size_t written = 0; written < text.size();) {
    // Somebody else may have made the descriptor non-blocking, and a blocking one would keep the
    // end waiting.
    pollfd ready{fd_, POLLOUT, 0};
    const int events = ::poll(&ready, 1, kLookMs);
    if (events < 0 && errno != EINTR) return false;
    if (events <= 0) {
      const std::lock_guard lock(mutex_);
      if (stopping_) return false;
      continue;
    }
    // No more than a pipe surely takes, so that it does not block.
    const size_t size = std::min<size_t>(text.size() - written, PIPE_BUF);
    const ssize_t bytes = ::write(fd_, text.data() + written, size);
    if (bytes < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (bytes > 0) written += static_cast<size_t>(bytes);
  }
  return true;
}

}  // namespace bridge::transport
