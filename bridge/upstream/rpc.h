// What calls of every shape have in common: until when they may take, what goes out with each
// attempt, whether there is another one, and what is told of the end.
#pragma once

#include <grpcpp/client_context.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "bridge/upstream/channel.h"
#include "bridge/upstream/completions.h"
#include "bridge/upstream/connection.h"

namespace bridge::upstream {

// How long a call that we end waits for gRPC to say so. It does at once, except where it cannot get
// rid of the request.
inline constexpr std::chrono::milliseconds kEndTime{100};

// Takes the bytes as they are, without a copy.
::grpc::Slice TakenSlice(std::string bytes);

class Rpc {
 protected:
  using Clock = AlarmClock::Clock;

  // What a CallResult has views of.
  struct Words {
    std::string message, details;
  };

  // `largest` is the size of the largest message that is to be sent.
  Rpc(const CallSpec& spec, Connection* connection, size_t largest);
  ~Rpc();
  Rpc(const Rpc&) = delete;
  Rpc& operator=(const Rpc&) = delete;

  bool IsTooLarge() const { return largest_ > connection_.options.max_request_bytes; }

  // For the service and what traces it; our own deadline is kept by the call.
  void Describe(::grpc::ClientContext* context) const;

  // From now on we end it ourselves: with kCancelled or kDeadlineExceeded. `context` of the attempt
  // under way, or null.
  void EndWith(StatusCode code, ::grpc::ClientContext* context);

  // How long to wait before it is sent again, which counts as done; nothing if it is not to be.
  std::optional<std::chrono::milliseconds> TakeResend();

  // Judges an attempt that failed; true: it may be sent again.
  static bool JudgeAttempt(::grpc::ClientContext* context, const ::grpc::Status& status,
                           bool has_answer, Words* words, CallResult* result);
  // Judges the rest: whether it is we who ended the call. Without an attempt it is.
  void JudgeOurEnd(bool attempted, CallResult* result) const;
  void Tell(StatusCode code, Cause cause, CallResult* result) const;
  // That it has ended as EndWith said.
  void TellOurEnd(CallResult* result) const;
  // That MessageReader refused an answer; the result has views of `problem`.
  void TellUnread(const absl::Status& problem, CallResult* result) const;

  // What gRPC still holds once the end is told counts until this is destroyed.
  void Charge();

  Connection& connection_;
  const std::string_view path_;
  ByteBudget* const budget_;
  const size_t held_;
  const size_t largest_;
  const Clock::time_point deadline_;
  const std::optional<telemetry::Traceparent> traceparent_;
  const std::string tracestate_;
  size_t charged_ = 0;  // to the budget
  int resends_ = 0;
  StatusCode ending_ = StatusCode::kOk;  // that we end it with; kOk: we do not
  std::string peer_;                     // of a call that we end: gRPC forgets it
};

}  // namespace bridge::upstream
