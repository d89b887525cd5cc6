#include "bridge/upstream/channel.h"

#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <utility>

#include "bridge/base/gzip.h"
#include "bridge/upstream/packed_answers.h"

namespace bridge::upstream {
namespace {

constexpr std::chrono::seconds kPingInterval{300};
constexpr std::chrono::seconds kSilence{20};

constexpr size_t kTakenBytes = 64 * 1024;  // a request of this size is taken, not copied

std::string_view View(const ::grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

// An illegal pair would abort the process inside gRPC, so it is left out instead.
void AddMetadata(::grpc::ClientContext* context, const char* key, std::string_view value) {
  if (value.empty()) return;
  const ::grpc::Slice slice(value.data(), value.size(), ::grpc::Slice::STATIC_SLICE);
  const grpc_slice raw = slice.c_slice();
  const bool legal = grpc_header_nonbin_value_is_legal(raw) != 0;
  grpc_slice_unref(raw);
  if (legal) context->AddMetadata(key, std::string(value));
}

::grpc::Slice RequestSlice(const CallSpec& spec) {
  if (spec.storage == nullptr || spec.request.size() < kTakenBytes) [[likely]] {
    return {spec.request.data(), spec.request.size()};
  }
  auto* const taken = new std::string(std::exchange(*spec.storage, {}));
  return {taken->data(), taken->size(),
          [](void* storage) { delete static_cast<std::string*>(storage); }, taken};
}

int Milliseconds(std::chrono::seconds time) {
  return static_cast<int>(std::chrono::milliseconds(time).count());
}

::grpc::ChannelArguments Arguments(const ChannelOptions& options) {
  ::grpc::ChannelArguments arguments;
  // Each reactor has its own connection; shared ones would be polled by several threads.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // decided by us; 10 to 18 % of a call's CPU
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  // A peer that vanished without a word is noticed while calls wait for it. Every server permits a
  // ping each five minutes.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kPingInterval));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(kSilence));
  AcceptPackedAnswers(&arguments);
  // No ResourceQuota, though gRPC compares a message with the limit only when it has all of it:
  // with one, a flood of frames made an assertion of the packaged gRPC end the process far more
  // often.
  arguments.SetMaxReceiveMessageSize(options.max_response_bytes);
  arguments.SetMaxSendMessageSize(options.max_request_bytes);
  return arguments;
}

// Of a status that is not OK. Words of gRPC's own are told by how they begin.
void Judge(std::string_view message, CallResult* result) {
  const auto begins = [message](std::string_view words) { return message.starts_with(words); };
  if (result->code == StatusCode::kDeadlineExceeded &&
      (message.empty() || message == "Deadline Exceeded")) {
    result->cause = Cause::kDeadline;
  } else if (result->code == StatusCode::kCancelled &&
             (message.empty() || message == "CANCELLED" || message == "Cancelled")) {
    result->cause = Cause::kCancelled;
  } else if (result->code == StatusCode::kResourceExhausted &&
             begins("Sent message larger than max")) {
    result->cause = Cause::kRequestTooLarge;
    result->delivery = Delivery::kUnsent;
  } else if (result->code == StatusCode::kResourceExhausted &&
             begins("Received message larger than max")) {
    result->cause = Cause::kAnswerTooLarge;
  } else if (result->code == StatusCode::kUnavailable &&
             begins("failed to connect to all addresses")) {
    result->cause = Cause::kConnection;
    result->delivery = Delivery::kUnsent;
  }
}

}  // namespace

std::string CallResult::Peer() const {
  return context == nullptr ? "" : context->peer();
}

// Owns itself from StartUnary until `done` has run.
class UnaryCall final : public Completion {
 public:
  UnaryCall(const CallSpec& spec, size_t max_response_bytes, CallDone done)
      : path_(spec.path), max_response_bytes_(max_response_bytes), done_(std::move(done)) {
    context_.set_deadline(std::chrono::system_clock::now() + spec.timeout);
    AddMetadata(&context_, "traceparent", spec.traceparent);
    AddMetadata(&context_, "tracestate", spec.tracestate);
  }

