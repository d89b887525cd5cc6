// One unary call and, where the service provably never saw it, its repetitions.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <optional>
#include <string>

#include "bridge/upstream/channel.h"
#include "bridge/upstream/completions.h"

namespace bridge::upstream {

struct Connection {
  ::grpc::GenericStub stub;
  Completions* completions;
  ChannelOptions options;
  std::string scratch;  // gRPC wants metadata as strings and copies them
};

// Owns itself from Start on: until `done` has run and gRPC holds nothing of it any more. The second
// may be long after the first, where a peer takes no more bytes.
class UnaryCall final : private Completion, private Deadlines::Entry {
 public:
  UnaryCall(const CallSpec& spec, Connection* connection, CallDone done);
  ~UnaryCall();
  void Start();
  void Cancel();

 private:
  // What gRPC forbids to use twice.
  struct Attempt {
    ::grpc::ClientContext context;
    ::grpc::ByteBuffer response;
    ::grpc::Status status;
    std::unique_ptr<::grpc::ClientAsyncResponseReader<::grpc::ByteBuffer>> reader;
  };

  void Complete(bool ok) override;
  void Expire() override;
  void Try();
  void Wait(std::chrono::milliseconds time);
  void End(StatusCode code);
  void Succeed();
  void Fail();
  bool SendAgain();
  bool IsPast() const;
  void Tell(StatusCode code, Cause cause, CallResult* result) const;
  bool IsTooLarge() const;
  void Answer(const CallResult& result);

  Connection& connection_;
  const std::string_view path_;
  ByteBudget* const budget_;
  const size_t held_;
  const size_t request_bytes_;
  const ::grpc::Slice request_;  // what gRPC sends is a reference to it; empty if it is too large
  const Deadlines::Clock::time_point deadline_;
  const std::optional<telemetry::Traceparent> traceparent_;
  const std::string tracestate_;
  CallDone done_;
  std::optional<Attempt> attempt_;
  std::unique_ptr<::grpc::Alarm> pause_;  // while it waits for its next attempt
  size_t charged_ = 0;                    // to the budget
  int resends_ = 0;
  StatusCode ending_ = StatusCode::kOk;  // that we end it with; kOk: we do not
  std::string peer_;                     // of a call that we end: gRPC forgets it
};

}  // namespace bridge::upstream
