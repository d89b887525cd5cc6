#include "bridge/upstream/peer_probe.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>

namespace bridge::upstream {
namespace {

using Clock = std::chrono::steady_clock;
using std::literals::operator""sv;

// A whole ClientHello of TLS 1.2, which every server of today can read: what it answers, be it an
// alert, is a record of TLS.
constexpr std::string_view kHello =
    "\x16\x03\x01\x00\x53\x01\x00\x00\x4f\x03\x03"                 // record, handshake, version
    "0123456789abcdef0123456789abcdef\x00"                         // random, no session
    "\x00\x08\xc0\x2f\xc0\x30\xc0\x2b\x00\x2f\x01\x00"             // suites, no compression
    "\x00\x1e\x00\x0a\x00\x06\x00\x04\x00\x17\x00\x18"             // extensions: groups
    "\x00\x0b\x00\x02\x01\x00"                                     // form of points
    "\x00\x0d\x00\x0a\x00\x08\x04\x03\x08\x04\x04\x01\x02\x01"sv;  // signatures

class Socket final {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }

  bool Await(int events, Clock::time_point deadline) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd poll_for{descriptor_, static_cast<int16_t>(events), 0};
    return left.count() > 0 && poll(&poll_for, 1, static_cast<int>(left.count())) == 1;
  }

 private:
  const int descriptor_;
};

Speaks Greet(const sockaddr* address, socklen_t size, Clock::time_point deadline) {
  const Socket socket(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return Speaks::kUnknown;
  if (connect(socket.get(), address, size) != 0 && errno != EINPROGRESS) return Speaks::kUnknown;
  if (!socket.Await(POLLOUT, deadline) ||
      send(socket.get(), kHello.data(), kHello.size(), MSG_NOSIGNAL) < 0 ||
      !socket.Await(POLLIN, deadline)) {
    return Speaks::kUnknown;
  }
  char bytes[5];
  const ssize_t got = recv(socket.get(), bytes, sizeof(bytes), 0);
  const std::string_view answer(bytes, got > 0 ? static_cast<size_t>(got) : 0);
  if (answer.starts_with("\x15\x03") || answer.starts_with("\x16\x03")) return Speaks::kTls;
  return answer == "HTTP/" ? Speaks::kHttp1 : Speaks::kUnknown;
}

}  // namespace

Speaks ProbePeer(const Target& target, std::chrono::milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  if (target.port == 0) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (target.host.size() >= sizeof(address.sun_path)) return Speaks::kUnknown;
    std::memcpy(address.sun_path, target.host.data(), target.host.size());
    return Greet(reinterpret_cast<const sockaddr*>(&address), sizeof(address), deadline);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &found) != 0) {
    return Speaks::kUnknown;
  }
  Speaks speaks = Speaks::kUnknown;
  for (const addrinfo* at = found; at != nullptr && speaks == Speaks::kUnknown; at = at->ai_next) {
    speaks = Greet(at->ai_addr, at->ai_addrlen, deadline);
  }
  freeaddrinfo(found);
  return speaks;
}

}  // namespace bridge::upstream
