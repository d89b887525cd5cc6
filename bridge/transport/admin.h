// The admin endpoints: probes, metrics, recent traces, intake of other services' spans. For
// operators and Kubernetes, not for clients: on an address of its own, served by a thread of its
// own so that rendering a page never delays a call.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/http/message.h"
#include "bridge/http/server.h"
#include "bridge/metrics/metrics.h"
#include "bridge/telemetry/tracer.h"
#include "bridge/transport/origin.h"

namespace bridge::transport {

// How one upstream is doing.
struct UpstreamStatus {
  std::string name;
  std::string address;
  bool described = false;  // its tools are in the catalog
  std::string problem;     // of the last attempt to ask it; empty when that went well
  size_t tools = 0;
  metrics::HistogramSum questions;              // how long it took to answer them, or to fail
  uint64_t failures = 0;                        // of these
  telemetry::Clock::time_point described_at{};  // the last time; zero: never
};

struct AdminState {
  bool alive = true;     // false when a thread that serves requests has stopped doing so
  bool serving = false;  // false while starting and while draining
  bool draining = false;
  size_t tools = 0;
  std::string grpc_version;
  const metrics::Metrics* metrics = nullptr;  // of what serves requests; null: nothing does
  std::vector<UpstreamStatus> upstreams;
};

class Admin final {
 public:
  // `state` is called on the admin thread. The references must outlive this object.
  Admin(const OriginPolicy& origins, telemetry::Tracer& tracer, bool trace_intake,
        std::function<AdminState()> state);

  // GET /livez /readyz /metrics /debug/traces /debug/traces/ID and, with intake, POST /v1/traces.
  void Handle(const http::Request& request, http::Responder responder);
  // What Handle sends.
  http::Response Answer(const http::Request& request);

 private:
  http::Response Live() const;
  // Whether `request` is told the names of upstreams and tools: not with a Host that a web page may
  // have chosen. An address it cannot choose, so a scraper that knows nothing else is told.
  bool KnowsNames(const http::Request& request, const std::string& refusal) const;
  http::Response Ready(bool details) const;
  http::Response Traces(const http::Request& request) const;
  http::Response Intake(const http::Request& request);

  const OriginPolicy& origins_;
  telemetry::Tracer& tracer_;
  const bool trace_intake_;
  const std::function<AdminState()> state_;
};

}  // namespace bridge::transport
