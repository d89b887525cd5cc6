#include "bridge/transport/line_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace bridge::transport {

LineReader::LineReader(int fd, size_t max_bytes, OnLine on_line, std::function<void()> on_end)
    : fd_(fd) {
  // Without it Stop is not noticed, and the process ends all the same: by a signal.
  if (::pipe2(stop_, O_CLOEXEC) != 0) stop_[0] = stop_[1] = -1;
  thread_ =
      std::thread([this, max_bytes, on_line = std::move(on_line), on_end = std::move(on_end)] {
        Run(max_bytes, on_line);
        on_end();
      });
}

LineReader::~LineReader() {
  Stop();
  thread_.join();
  ::close(stop_[0]);
  ::close(stop_[1]);
}

void LineReader::Stop() {
  [[maybe_unused]] const ssize_t written = ::write(stop_[1], "", 1);
}

void LineReader::Run(size_t max_bytes, const OnLine& on_line) {
  std::array<char, 64 * 1024> buffer;
  std::string line;
  bool whole = true;
  const auto end_line = [&] {
    if (whole && !line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) on_line(std::exchange(line, {}), whole);
    whole = true;
  };
  while (true) {
    std::array<pollfd, 2> waits = {pollfd{fd_, POLLIN, 0}, pollfd{stop_[0], POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    if (waits[1].revents != 0) return;
    if (waits[0].revents == 0) continue;
    const ssize_t bytes = ::read(fd_, buffer.data(), buffer.size());
    if (bytes < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (bytes <= 0) break;
    std::string_view rest(buffer.data(), static_cast<size_t>(bytes));
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      const std::string_view piece = rest.substr(0, end);
      const size_t room = max_bytes - line.size();
      if (piece.size() > room) whole = false;
      line.append(piece.substr(0, room));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
      end_line();
    }
  }
  end_line();  // one that the end of the input ended
}

}  // namespace bridge::transport
