#include "bridge/upstream/reflection_stream.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "bridge/telemetry/random_id.h"
#include "bridge/telemetry/trace_context.h"
#include "bridge/upstream/packed_answers.h"

namespace bridge::upstream {
namespace {

// What may come of one answer: the largest, and its frames.
constexpr size_t kMaxReceivedBytes = 32u << 20;
constexpr std::chrono::milliseconds kLook{20};

}  // namespace

ReflectionChannel::ReflectionChannel(const Target& target) {
  ::grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  AcceptPackedAnswers(&arguments);
  arguments.SetMaxReceiveMessageSize(kMaxReflectionAnswerBytes);
  received_ = ReceivedBytes::Watch(&arguments);
  stub_.emplace(
      ::grpc::CreateCustomChannel(target.address, ::grpc::InsecureChannelCredentials(), arguments));
}

ReflectionStream::ReflectionStream(ReflectionChannel* channel, const char* path,
                                   std::chrono::system_clock::time_point deadline,
                                   Cancellation* cancellation)
    : channel_(*channel), cancellation_(cancellation) {
  context_.set_deadline(deadline);
  // What we ask for ourselves is nobody's trace: upstreams that trace their calls leave it out.
  telemetry::TraceContext untraced;
  untraced.trace_id = telemetry::MakeTraceId();
  untraced.span_id = telemetry::MakeSpanId();
  context_.AddMetadata("traceparent", telemetry::FormatTraceparent(untraced));
  if (cancellation_ != nullptr) cancellation_->Join(&context_);
  call_ = channel_.stub().PrepareCall(&context_, path, &queue_);
  call_->StartCall(this);
  started_ = Wait();
}

ReflectionStream::~ReflectionStream() {
  context_.TryCancel();
  if (!finished_) Finish();
  if (cancellation_ != nullptr) cancellation_->Leave(&context_);
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool ReflectionStream::Ask(const std::string& request, std::string_view* answer) {
  if (!started_) return false;
  const ::grpc::Slice slice(request);
  call_->Write(::grpc::ByteBuffer(&slice, 1), this);
  if (!Wait()) return false;
  ::grpc::ByteBuffer buffer;
  call_->Read(&buffer, this);
  if (!Wait()) return false;
  const auto message = message_.Read(&buffer);
  malformed_ = !message.ok();
  if (message.ok()) *answer = *message;
  return !malformed_;
}

::grpc::Status ReflectionStream::Finish() {
  if (malformed_) return {::grpc::StatusCode::INTERNAL, "an answer that is no reflection answer"};
  ::grpc::Status status;
  call_->Finish(&status, this);
  Wait();
  finished_ = true;
  if (endless_) {
    return {::grpc::StatusCode::RESOURCE_EXHAUSTED,
            "an answer of more than " + std::to_string(kMaxReflectionAnswerBytes) + " bytes"};
  }
  return status;
}

bool ReflectionStream::Wait() {
  const uint64_t before = channel_.received_bytes();
  void* tag = nullptr;
  bool ok = false;
  while (true) {
    const auto until = std::chrono::system_clock::now() + kLook;
    switch (queue_.AsyncNext(&tag, &ok, until)) {
      case ::grpc::CompletionQueue::SHUTDOWN:
        return false;
      case ::grpc::CompletionQueue::GOT_EVENT:
        return ok;
      case ::grpc::CompletionQueue::TIMEOUT:
        // gRPC looks at the size of a message when it has all of it.
        if (channel_.received_bytes() > before + kMaxReceivedBytes) {
          endless_ = true;
          context_.TryCancel();
        }
    }
  }
}

}  // namespace bridge::upstream
