#include "bridge/upstream/rpc.h"

#include <grpc/grpc.h>

#include <algorithm>
#include <utility>

#include "bridge/upstream/call_end.h"

namespace bridge::upstream {
namespace {

using std::chrono::milliseconds;

// A call that was not seen is sent again at once, then after pauses that double. All of them
// together are some 3 s: a server that refuses for ever is not asked in a loop.
constexpr int kMaxResends = 10;
constexpr milliseconds kFirstPause{10};
constexpr milliseconds kLongestPause{1'000};
// A server whose own clock ends the call does so about now; gRPC's clocks count milliseconds.
constexpr milliseconds kClockError{10};
constexpr int kMostCode = 16;

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

::grpc::Slice TakenSlice(std::string bytes) {
  auto* const taken = new std::string(std::move(bytes));
  return {taken->data(), taken->size(),
          [](void* storage) { delete static_cast<std::string*>(storage); }, taken};
}

Rpc::Rpc(const CallSpec& spec, Connection* connection, size_t largest)
    : connection_(*connection),
      path_(spec.path),
      budget_(spec.budget),
      held_(spec.held),
      largest_(largest),
      deadline_(Clock::now() + spec.timeout),
      traceparent_(TraceparentOf(spec)),
      tracestate_(TracestateOf(spec)) {
  connection_.Join();
}

Rpc::~Rpc() {
  if (charged_ > 0) budget_->GiveBack(charged_);
  connection_.Leave();
}

void Rpc::Describe(::grpc::ClientContext* context) const {
  context->set_deadline(ToGrpcTime(deadline_));
  if (traceparent_) {
    connection_.scratch.assign(traceparent_->data(), traceparent_->size());
    context->AddMetadata("traceparent", connection_.scratch);
  }
  if (!tracestate_.empty()) context->AddMetadata("tracestate", tracestate_);
}

void Rpc::EndWith(StatusCode code, ::grpc::ClientContext* context) {
  ending_ = code;
  if (context == nullptr) return;
  peer_ = ConnectionOf(*context);
  context->TryCancel();
}

std::optional<milliseconds> Rpc::TakeResend() {
  if (ending_ != StatusCode::kOk || resends_ == kMaxResends) return std::nullopt;
  const milliseconds pause = PauseBefore(resends_ + 1);
  if (Clock::now() + pause >= deadline_) return std::nullopt;
  ++resends_;
  return pause;
}

bool Rpc::JudgeAttempt(::grpc::ClientContext* context, const ::grpc::Status& status,
                       bool has_answer, Words* words, CallResult* result) {
  words->message = status.error_message();
  words->details = status.error_details();
  result->context = context;
  result->number = status.error_code();
  result->code = result->number < 0 || result->number > kMostCode
                     ? StatusCode::kUnknown
                     : static_cast<StatusCode>(status.error_code());
  result->message = words->message;
  result->details = words->details;
  return JudgeEnd(context, has_answer, &words->message, result);
}

void Rpc::JudgeOurEnd(bool attempted, CallResult* result) const {
  if (!attempted) result->delivery = Delivery::kUnsent;
  if (ending_ == StatusCode::kCancelled && (!attempted || result->code == StatusCode::kCancelled)) {
    Tell(StatusCode::kCancelled, Cause::kCancelled, result);
  } else if (!attempted && IsTooLarge()) {
    Tell(StatusCode::kResourceExhausted, Cause::kRequestTooLarge, result);
    result->bytes = largest_;
    result->limit = connection_.options.max_request_bytes;
  } else if (ending_ == StatusCode::kDeadlineExceeded ||
             ((!attempted || MayBeTheDeadline(*result)) &&
              Clock::now() + kClockError >= deadline_)) {
    // A service that is told of the deadline may be the first to notice it.
    Tell(StatusCode::kDeadlineExceeded, Cause::kDeadline, result);
  }
}

void Rpc::Tell(StatusCode code, Cause cause, CallResult* result) const {
  result->code = code;
  result->number = static_cast<int>(code);
  result->cause = cause;
  result->message = result->details = {};
  result->peer = peer_;
  result->resends = resends_;
}

void Rpc::TellOurEnd(CallResult* result) const {
  Tell(ending_, ending_ == StatusCode::kCancelled ? Cause::kCancelled : Cause::kDeadline, result);
}

void Rpc::TellUnread(const absl::Status& problem, CallResult* result) const {
  if (absl::IsResourceExhausted(problem)) {
    Tell(StatusCode::kResourceExhausted, Cause::kAnswerTooLarge, result);
    result->limit = connection_.options.max_response_bytes;
  } else {
    Tell(StatusCode::kInternal, Cause::kUnreadable, result);
  }
  result->message = {problem.message().data(), problem.message().size()};
}

void Rpc::Charge() {
  if (budget_ != nullptr) budget_->Take(charged_ = held_);
}

}  // namespace bridge::upstream
