// The streaming methods of the echo upstream (stream.proto), for its one thread.
#pragma once

#include <grpcpp/completion_queue.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <string>

namespace bridge::bench {

// What a tag of the completion queue points to.
class Event {
 public:
  virtual ~Event() = default;
  virtual void Complete(bool ok) = 0;
};

class StreamService final : public ::grpc::Service {
 public:
  struct Method {
    const char* path;
    int messages;
    bool holds;  // does not end by itself
  };
  struct Counts {
    int64_t sent = 0;
    int64_t open = 0;
  };
  static constexpr Method kMethods[] = {
      {"/bench.v1.StreamService/EchoThousand", 1000, false},
      {"/bench.v1.StreamService/EchoTenThousand", 10'000, false},
      {"/bench.v1.StreamService/EchoAndHold", 1, true},
  };

  StreamService();
  using ::grpc::Service::RequestAsyncServerStreaming;

  // As a message of that name.
  std::string SerializeCounts() const;

  Counts counts;
};

// A call of one of them; takes the next one when it comes, and deletes itself at its end.
class StreamEcho final : public Event {
 public:
  StreamEcho(StreamService* service, int method, ::grpc::ServerCompletionQueue* queue);

  void Complete(bool ok) override;

 private:
  enum class Step { kWaiting, kWriting, kHolding, kEnding, kEnded };
  class Done final : public Event {
   public:
    explicit Done(StreamEcho* call) : call_(call) {}
    void Complete(bool) override { call_->OnDone(); }

   private:
    StreamEcho* const call_;
  };

  void Write();
  void Finish();
  void OnDone();

  StreamService* service_;
  const int method_;
  ::grpc::ServerCompletionQueue* queue_;
  ::grpc::ServerContext context_;
  ::grpc::ByteBuffer message_;
  ::grpc::ServerAsyncWriter<::grpc::ByteBuffer> writer_;
  int written_ = 0;
  Step step_ = Step::kWaiting;
  Done done_;
  bool is_done_ = false;
};

}  // namespace bridge::bench
