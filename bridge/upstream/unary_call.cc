#include "bridge/upstream/unary_call.h"

#include <grpc/grpc.h>

#include <algorithm>
#include <utility>

#include "bridge/upstream/call_end.h"
#include "bridge/upstream/packed_answers.h"

namespace bridge::upstream {
namespace {

using std::chrono::milliseconds;

// A call that was not seen is sent again at once, then after pauses that double. All of them
// together are some 3 s: a server that refuses for ever is not asked in a loop.
constexpr int kMaxResends = 10;
constexpr milliseconds kFirstPause{10};
constexpr milliseconds kLongestPause{1'000};
// How long a call that we end waits for gRPC to say so. It does at once, except where it cannot get
// rid of the request.
constexpr milliseconds kEndTime{100};
// A server whose own clock ends the call does so about now; gRPC's clocks count milliseconds.
constexpr milliseconds kClockError{10};
constexpr int kMostCode = 16;

constexpr size_t kTakenBytes = 64 * 1024;  // a request of this size is taken, not copied

::grpc::Slice RequestSlice(const CallSpec& spec) {
  if (spec.storage == nullptr || spec.request.size() < kTakenBytes) [[likely]] {
    return {spec.request.data(), spec.request.size()};
  }
  auto* const taken = new std::string(std::exchange(*spec.storage, {}));
  return {taken->data(), taken->size(),
          [](void* storage) { delete static_cast<std::string*>(storage); }, taken};
}

milliseconds PauseBefore(int resend) {
  return resend <= 1 ? milliseconds(0) : std::min(kFirstPause * (1 << (resend - 2)), kLongestPause);
}

// An illegal value would abort the process inside gRPC.
bool IsLegal(std::string_view value) {
  const ::grpc::Slice slice(value.data(), value.size(), ::grpc::Slice::STATIC_SLICE);
  const grpc_slice raw = slice.c_slice();
  const bool legal = grpc_header_nonbin_value_is_legal(raw) != 0;
  grpc_slice_unref(raw);
  return legal;
}

std::optional<telemetry::Traceparent> TraceparentOf(const CallSpec& spec) {
  if (spec.trace == nullptr || !spec.trace->valid()) return std::nullopt;
  return telemetry::WriteTraceparent(*spec.trace);
}

std::string TracestateOf(const CallSpec& spec) {
  if (spec.trace == nullptr || spec.trace->tracestate.empty()) return {};
  return IsLegal(spec.trace->tracestate) ? spec.trace->tracestate : std::string();
}

// Any other status is the service's own, also where it comes as late.
bool MayBeTheDeadline(const CallResult& result) {
  return result.code == StatusCode::kCancelled || result.code == StatusCode::kDeadlineExceeded ||
         result.cause == Cause::kConnection;
}

}  // namespace

UnaryCall::UnaryCall(const CallSpec& spec, Connection* connection, CallDone done)
    : connection_(*connection),
      path_(spec.path),
      budget_(spec.budget),
      held_(spec.held),
      request_bytes_(spec.request.size()),
      request_(IsTooLarge() ? ::grpc::Slice() : RequestSlice(spec)),
      deadline_(Deadlines::Clock::now() + spec.timeout),
      traceparent_(TraceparentOf(spec)),
      tracestate_(TracestateOf(spec)),
      done_(std::move(done)) {}

UnaryCall::~UnaryCall() {
  if (charged_ > 0) budget_->GiveBack(charged_);
}

void UnaryCall::Start() {
  connection_.completions->deadlines().Add(this, deadline_);
  if (IsTooLarge()) return Wait(milliseconds(0));
  Try();
}

void UnaryCall::Try() {
  attempt_.emplace();
  Attempt& attempt = *attempt_;
  attempt.context.set_deadline(ToGrpcTime(deadline_));  // for the service: our own is kept here
  if (traceparent_) {
    connection_.scratch.assign(traceparent_->data(), traceparent_->size());
    attempt.context.AddMetadata("traceparent", connection_.scratch);
  }
  if (!tracestate_.empty()) attempt.context.AddMetadata("tracestate", tracestate_);
  const ::grpc::ByteBuffer buffer(&request_, 1);
  attempt.reader = connection_.stub.PrepareUnaryCall(&attempt.context, std::string(path_), buffer,
                                                     connection_.completions->queue());
  attempt.reader->StartCall();
  attempt.reader->Finish(&attempt.response, &attempt.status, static_cast<Completion*>(this));
}

void UnaryCall::Wait(milliseconds time) {
  attempt_.reset();
  pause_ = std::make_unique<::grpc::Alarm>();
  pause_->Set(connection_.completions->queue(), ToGrpcTime(Deadlines::Clock::now() + time),
              static_cast<Completion*>(this));
}

void UnaryCall::Cancel() {
  if (ending_ == StatusCode::kOk) End(StatusCode::kCancelled);
}

void UnaryCall::End(StatusCode code) {
  ending_ = code;
  if (attempt_) {
    peer_ = ConnectionOf(attempt_->context);
    attempt_->context.TryCancel();
  } else {
    pause_->Cancel();
  }
  connection_.completions->deadlines().Remove(this);
  connection_.completions->ends().Add(this, Deadlines::Clock::now() + kEndTime);
}

// Runs at the deadline, and once more if gRPC has not ended the call within kEndTime: then the
// caller is told, and this object waits for gRPC.
void UnaryCall::Expire() {
  if (ending_ == StatusCode::kOk) return End(StatusCode::kDeadlineExceeded);
  CallResult result;
  result.context = attempt_ ? &attempt_->context : nullptr;
  Tell(ending_, ending_ == StatusCode::kCancelled ? Cause::kCancelled : Cause::kDeadline, &result);
  if (budget_ != nullptr) budget_->Take(charged_ = held_);
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

bool UnaryCall::IsTooLarge() const {
  return request_bytes_ > connection_.options.max_request_bytes;
}

bool UnaryCall::IsPast() const {
  return Deadlines::Clock::now() + kClockError >= deadline_;
}

void UnaryCall::Tell(StatusCode code, Cause cause, CallResult* result) const {
  result->code = code;
  result->number = static_cast<int>(code);
  result->cause = cause;
  result->message = result->details = {};
  result->peer = peer_;
  result->resends = resends_;
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
  const std::string words(message.status().message());
  result.message = words;
  if (absl::IsResourceExhausted(message.status())) {
    result.code = StatusCode::kResourceExhausted;
    result.cause = Cause::kAnswerTooLarge;
    result.limit = connection_.options.max_response_bytes;
  } else {
    result.code = StatusCode::kInternal;
    result.cause = Cause::kUnreadable;
  }
  result.number = static_cast<int>(result.code);
  Answer(result);
}

void UnaryCall::Fail() {
  CallResult result;
  std::string message, details;
  result.resends = resends_;
  if (attempt_) {
    const ::grpc::Status& status = attempt_->status;
    message = status.error_message();
    details = status.error_details();
    result.context = &attempt_->context;
    result.number = status.error_code();
    result.code = result.number < 0 || result.number > kMostCode
                      ? StatusCode::kUnknown
                      : static_cast<StatusCode>(status.error_code());
    result.message = message;
    result.details = details;
    if (JudgeEnd(&attempt_->context, attempt_->response.Valid(), &message, &result) &&
        SendAgain()) {
      return;
    }
  } else {
    result.delivery = Delivery::kUnsent;
  }
  if (ending_ == StatusCode::kCancelled && (!attempt_ || result.code == StatusCode::kCancelled)) {
    Tell(StatusCode::kCancelled, Cause::kCancelled, &result);
  } else if (!attempt_ && IsTooLarge()) {
    Tell(StatusCode::kResourceExhausted, Cause::kRequestTooLarge, &result);
    result.bytes = request_bytes_;
    result.limit = connection_.options.max_request_bytes;
  } else if (ending_ == StatusCode::kDeadlineExceeded ||
             ((!attempt_ || MayBeTheDeadline(result)) && IsPast())) {
    // A service that is told of the deadline may be the first to notice it.
    Tell(StatusCode::kDeadlineExceeded, Cause::kDeadline, &result);
  }
  Answer(result);
}

bool UnaryCall::SendAgain() {
  if (ending_ != StatusCode::kOk || resends_ == kMaxResends) return false;
  const milliseconds pause = PauseBefore(resends_ + 1);
  if (Deadlines::Clock::now() + pause >= deadline_) return false;
  ++resends_;
  if (pause.count() == 0) {
    Try();
  } else {
    Wait(pause);
  }
  return true;
}

void UnaryCall::Answer(const CallResult& result) {
  Completions& completions = *connection_.completions;
  (ending_ == StatusCode::kOk ? completions.deadlines() : completions.ends()).Remove(this);
  std::exchange(done_, nullptr)(result);
  delete this;
}

}  // namespace bridge::upstream
