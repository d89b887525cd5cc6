// One reactor: a thread that drives its sockets and its gRPC completions, with channels, protocol
// core and HTTP server of its own. Of what changes they share the ended sessions and the plans of
// types in an Any, each behind a lock that is rarely taken. Each turn handles a bounded number of
// each, so no flood of one keeps the other waiting.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "bridge/base/byte_budget.h"
#include "bridge/http/server.h"
#include "bridge/mcp/server.h"
#include "bridge/mcp/session.h"
#include "bridge/metrics/metrics.h"
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
  telemetry::CallObserver* call_log;
};

class Reactor final {
 public:
  // `metrics` outlives it, as `shared` does.
  Reactor(const Shared& shared, metrics::ReactorMetrics* metrics);
  ~Reactor();

  // Opens the port; before Start only. Without it a reactor serves no HTTP.
  absl::Status Listen(const std::string& host, uint16_t port, const http::Limits& limits,
                      bool share_port);
  uint16_t port() const { return http_->port(); }

  // Starts the thread; at most once.
  void Start();

  // Runs `work` on the reactor's thread. Any thread may call it; once the thread has ended, or if
  // it never started, `work` is dropped.
  void Post(std::function<void(Reactor&)> work);
  // The same, but as an event of gRPC's: for /livez, since a thread may take work and no answers.
  void Ping(std::function<void()> pong);
  mcp::Server& server() { return server_; }
  ByteBudget& budget() { return budget_; }

  // Both return at once; any thread. Drain refuses new work and ends streams; the thread ends when
  // what is under way is answered. Stop cancels what is under way; the thread ends when that is
  // answered.
  void Drain();
  void Stop();
  // Waits until every call is answered and every connection closed, at most until `deadline`; false
  // if they are not by then.
  bool EndsBy(std::chrono::steady_clock::time_point deadline);
  // The same until the thread has ended as well. gRPC keeps it for as long as it holds a call whose
  // peer takes no more bytes; the destructor waits for that.
  bool ThreadEndsBy(std::chrono::steady_clock::time_point deadline);

 private:
  void Run();
  size_t HandleSockets();
  bool Drained() const {
    return draining_ && (http_ == nullptr || http_->drained()) && server_.calls_in_flight() == 0;
  }

  metrics::ReactorMetrics& metrics_;
  ByteBudget budget_{http::Limits().buffered_bytes};
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
  upstream::Completions completions_;
  std::vector<std::unique_ptr<upstream::Channel>> channels_;
  mcp::Server server_;
  mcp::Sessions sessions_;
  transport::StreamableHttp streamable_http_;
  std::unique_ptr<http::Server> http_;
  // The reactor's thread only:
  bool draining_ = false;
  bool stopping_ = false;
  std::promise<void> end_;
  std::future<void> ended_ = end_.get_future();
  std::promise<void> thread_end_;
  std::future<void> thread_ended_ = thread_end_.get_future();
  std::thread thread_;
};

}  // namespace bridge::app
