// One call with any number of messages and, where the service provably never saw it, its
// repetitions.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "bridge/upstream/rpc.h"
#include "bridge/upstream/stream.h"
#include "bridge/upstream/timer.h"

namespace bridge::upstream {

// Owns itself from Start on: until OnDone has run and gRPC holds nothing of it any more. The second
// may be long after the first, where a peer takes no more bytes.
class StreamCall final : private Rpc {
 public:
  StreamCall(const CallSpec& spec, Shape shape, Messages requests, Connection* connection,
             StreamSink* sink);
  void Start();
  void Next();
  void Cancel();

 private:
  // A kind of operation, of which gRPC allows one at a time, and its tag.
  template <void (StreamCall::*done)(bool ok)>
  class Operation final : public Completion {
   public:
    explicit Operation(StreamCall* call) : call_(call) {}
    void* Begin() {
      under_way_ = true;
      return static_cast<Completion*>(this);
    }
    bool under_way() const { return under_way_; }

   private:
    void Complete(bool ok) override {
      under_way_ = false;
      (call_->*done)(ok);
    }

    StreamCall* const call_;
    bool under_way_ = false;
  };

  // What gRPC forbids to use twice.
  struct Attempt {
    ::grpc::ClientContext context;
    ::grpc::ByteBuffer message;
    ::grpc::Status status;
    bool finishing;  // its status is asked for; false at first
    std::unique_ptr<::grpc::GenericClientAsyncReaderWriter> stream;
  };

  void Try();
  void Write();
  void Read();
  void Finish();
  void Written(bool ok);
  void HasRead(bool ok);
  void Finished(bool ok);

  void Expire();
  void Resume();
  void End(StatusCode code);
  void Answer(StreamResult* result);
  void Settle();

  const bool takes_one_;
  const std::vector<size_t> ends_;
  const ::grpc::Slice requests_;  // what gRPC sends are references to it
  StreamSink* sink_;              // null: it has been told the end
  std::optional<Attempt> attempt_;
  Operation<&StreamCall::Written> writing_{this};
  Operation<&StreamCall::HasRead> reading_{this};
  Operation<&StreamCall::Finished> finishing_{this};
  size_t next_ = 0;  // request to be sent
  size_t sent_ = 0;
  size_t received_ = 0;
  bool untaken_ = false;
  bool wanted_ = false;                              // Next waits for an answer
  std::optional<std::chrono::milliseconds> resend_;  // after this pause, once gRPC holds nothing
  Timer deadline_timer_;  // also of the end: when the sink is told, even if gRPC does not let go
  Timer pause_;           // while it waits for its next attempt
};

}  // namespace bridge::upstream
