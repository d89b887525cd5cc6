#include "bridge/app/reactor.h"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "bridge/base/status_macros.h"

namespace bridge::app {
namespace {

// Between two calls of a busy client the pump is not worth waking.
constexpr std::chrono::milliseconds kPause{5};
// Of sockets and timers, before gRPC's events get their turn. A handler reads once and hands over a
// few requests at most.
constexpr size_t kHandlersPerTurn = 16;
constexpr std::chrono::milliseconds kTurn{2};  // of large requests a turn takes fewer

std::vector<std::unique_ptr<upstream::Channel>> MakeChannels(
    const std::vector<upstream::Target>& targets, upstream::Completions* completions) {
  std::vector<std::unique_ptr<upstream::Channel>> channels;
  for (const upstream::Target& target : targets) {
    channels.push_back(
        std::make_unique<upstream::Channel>(target, upstream::ChannelOptions(), completions));
  }
  return channels;
}

}  // namespace

Reactor::Reactor(const Shared& shared, metrics::ReactorMetrics* metrics)
    : metrics_(*metrics),
      keep_running_(boost::asio::make_work_guard(io_)),
      completions_([this] { boost::asio::post(io_, [] {}); }),
      channels_(MakeChannels(shared.targets, &completions_)),
      server_(shared.server, {channels_, shared.targets, &completions_, shared.tracer, &budget_,
                              &metrics->mcp, shared.call_log}),
      sessions_(shared.session_keys, shared.session_ttl_seconds, shared.ended_sessions),
      streamable_http_(shared.origins, server_, sessions_, *shared.ended_sessions, *shared.tracer,
                       &metrics->mcp) {}

Reactor::~Reactor() {
  if (thread_.joinable()) thread_.join();
  http_.reset();  // before io_
}

absl::Status Reactor::Listen(const std::string& host, uint16_t port, const http::Limits& limits,
                             bool share_port) {
  ASSIGN_OR_RETURN(
      http_, http::Server::Listen(io_, host, port, limits,
                                  [this](const http::Request& request, http::Responder responder) {
                                    streamable_http_.Handle(request, std::move(responder));
                                  },
                                  {.share_port = share_port,
                                   .budget = &budget_,
                                   .refusal_headers =
                                       [this](const http::Request& request) {
                                         return streamable_http_.PageHeaders(request);
                                       },
                                   .metrics = &metrics_.http,
                                   .route = "/mcp"}));
  return absl::OkStatus();
}

void Reactor::Start() {
  thread_ = std::thread([this] { Run(); });
}

size_t Reactor::HandleSockets() {
  size_t count = 0;
  const auto end = std::chrono::steady_clock::now() + kTurn;
  while (count < kHandlersPerTurn && io_.poll_one() > 0) {
    ++count;
    if (std::chrono::steady_clock::now() > end) break;
  }
  return count;
}

void Reactor::Run() {
  pthread_setname_np(pthread_self(), "reactor");
  while (!stopping_ && !Drained()) {
    if (HandleSockets() > 0) {
      if (completions_.pending()) completions_.Poll();
      continue;
    }
    if (completions_.pending()) {
      if (completions_.WaitBriefly() || completions_.Poll() > 0) continue;
    } else if (io_.run_one_for(kPause) > 0) {
      continue;
    }
    // Idle: the pump waits in gRPC for us, we wait for sockets and for the pump.
    completions_.Watch();
    io_.run_one();
  }
  // Each is told soon, also where gRPC cannot let go of it yet; for that Shutdown waits.
  server_.CancelAll();
  while (server_.calls_in_flight() > 0) {
    if (completions_.Poll() > 0) continue;
    io_.run_one_for(kPause);
    server_.CancelAll();  // those that a handler has just started
  }
  http_.reset();
  end_.set_value();
  completions_.Shutdown();
  thread_end_.set_value();
}

void Reactor::Post(std::function<void(Reactor&)> work) {
  boost::asio::post(io_, [this, work = std::move(work)] { work(*this); });
}

void Reactor::Ping(std::function<void()> pong) {
  Post([pong = std::move(pong)](Reactor& self) { self.completions_.Ping(pong); });
}

void Reactor::Drain() {
  Post([](Reactor& self) {
    self.draining_ = true;
    if (self.http_ != nullptr) self.http_->Drain();
    // Also those of requests that waited in the sockets and have just been taken.
    self.server_.EndStreams();
  });
}

void Reactor::Stop() {
  Post([](Reactor& self) { self.stopping_ = true; });
}

bool Reactor::EndsBy(std::chrono::steady_clock::time_point deadline) {
  return !thread_.joinable() || ended_.wait_until(deadline) == std::future_status::ready;
}

bool Reactor::ThreadEndsBy(std::chrono::steady_clock::time_point deadline) {
  return !thread_.joinable() || thread_ended_.wait_until(deadline) == std::future_status::ready;
}

}  // namespace bridge::app
