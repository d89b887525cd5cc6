// What the connections of one server share: the accepting socket, the one timer, the handler, the
// date, the budget of buffered bytes, spare exchanges. Lives on one thread; kept alive by its
// connections.
#pragma once

#include <array>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "bridge/base/byte_budget.h"
#include "bridge/http/connection.h"
#include "bridge/http/exchange.h"
#include "bridge/http/limits.h"
#include "bridge/http/response_head.h"
#include "bridge/http/server.h"

namespace bridge::http {

class Listener final : public std::enable_shared_from_this<Listener> {
 public:
  // See Server::Listen.
  Listener(boost::asio::io_context& io, const Limits& limits, Handler handler,
           ListenOptions options);

  absl::Status Open(const std::string& host, uint16_t port, bool share_port);
  void Drain();
  // Closes everything; nothing happens afterwards.
  void Stop();
  uint16_t port() const { return port_; }
  size_t connections() const { return connections_.size(); }
  bool drained() const { return draining_ && connections_.empty() && !accepting_; }

  // For connections.
  const Limits& limits() const { return limits_; }
  const Handler& handler() const { return handler_; }
  const RefusalHeaders& refusal_headers() const { return options_.refusal_headers; }
  metrics::HttpMetrics* metrics() const { return options_.metrics; }  // may be null
  bool IsRoute(std::string_view path) const;
  bool draining() const { return draining_; }
  bool stopped() const { return stopped_; }
  DateClock& date() { return date_; }
  // The time of the last sweep: now, to within a sweep.
  MonotonicTime swept() const { return swept_; }
  // `time` from now or up to a sweep later. Reads no clock.
  MonotonicTime After(std::chrono::milliseconds time) const {
    return swept_ + sweep_interval_ + time;
  }
  boost::asio::io_context::executor_type executor() const { return executor_; }
  boost::asio::mutable_buffer discard() { return boost::asio::buffer(discard_); }
  std::unique_ptr<Exchange> Borrow();
  void GiveBack(std::unique_ptr<Exchange> exchange);
  void Remove(Connection& connection);

 private:
  void Accept();
  void AcceptWaiting();
  void OnAccept(Socket socket, const boost::asio::ip::tcp::endpoint& peer);
  void Count(metrics::Accepted result);
  void ScheduleSweep();
  void Sweep();

  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;

  const boost::asio::io_context::executor_type executor_;
  const Limits limits_;
  const std::chrono::milliseconds sweep_interval_;
  const Handler handler_;
  const ListenOptions options_;
  std::unique_ptr<Acceptor> acceptor_;  // none once draining
  std::unique_ptr<Timer> timer_;
  boost::asio::ip::tcp::endpoint peer_;  // of the connection being accepted
  uint16_t port_ = 0;
  bool accepting_ = false;
  bool draining_ = false;
  bool stopped_ = false;
  DateClock date_;
  ByteBudget own_budget_;
  ByteBudget& budget_;
  MonotonicTime swept_ = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<Connection>> connections_;
  absl::flat_hash_map<uint64_t, size_t> of_peer_;  // how many of them each has
  std::vector<std::unique_ptr<Exchange>> spare_;
  std::array<char, 4096> discard_;
};

}  // namespace bridge::http
