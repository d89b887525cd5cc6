// One unary call and, where the service provably never saw it, its repetitions.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <optional>

#include "bridge/upstream/channel.h"
#include "bridge/upstream/completions.h"
#include "bridge/upstream/rpc.h"

namespace bridge::upstream {

// Owns itself from Start on: until `done` has run and gRPC holds nothing of it any more. The second
// may be long after the first, where a peer takes no more bytes.
class UnaryCall final : private Rpc, private Completion, private Deadlines::Entry {
 public:
  UnaryCall(const CallSpec& spec, Connection* connection, CallDone done);
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
  void Answer(const CallResult& result);

  const ::grpc::Slice request_;  // what gRPC sends is a reference to it; empty if it is too large
  CallDone done_;
  std::optional<Attempt> attempt_;
  std::unique_ptr<::grpc::Alarm> pause_;  // while it waits for its next attempt
};

}  // namespace bridge::upstream
