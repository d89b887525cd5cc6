#include "bridge/http/listener.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace bridge::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds kLongestSweep{500};
constexpr milliseconds kShortestSweep{10};
constexpr size_t kSpareExchanges = 256;
// Connections over the limit that may wait for their peer to read the 503; further ones are reset.
constexpr size_t kRefusedAtOnce = 64;

milliseconds SweepInterval(const Limits& limits) {
  const milliseconds shortest =
      std::min({limits.head_timeout, limits.body_timeout, limits.idle_timeout, limits.body_interval,
                limits.write_timeout});
  return std::clamp(shortest / 4, kShortestSweep, kLongestSweep);
}

// False leaves the reason in errno.
bool SetOption(int fd, int level, int option, int value) {
  return ::setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

// Options an accepted socket inherits. A peer that vanished without a word is noticed by the
// kernel: quiet connections by keep-alive probes, busy ones by unacknowledged bytes.
bool SetInheritedOptions(int fd, const Limits& limits) {
  const int probe_seconds = static_cast<int>(limits.write_timeout / std::chrono::seconds(1));
  return SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1) && SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1) &&
         SetOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, std::max(1, probe_seconds)) &&
         SetOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, probe_seconds / 3)) &&
         SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
                   static_cast<int>(limits.write_timeout.count()));
}

std::string ToText(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = ":" + std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]" + port : address + port;
}

// Whom a connection is counted for: an IPv4 address, or the network of 64 bits that one site has of
// IPv6. IPv4 looks like a network that does not exist.
uint64_t PeerKey(const boost::asio::ip::address& address) {
  namespace ip = boost::asio::ip;
  constexpr uint64_t kIpv4 = uint64_t{0xffff} << 32;
  if (address.is_v4()) return kIpv4 | address.to_v4().to_uint();
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return kIpv4 | ip::make_address_v4(ip::v4_mapped, v6).to_uint();
  uint64_t key = 0;
  for (int i = 0; i < 8; ++i) key = key << 8 | v6.to_bytes()[static_cast<size_t>(i)];
  return key;
}

}  // namespace

Listener::Listener(boost::asio::io_context& io, const Limits& limits, Handler handler,
                   ListenOptions options)
    : executor_(io.get_executor()),
      limits_(limits),
      sweep_interval_(SweepInterval(limits)),
      handler_(std::move(handler)),
      options_(std::move(options)),
      own_budget_(limits.buffered_bytes),
      budget_(options_.budget == nullptr ? own_budget_ : *options_.budget) {}

absl::Status Listener::Open(const std::string& host, uint16_t port, bool share_port) {
  error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) {
    return absl::InvalidArgumentError("\"" + host +
                                      "\" is not an IP address: write one such as 127.0.0.1");
  }
  const tcp::endpoint endpoint(address, port);
  auto unavailable = [&endpoint](const std::string& reason) {
    return absl::UnavailableError("cannot listen on " + ToText(endpoint) + ": " + reason);
  };
  acceptor_ = std::make_unique<Acceptor>(executor_);
  if (acceptor_->open(endpoint.protocol(), error)) return unavailable(error.message());
  const int fd = acceptor_->native_handle();
  if (!SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
      (share_port && !SetOption(fd, SOL_SOCKET, SO_REUSEPORT, 1)) ||
      !SetInheritedOptions(fd, limits_)) {
    return unavailable(error_code(errno, boost::system::system_category()).message());
  }
  if (acceptor_->bind(endpoint, error) ||
      acceptor_->listen(boost::asio::socket_base::max_listen_connections, error) ||
      acceptor_->non_blocking(true, error)) {
    return unavailable(error.message());
  }
  port_ = acceptor_->local_endpoint(error).port();
  if (error) return unavailable(error.message());
  timer_ = std::make_unique<Timer>(executor_);
  Accept();
  ScheduleSweep();
  return absl::OkStatus();
}

void Listener::Accept() {
  accepting_ = true;
  acceptor_->async_accept(peer_, [self = shared_from_this()](error_code error, Socket socket) {
    self->accepting_ = false;
    if (self->stopped_) return;
    // Also one that was accepted before a Drain and is told after it.
    if (!error) self->OnAccept(std::move(socket), self->peer_);
    // Out of descriptors or memory: the next sweep tries again.
    const bool exhausted = error == boost::system::errc::too_many_files_open ||
                           error == boost::system::errc::too_many_files_open_in_system ||
                           error == boost::system::errc::no_buffer_space ||
                           error == boost::system::errc::not_enough_memory;
    if (!exhausted && self->acceptor_) self->Accept();
  });
}

