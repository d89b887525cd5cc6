#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>

#include "otlp/trace_service.grpc.pb.h"
#include "tests/telemetry/collector.h"

namespace bridge::telemetry {
namespace {

class GrpcCollector final : public Collector, public otlp::TraceService::CallbackService {
 public:
  explicit GrpcCollector(const Certificate* certificate)
      : root_(certificate == nullptr ? "" : certificate->certificate_pem) {
    grpc::SslServerCredentialsOptions tls;
    if (certificate != nullptr) {
      tls.pem_key_cert_pairs.push_back({certificate->key_pem, certificate->certificate_pem});
    }
    grpc::ServerBuilder builder;
    builder.AddListeningPort(
        "127.0.0.1:0",
        root_.empty() ? grpc::InsecureServerCredentials() : grpc::SslServerCredentials(tls),
        &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  ~GrpcCollector() override { server_->Shutdown(std::chrono::system_clock::now()); }

  OtlpOptions Options() const override {
    OtlpOptions options;
    options.protocol = OtlpOptions::Protocol::kGrpc;
    options.endpoint = "127.0.0.1:" + std::to_string(port_);
    options.tls = !root_.empty();
    options.root_certificates = root_;
    return options;
  }

 private:
  class Reactor final : public grpc::ServerUnaryReactor {
   public:
    void OnDone() override { delete this; }
    void OnCancel() override {
      if (hangs) Finish(grpc::Status::CANCELLED);
    }
    bool hangs = false;
  };

  grpc::ServerUnaryReactor* Export(grpc::CallbackServerContext* context,
                                   const otlp::ExportTraceServiceRequest* request,
                                   otlp::ExportTraceServiceResponse* response) override {
    Received received;
    received.request = *request;
    received.headers[":peer"] = context->peer();
    for (const auto& [key, value] : context->client_metadata()) {
      received.headers[std::string(key.data(), key.size())] =
          std::string(value.data(), value.size());
    }
    const Answer answer = Record(std::move(received));
    auto* reactor = new Reactor;
    switch (answer.kind) {
      case Answer::Kind::kHang:
        reactor->hangs = true;
        return reactor;
      case Answer::Kind::kPartial:
        response->mutable_partial_success()->set_rejected_spans(answer.rejected_spans);
        response->mutable_partial_success()->set_error_message("some were bad");
        reactor->Finish(grpc::Status::OK);
        return reactor;
      case Answer::Kind::kRetry:
      case Answer::Kind::kDisconnect:
        reactor->Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "not now"));
        return reactor;
      case Answer::Kind::kThrottle: {
        google::rpc::RetryInfo retry;
        retry.mutable_retry_delay()->set_nanos(1'000'000);
        google::rpc::Status details;
        details.add_details()->PackFrom(retry);
        reactor->Finish(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "slow down",
                                     details.SerializeAsString()));
        return reactor;
      }
      case Answer::Kind::kRefuse:
        reactor->Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no"));
        return reactor;
      case Answer::Kind::kAccept:
        break;
    }
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const std::string root_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

std::unique_ptr<Collector> StartGrpcCollector(const Certificate* certificate) {
  return std::make_unique<GrpcCollector>(certificate);
}

}  // namespace bridge::telemetry
