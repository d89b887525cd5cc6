#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <mutex>

#include "bridge/telemetry/otlp_sender.h"

namespace bridge::telemetry {
namespace {

constexpr char kExportPath[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr int kMaxResponseBytes = 4 << 20;
// A collector that is back is noticed within this.
constexpr int kMaxReconnectBackoffMs = 10'000;

std::shared_ptr<grpc::Channel> MakeChannel(const OtlpOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix(OtlpUserAgent());
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // retries are the exporter's
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectBackoffMs);
  arguments.SetMaxReceiveMessageSize(kMaxResponseBytes);
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.root_certificates;
  tls.pem_cert_chain = options.client_certificate;
  tls.pem_private_key = options.client_key;
  return grpc::CreateCustomChannel(
      options.endpoint,
      options.tls ? grpc::SslCredentials(tls) : grpc::InsecureChannelCredentials(), arguments);
}

class GrpcSender final : public OtlpSender {
 public:
  explicit GrpcSender(const OtlpOptions& options)
      : options_(options), stub_(MakeChannel(options)) {}

  ~GrpcSender() override {
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  SendResult Send(const std::string& request,
                  std::chrono::steady_clock::time_point deadline) override {
    using std::chrono::steady_clock;
    grpc::ClientContext context;
    for (const auto& [key, value] : options_.headers) context.AddMetadata(key, value);
    if (options_.gzip) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    if (deadline != steady_clock::time_point::max()) {
      context.set_deadline(std::chrono::system_clock::now() + (deadline - steady_clock::now()));
    }
    if (!Register(&context)) {
      return JudgeGrpcStatus(grpc::Status(grpc::StatusCode::CANCELLED, "shutting down"));
    }
    const grpc::Slice slice(request);
    const grpc::ByteBuffer message(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    auto call = stub_.PrepareUnaryCall(&context, kExportPath, message, &queue_);
    call->StartCall();
    call->Finish(&response, &status, this);
    void* tag;
    bool ok;
    queue_.Next(&tag, &ok);
    Register(nullptr);
    // A peer that has gone without a word looks like one that is slow: only a new connection tells.
    if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      stub_ = grpc::GenericStub(MakeChannel(options_));
    }
    if (!status.ok()) return JudgeGrpcStatus(status);
    grpc::Slice body;
    if (!response.DumpToSingleSlice(&body).ok()) return JudgeResponse({});
    return JudgeResponse({reinterpret_cast<const char*>(body.begin()), body.size()});
  }

  void Cancel() override {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }

 private:
  // False if there is nothing to start any more.
  bool Register(grpc::ClientContext* context) {
    const std::lock_guard lock(mutex_);
    context_ = context;
    return !cancelled_;
  }

  const OtlpOptions options_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  std::mutex mutex_;
  grpc::ClientContext* context_ = nullptr;  // of the call that is under way
  bool cancelled_ = false;
};

}  // namespace

std::unique_ptr<OtlpSender> MakeGrpcSender(const OtlpOptions& options) {
  return std::make_unique<GrpcSender>(options);
}

}  // namespace bridge::telemetry
