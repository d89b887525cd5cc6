// One reactor: a thread that drives its sockets and its gRPC completions, with channels, protocol
// core and HTTP server of its own. Reactors share nothing that changes, so a call takes no lock.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "bridge/base/byte_budget.h"
#include "bridge/http/server.h"
#include "bridge/mcp/server.h"
#include "bridge/mcp/session.h"
#include "bridge/telemetry/tracer.h"
#include "bridge/transport/origin.h"
#include "bridge/transport/streamable_http.h"
#include "bridge/upstream/channel.h"
#include "bridge/upstream/completions.h"

namespace bridge::app {

// What all reactors have in common; outlives them.
struct Shared {
  std::vector<upstream::Target> targets;
  transport::OriginPolicy origins;
  mcp::ServerOptions server;
  std::vector<mcp::SessionKey> session_keys;
  int session_ttl_seconds;
  mcp::EndedSessions* ended_sessions;
  telemetry::Tracer* tracer;
};

class Reactor final {
 public:
  explicit Reactor(const Shared& shared);
  ~Reactor();

  // Opens the port; before Start only.
  absl::Status Listen(const std::string& host, uint16_t port, bool share_port);
  uint16_t port() const { return http_->port(); }

  // Starts the thread.
  void Start();

  // Runs `work` on the reactor's thread. Any thread may call it.
  void Post(std::function<void(Reactor&)> work);
  mcp::Server& server() { return server_; }
  http::Server& http() { return *http_; }

  // Stops accepting and waits until the calls under way are answered, at most until `deadline`.
  void DrainUntil(std::chrono::steady_clock::time_point deadline);
  // Cancels what is under way, ends the thread and closes all. The thread must have been started.
  void Stop();

 private:
  void Run();

  ByteBudget budget_{http::Limits().buffered_bytes};
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
  upstream::Completions completions_;
  std::vector<std::unique_ptr<upstream::Channel>> channels_;
  mcp::Server server_;
  mcp::Sessions sessions_;
  transport::StreamableHttp streamable_http_;
  std::unique_ptr<http::Server> http_;
  bool stopping_ = false;  // the reactor's thread only
  std::thread thread_;
};

}  // namespace bridge::app