  void Start(::grpc::GenericStub* stub, const CallSpec& spec, ::grpc::CompletionQueue* queue) {
    const ::grpc::Slice slice = RequestSlice(spec);
    const ::grpc::ByteBuffer buffer(&slice, 1);
    reader_ = stub->PrepareUnaryCall(&context_, path_, buffer, queue);
    reader_->StartCall();
    reader_->Finish(&response_, &status_, static_cast<Completion*>(this));
  }

  void Cancel() { context_.TryCancel(); }

  void Complete(bool /*ok*/) override {
    CallResult result;
    ::grpc::Slice slice;
    std::string unpacked;
    result.context = &context_;
    result.number = status_.error_code();
    result.code = static_cast<StatusCode>(status_.error_code());
    if (result.number < 0 || result.number > static_cast<int>(StatusCode::kUnauthenticated)) {
      result.code = StatusCode::kUnknown;
    }
    if (status_.ok() && response_.Valid()) {
      TakeResponse(&slice, &unpacked, &result);
    } else if (status_.ok()) {
      result.code = StatusCode::kInternal;
      result.cause = Cause::kUnreadable;
      result.message = "the answer has no message";
    }
    // The accessors return by value; these copies keep the views alive.
    const std::string message = status_.ok() ? std::string() : status_.error_message();
    const std::string details = status_.ok() ? std::string() : status_.error_details();
    if (!status_.ok()) {
      result.message = message;
      result.details = details;
      Judge(message, &result);
    }
    done_(result);
    delete this;
  }

 private:
  // Fills `result` with the response; what it points to is in `slice` or `unpacked`.
  void TakeResponse(::grpc::Slice* slice, std::string* unpacked, CallResult* result) {
    if (!response_.TrySingleSlice(slice).ok() && !response_.DumpToSingleSlice(slice).ok()) {
      result->code = StatusCode::kInternal;
      result->cause = Cause::kUnreadable;
      result->message = "the answer could not be read";
      return;
    }
    result->response = View(*slice);
    switch (Unpack(result->response, max_response_bytes_, unpacked)) {
      case Unpacked::kPlain:
        return;
      case Unpacked::kDone:
        result->response = *unpacked;
        return;
      case Unpacked::kDamaged:
        result->code = StatusCode::kInternal;
        result->cause = Cause::kUnreadable;
        result->message = "the compressed answer is damaged";
        return;
      case Unpacked::kTooLarge:
        result->code = StatusCode::kResourceExhausted;
        result->cause = Cause::kAnswerTooLarge;
        result->limit = max_response_bytes_;
        result->message = "the answer is larger than the bridge takes";
        return;
    }
  }

  const std::string path_;
  const size_t max_response_bytes_;
  ::grpc::ClientContext context_;
  ::grpc::ByteBuffer response_;
  ::grpc::Status status_;
  std::unique_ptr<::grpc::ClientAsyncResponseReader<::grpc::ByteBuffer>> reader_;
  CallDone done_;
};

struct Channel::State {
  ::grpc::GenericStub stub;
  Completions* completions;
  size_t max_response_bytes;
};

Channel::Channel(const Target& target, const ChannelOptions& options, Completions* completions)
    : state_(
          new State{::grpc::GenericStub(::grpc::CreateCustomChannel(
                        target.address, ::grpc::InsecureChannelCredentials(), Arguments(options))),
                    completions, static_cast<size_t>(options.max_response_bytes)}) {}

Channel::~Channel() = default;

UnaryCall* Channel::StartUnary(const CallSpec& spec, CallDone done) {
  auto* call = new UnaryCall(spec, state_->max_response_bytes, std::move(done));
  call->Start(&state_->stub, spec, state_->completions->queue());
  return call;
}

void Cancel(UnaryCall* call) {
  call->Cancel();
}

}  // namespace bridge::upstream
