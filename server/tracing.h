// Tracing of a service: a SERVER span for each call it answers and a CLIENT span for each call it
// makes, joined by the W3C trace context in the gRPC metadata (`traceparent`, `tracestate`), named
// and attributed by OpenTelemetry's RPC conventions, exported by OTLP as the OTEL_* environment
// variables say. Services do nothing but make their channels here.
//
// The current trace belongs to the thread, as in the synchronous API a call does.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/telemetry/trace_context.h"
#include "bridge/telemetry/tracer.h"

namespace server {

// The context of the call that this thread answers, if any.
std::optional<bridge::telemetry::TraceContext> CurrentTrace();

// Makes calls of this thread part of `trace` while it lives: for work that goes on in the
// background.
class ScopedTrace final {
 public:
  explicit ScopedTrace(const std::optional<bridge::telemetry::TraceContext>& trace);
  ~ScopedTrace();
  ScopedTrace(const ScopedTrace&) = delete;
  ScopedTrace& operator=(const ScopedTrace&) = delete;

 private:
  std::optional<bridge::telemetry::TraceContext> previous_;
};

// Must outlive the servers and channels it is used for. Thread-safe.
class Tracing final {
 public:
  // `service_name` stands unless OTEL_SERVICE_NAME names another. Settings that are not valid are
  // reported on stderr and replaced by their defaults.
  explicit Tracing(std::string_view service_name);
  ~Tracing();

  // Traces all services of a server, but not reflection and health.
  void Install(grpc::ServerBuilder* builder);
  // A channel without encryption whose calls are traced. `target` is "HOST:PORT" or any gRPC
  // target.
  std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target);

 private:
  std::unique_ptr<bridge::telemetry::Tracer> tracer_;
};

}  // namespace server