void Listener::OnAccept(Socket socket, const tcp::endpoint& peer) {
  const uint64_t key = PeerKey(peer.address());
  const auto found = of_peer_.find(key);
  const size_t of_peer = found == of_peer_.end() ? 0 : found->second;
  const bool full = connections_.size() >= limits_.connections;
  const bool peer_full = of_peer >= limits_.connections_per_address;
  if (connections_.size() >= limits_.connections + kRefusedAtOnce ||
      of_peer >= limits_.connections_per_address + kRefusedAtOnce) {
    return Count(metrics::Accepted::kDropped);
  }
  error_code error;
  if (socket.non_blocking(true, error)) return Count(metrics::Accepted::kDropped);
  auto connection = std::make_shared<Connection>(shared_from_this(), std::move(socket), peer);
  connection->slot = connections_.size();
  connection->peer_key = key;
  connections_.push_back(connection);
  ++of_peer_[key];
  if (full) {
    Count(metrics::Accepted::kTooMany);
    connection->Refuse({503, "the server has too many connections: try again later"});
  } else if (peer_full) {
    Count(metrics::Accepted::kTooManyOfAddress);
    connection->Refuse(
        {503, "your address has too many connections: close some, or try again later"});
  } else {
    Count(metrics::Accepted::kServed);
    connection->Start();
    if (draining_) connection->Drain();
  }
}

void Listener::Count(metrics::Accepted result) {
  if (metrics() != nullptr) metrics()->OnConnection(result);
}

bool Listener::IsRoute(std::string_view path) const {
  if (!path.starts_with(options_.route)) return false;
  path.remove_prefix(options_.route.size());
  return path.empty() || path == "/";
}

void Listener::ScheduleSweep() {
  timer_->expires_after(sweep_interval_);
  timer_->async_wait([self = shared_from_this()](error_code error) {
    if (!error && !self->stopped_) self->Sweep();
  });
}

void Listener::Sweep() {
  const MonotonicTime now = swept_ = std::chrono::steady_clock::now();
  // Backwards, because a closed connection's slot is filled by the last one.
  for (size_t i = connections_.size(); i-- > 0;) {
    if (i >= connections_.size()) continue;
    const std::shared_ptr<Connection> connection = connections_[i];
    connection->EnforceDeadline(now);
    if (stopped_) return;
  }
  if (!spare_.empty()) spare_.pop_back();
  if (acceptor_ && !accepting_) Accept();
  ScheduleSweep();
}

// Who has connected before the end, and waits in the kernel, is served.
void Listener::AcceptWaiting() {
  for (size_t i = 0; i < limits_.connections; ++i) {
    tcp::endpoint peer;
    error_code error;
    Socket socket(executor_);
    if (acceptor_->accept(socket, peer, error)) return;
    OnAccept(std::move(socket), peer);
  }
}

void Listener::Drain() {
  if (draining_ || stopped_) return;
  AcceptWaiting();
  draining_ = true;
  acceptor_.reset();
  const std::vector<std::shared_ptr<Connection>> connections = connections_;
  for (const auto& connection : connections) connection->Drain();
}

void Listener::Stop() {
  stopped_ = true;
  acceptor_.reset();
  timer_.reset();
  const std::vector<std::shared_ptr<Connection>> connections = connections_;
  for (const auto& connection : connections) connection->Close();
  spare_.clear();
}

std::unique_ptr<Exchange> Listener::Borrow() {
  if (spare_.empty()) return std::make_unique<Exchange>(limits_, budget_);
  std::unique_ptr<Exchange> exchange = std::move(spare_.back());
  spare_.pop_back();
  return exchange;
}

void Listener::GiveBack(std::unique_ptr<Exchange> exchange) {
  if (!stopped_ && spare_.size() < kSpareExchanges) spare_.push_back(std::move(exchange));
}

void Listener::Remove(Connection& connection) {
  if (metrics() != nullptr) metrics()->OnConnectionEnd();
  if (const auto count = of_peer_.find(connection.peer_key); --count->second == 0) {
    of_peer_.erase(count);
  }
  const size_t slot = connection.slot;
  std::swap(connections_[slot], connections_.back());
  connections_[slot]->slot = slot;
  connections_.pop_back();
}

}  // namespace bridge::http
