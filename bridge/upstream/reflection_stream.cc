#include "bridge/upstream/reflection_stream.h"

#include "bridge/upstream/gzip.h"

namespace bridge::upstream {

ReflectionStream::ReflectionStream(::grpc::GenericStub* stub, const char* path,
                                   std::chrono::system_clock::time_point deadline,
                                   Cancellation* cancellation)
    : cancellation_(cancellation) {
  context_.set_deadline(deadline);
  if (cancellation_ != nullptr) cancellation_->Join(&context_);
  call_ = stub->PrepareCall(&context_, path, &queue_);
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
  malformed_ = !buffer.DumpToSingleSlice(&slice_).ok() || !TakeAnswer();
  *answer = answer_;
  return !malformed_;
}

::grpc::Status ReflectionStream::Finish() {
  if (malformed_) return {::grpc::StatusCode::INTERNAL, "an answer that is no reflection answer"};
  ::grpc::Status status;
  call_->Finish(&status, this);
  Wait();
  finished_ = true;
  return status;
}

bool ReflectionStream::TakeAnswer() {
  answer_ = {reinterpret_cast<const char*>(slice_.begin()), slice_.size()};
  const Unpacked outcome = Unpack(answer_, kMaxReflectionAnswerBytes, &unpacked_);
  if (outcome == Unpacked::kDone) answer_ = unpacked_;
  return outcome == Unpacked::kPlain || outcome == Unpacked::kDone;
}

bool ReflectionStream::Wait() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

}  // namespace bridge::upstream
