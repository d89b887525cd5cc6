#include "tests/bench/stream_echo.h"

#include <google/protobuf/unknown_field_set.h>

namespace bridge::bench {

StreamService::StreamService() {
  int index = 0;
  for (const Method& method : kMethods) {
    AddMethod(new ::grpc::internal::RpcServiceMethod(
        method.path, ::grpc::internal::RpcMethod::SERVER_STREAMING, nullptr));
    MarkMethodRaw(index++);
  }
}

std::string StreamService::SerializeCounts() const {
  ::google::protobuf::UnknownFieldSet fields;
  fields.AddVarint(1, static_cast<uint64_t>(counts.sent));
  fields.AddVarint(2, static_cast<uint64_t>(counts.open));
  std::string bytes;
  fields.SerializeToString(&bytes);
  return bytes;
}

StreamEcho::StreamEcho(StreamService* service, int method, ::grpc::ServerCompletionQueue* queue)
    : service_(service), method_(method), queue_(queue), writer_(&context_), done_(this) {
  context_.AsyncNotifyWhenDone(static_cast<Event*>(&done_));
  service->RequestAsyncServerStreaming(method, &context_, &message_, &writer_, queue, queue,
                                       static_cast<Event*>(this));
}

void StreamEcho::Complete(bool ok) {
  switch (step_) {
    case Step::kWaiting:
      if (!ok) {  // the server ends, and a call that never came is never done
        delete this;
        return;
      }
      new StreamEcho(service_, method_, queue_);
      ++service_->counts.open;
      return Write();
    case Step::kWriting:
      if (!ok) return Finish();
      ++service_->counts.sent;
      if (written_ < StreamService::kMethods[method_].messages) return Write();
      if (StreamService::kMethods[method_].holds && !is_done_) {
        step_ = Step::kHolding;
        return;
      }
      return Finish();
    case Step::kEnding:
      step_ = Step::kEnded;
      if (is_done_) delete this;
      return;
    case Step::kHolding:
    case Step::kEnded:
      return;
  }
}

void StreamEcho::Write() {
  ++written_;
  step_ = Step::kWriting;
  writer_.Write(message_, static_cast<Event*>(this));
}

void StreamEcho::Finish() {
  step_ = Step::kEnding;
  writer_.Finish(::grpc::Status::OK, static_cast<Event*>(this));
}

void StreamEcho::OnDone() {
  is_done_ = true;
  --service_->counts.open;
  if (step_ == Step::kHolding) return Finish();
  if (step_ == Step::kEnded) delete this;
}

}  // namespace bridge::bench
