#include "bridge/upstream/unary_call.h"

#include <utility>

#include "bridge/upstream/packed_answers.h"

namespace bridge::upstream {
namespace {

using std::chrono::milliseconds;

constexpr size_t kTakenBytes = 64 * 1024;  // a request of this size is taken, not copied

::grpc::Slice RequestSlice(const CallSpec& spec) {
  if (spec.storage == nullptr || spec.request.size() < kTakenBytes) [[likely]] {
    return {spec.request.data(), spec.request.size()};
  }
  return TakenSlice(std::exchange(*spec.storage, {}));
}

}  // namespace

UnaryCall::UnaryCall(const CallSpec& spec, Connection* connection, CallDone done)
    : Rpc(spec, connection, spec.request.size()),
      request_(IsTooLarge() ? ::grpc::Slice() : RequestSlice(spec)),
      done_(std::move(done)) {}

void UnaryCall::Start() {
  connection_.completions->deadlines().Add(this, deadline_);
  if (IsTooLarge()) return Wait(milliseconds(0));
  Try();
}

void UnaryCall::Try() {
  attempt_.emplace();
  Attempt& attempt = *attempt_;
  Describe(&attempt.context);
  const ::grpc::ByteBuffer buffer(&request_, 1);
  attempt.reader = connection_.stub.PrepareUnaryCall(&attempt.context, std::string(path_), buffer,
                                                     connection_.completions->queue());
  attempt.reader->StartCall();
  attempt.reader->Finish(&attempt.response, &attempt.status, static_cast<Completion*>(this));
}

void UnaryCall::Wait(milliseconds time) {
  attempt_.reset();
  pause_ = std::make_unique<::grpc::Alarm>();
  pause_->Set(connection_.completions->queue(), ToGrpcTime(Clock::now() + time),
              static_cast<Completion*>(this));
}

void UnaryCall::Cancel() {
  if (ending_ == StatusCode::kOk) End(StatusCode::kCancelled);
}

void UnaryCall::End(StatusCode code) {
  EndWith(code, attempt_ ? &attempt_->context : nullptr);
  if (!attempt_) pause_->Cancel();
  connection_.completions->deadlines().Remove(this);
  connection_.completions->ends().Add(this, Clock::now() + kEndTime);
}

// Runs at the deadline, and once more if gRPC has not ended the call within kEndTime: then the
// caller is told, and this object waits for gRPC.
void UnaryCall::Expire() {
  if (ending_ == StatusCode::kOk) return End(StatusCode::kDeadlineExceeded);
  CallResult result;
  result.context = attempt_ ? &attempt_->context : nullptr;
  TellOurEnd(&result);
  Charge();
  std::exchange(done_, nullptr)(result);
}

void UnaryCall::Complete(bool /*ok*/) {
  if (!done_) {
    delete this;
  } else if (pause_ == nullptr) {
    if (attempt_->status.ok()) {
      Succeed();
    } else {
      Fail();
    }
  } else if (ending_ != StatusCode::kOk || IsTooLarge()) {
    Fail();
  } else {
    pause_.reset();
    Try();
  }
}

void UnaryCall::Succeed() {
  CallResult result;
  result.context = &attempt_->context;
  result.resends = resends_;
  MessageReader reader(connection_.options.max_response_bytes);
  const auto message = reader.Read(&attempt_->response);
  if (message.ok()) {
    result.response = *message;
    return Answer(result);
  }
  TellUnread(message.status(), &result);
  Answer(result);
}

void UnaryCall::Fail() {
  CallResult result;
  Words words;
  result.resends = resends_;
  if (attempt_ && JudgeAttempt(&attempt_->context, attempt_->status, attempt_->response.Valid(),
                               &words, &result)) {
    if (const auto pause = TakeResend()) return pause->count() == 0 ? Try() : Wait(*pause);
  }
  JudgeOurEnd(attempt_.has_value(), &result);
  Answer(result);
}

void UnaryCall::Answer(const CallResult& result) {
  Completions& completions = *connection_.completions;
  (ending_ == StatusCode::kOk ? completions.deadlines() : completions.ends()).Remove(this);
  std::exchange(done_, nullptr)(result);
  delete this;
}

}  // namespace bridge::upstream
