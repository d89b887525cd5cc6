#include "bridge/app/reactor.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <utility>

#include "bridge/base/status_macros.h"

namespace bridge::app {
namespace {

// Between two calls of a busy client the pump is not worth waking.
constexpr std::chrono::milliseconds kPause{5};

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

Reactor::Reactor(const Shared& shared)
    : keep_running_(boost::asio::make_work_guard(io_)),
      completions_([this] { boost::asio::post(io_, [] {}); }),
      channels_(MakeChannels(shared.targets, &completions_)),
      server_(shared.server, channels_, shared.targets, shared.tracer, &budget_),
      sessions_(shared.session_keys, shared.session_ttl_seconds, shared.ended_sessions),
      streamable_http_(shared.origins, server_, sessions_, *shared.ended_sessions, *shared.tracer) {
}

Reactor::~Reactor() {
  http_.reset();  // before io_
}

absl::Status Reactor::Listen(const std::string& host, uint16_t port, bool share_port) {
  ASSIGN_OR_RETURN(http_, http::Server::Listen(
                              io_, host, port, http::Limits(),
                              [this](const http::Request& request, http::Responder responder) {
                                streamable_http_.Handle(request, std::move(responder));
                              },
                              share_port, &budget_,
                              [this](const http::Request& request) {
                                return streamable_http_.PageHeaders(request);
                              }));
  return absl::OkStatus();
}

void Reactor::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Reactor::Run() {
  while (!stopping_) {
    if (io_.poll() > 0) {
      if (server_.calls_in_flight() > 0) completions_.Poll();
      continue;
    }
    if (server_.calls_in_flight() > 0) {
      if (completions_.WaitBriefly() || completions_.Poll() > 0) continue;
    } else if (io_.run_one_for(kPause) > 0) {
      continue;
    }
    // Idle: the pump waits in gRPC for us, we wait for sockets and for the pump.
    completions_.Watch();
    io_.run_one();
  }
  // Also those that a handler beside Stop's has just started: Shutdown waits for every one.
  server_.CancelAll();
  completions_.Shutdown();
  http_.reset();
}

void Reactor::Post(std::function<void(Reactor&)> work) {
  boost::asio::post(io_, [this, work = std::move(work)] { work(*this); });
}

void Reactor::DrainUntil(std::chrono::steady_clock::time_point deadline) {
  Post([](Reactor& reactor) { reactor.http_->Drain(); });
  while (std::chrono::steady_clock::now() < deadline) {
    std::promise<bool> idle;
    auto answer = idle.get_future();
    Post([&idle](Reactor& reactor) {
      idle.set_value(reactor.server_.calls_in_flight() == 0 && reactor.http_->connections() == 0);
    });
    if (answer.get()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void Reactor::Stop() {
  Post([](Reactor& reactor) { reactor.stopping_ = true; });
  thread_.join();
}

}  // namespace bridge::app
