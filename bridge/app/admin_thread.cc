#include "bridge/app/admin_thread.h"

#include <utility>

#include "bridge/base/status_macros.h"

namespace bridge::app {

AdminThread::AdminThread(const transport::OriginPolicy& origins, telemetry::Tracer& tracer,
                         bool trace_intake, std::function<transport::AdminState()> state)
    : admin_(origins, tracer, trace_intake, std::move(state)),
      keep_running_(boost::asio::make_work_guard(io_)) {}

AdminThread::~AdminThread() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
  http_.reset();
}

absl::Status AdminThread::Start(const std::string& host, uint16_t port) {
  ASSIGN_OR_RETURN(
      http_, http::Server::Listen(io_, host, port, http::Limits(),
                                  [this](const http::Request& request, http::Responder responder) {
                                    admin_.Handle(request, std::move(responder));
                                  }));
  thread_ = std::thread([this] { io_.run(); });
  return absl::OkStatus();
}

}  // namespace bridge::app
