// The thread that serves the admin address.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "bridge/http/server.h"
#include "bridge/transport/admin.h"

namespace bridge::app {

class AdminThread final {
 public:
  // As transport::Admin; `state` runs on this thread.
  AdminThread(const transport::OriginPolicy& origins, telemetry::Tracer& tracer, bool trace_intake,
              std::function<transport::AdminState()> state);
  ~AdminThread();

  // Opens the port and starts the thread.
  absl::Status Start(const std::string& host, uint16_t port);
  uint16_t port() const { return http_->port(); }

 private:
  transport::Admin admin_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
  std::unique_ptr<http::Server> http_;
  std::thread thread_;
};

}  // namespace bridge::app
