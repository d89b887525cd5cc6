#include "server/tracing.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/client_interceptor.h>
#include <grpcpp/support/server_interceptor.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <utility>
#include <vector>

#include "bridge/telemetry/options.h"
#include "google/rpc/code.pb.h"

namespace server {
namespace {

using bridge::telemetry::Span;
using bridge::telemetry::SpanKind;
using bridge::telemetry::TraceContext;
using bridge::telemetry::Tracer;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;

thread_local std::optional<TraceContext> current_trace;

std::string_view ToStd(grpc::string_ref text) {
  return {text.data(), text.size()};
}

// "/pkg.Service/Method" -> "pkg.Service/Method"
std::string_view ToMethodName(std::string_view path) {
  return path.starts_with('/') ? path.substr(1) : path;
}

Span StartRpcSpan(Tracer* tracer, std::string_view method, SpanKind kind,
                  const std::optional<TraceContext>& parent) {
  Span span =
      tracer->StartSpan(method, kind, parent ? &*parent : nullptr, bridge::telemetry::Clock::now(),
                        /*parent_is_remote=*/kind == SpanKind::kServer);
  span.SetAttribute("rpc.system.name", "grpc");
  span.SetAttribute("rpc.method", method);
  return span;
}

// A client's mistake is no error of the server that finds it (OpenTelemetry, gRPC conventions).
bool IsServerError(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS:
      return true;
    default:
      return false;
  }
}

void EndRpcSpan(Span* span, const grpc::Status& status, bool is_error) {
  const std::string& name =
      google::rpc::Code_Name(static_cast<google::rpc::Code>(status.error_code()));
  span->SetAttribute("rpc.status_code", std::string_view(name));
  if (is_error) {
    span->SetAttribute("error.type", std::string_view(name));
    span->SetError(status.error_message());
  }
  span->End();
}

class ServerInterceptor final : public Interceptor {
 public:
  ServerInterceptor(Tracer* tracer, std::string_view method) : tracer_(tracer), method_(method) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      span_ = StartRpcSpan(tracer_, method_, SpanKind::kServer,
                           FindRemoteTrace(*batch->GetRecvInitialMetadata()));
      current_trace = span_.context();
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = batch->GetSendStatus();
      EndRpcSpan(&span_, status, IsServerError(status.error_code()));
      current_trace.reset();
    }
    batch->Proceed();
  }

 private:
  static std::optional<TraceContext> FindRemoteTrace(
      const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
    const auto parent = metadata.find("traceparent");
    if (parent == metadata.end()) return std::nullopt;
    std::string state;
    const auto [begin, end] = metadata.equal_range("tracestate");
    for (auto it = begin; it != end; ++it) {
      if (!state.empty()) state += ',';
      state += ToStd(it->second);
    }
    return bridge::telemetry::ParseTraceContext(ToStd(parent->second), state);
  }

  Tracer* const tracer_;
  const std::string_view method_;  // lives as long as the server
  Span span_;
};

class ServerInterceptorFactory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit ServerInterceptorFactory(Tracer* tracer) : tracer_(tracer) {}

  Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    const std::string_view method = ToMethodName(info->method());
    if (method.starts_with("grpc.")) return nullptr;
    return new ServerInterceptor(tracer_, method);
  }

 private:
  Tracer* const tracer_;
};

// The parts of a target that the conventions want: "dns:///orders:50051" is orders and 50051.
struct Address {
  std::string host;
  int port = 0;  // 0: none
};

Address ParseTarget(std::string_view target) {
  if (const size_t slash = target.rfind('/'); slash != target.npos) target.remove_prefix(slash + 1);
  const size_t colon = target.rfind(':');
  if (colon == target.npos) return {std::string(target), 0};
  Address address{std::string(target.substr(0, colon)), 0};
  std::from_chars(target.data() + colon + 1, target.data() + target.size(), address.port);
  return address;
}

class ClientInterceptor final : public Interceptor {
 public:
  ClientInterceptor(Tracer* tracer, const Address& address, std::string_view method)
      : tracer_(tracer), address_(address), method_(method) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      span_ = StartRpcSpan(tracer_, method_, SpanKind::kClient, current_trace);
      span_.SetAttribute("server.address", std::string_view(address_.host));
      if (address_.port != 0) span_.SetAttribute("server.port", address_.port);
      const std::string traceparent = bridge::telemetry::FormatTraceparent(span_.context());
      if (tracer_->propagates() && !traceparent.empty()) {
        auto* metadata = batch->GetSendInitialMetadata();
        metadata->emplace("traceparent", traceparent);
        const std::string& state = span_.context().tracestate;
        if (!state.empty()) metadata->emplace("tracestate", state);
      }
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_STATUS)) {
      const grpc::Status& status = *batch->GetRecvStatus();
      EndRpcSpan(&span_, status, !status.ok());
    }
    batch->Proceed();
  }

 private:
  Tracer* const tracer_;
  const Address& address_;
  const std::string method_;
  Span span_;
};

class ClientInterceptorFactory final
    : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  ClientInterceptorFactory(Tracer* tracer, std::string_view target)
      : tracer_(tracer), address_(ParseTarget(target)) {}

  Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo* info) override {
    return new ClientInterceptor(tracer_, address_, ToMethodName(info->method()));
  }

 private:
  Tracer* const tracer_;
  const Address address_;
};

bridge::telemetry::TracerOptions ReadOptions(std::string_view service_name) {
  std::vector<std::string> warnings;
  auto options = bridge::telemetry::ParseTelemetryOptions(
      [](const char* name) -> const char* { return std::getenv(name); }, std::string(service_name),
      &warnings);
  for (const std::string& warning : warnings) std::cerr << warning << '\n';
  return options;
}

}  // namespace

std::optional<TraceContext> CurrentTrace() {
  return current_trace;
}

ScopedTrace::ScopedTrace(const std::optional<TraceContext>& trace)
    : previous_(std::exchange(current_trace, trace)) {}

ScopedTrace::~ScopedTrace() {
  current_trace = std::move(previous_);
}

Tracing::Tracing(std::string_view service_name)
    : tracer_(std::make_unique<Tracer>(ReadOptions(service_name))) {}

Tracing::~Tracing() {
  tracer_->Shutdown(std::chrono::seconds(2));
}

void Tracing::Install(grpc::ServerBuilder* builder) {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<ServerInterceptorFactory>(tracer_.get()));
  builder->experimental().SetInterceptorCreators(std::move(factories));
}

std::shared_ptr<grpc::Channel> Tracing::MakeChannel(const std::string& target) {
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<ClientInterceptorFactory>(tracer_.get(), target));
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      target, grpc::InsecureChannelCredentials(), grpc::ChannelArguments(), std::move(factories));
}

}  // namespace server
