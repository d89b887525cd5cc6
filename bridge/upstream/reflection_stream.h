// One stream of grpc.reflection's ServerReflectionInfo, used synchronously: ask, wait, read. One
// thread; another may end it through the Cancellation.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/upstream/cancellation.h"
#include "bridge/upstream/packed_answers.h"
#include "bridge/upstream/received_bytes.h"
#include "bridge/upstream/target.h"

namespace bridge::upstream {

constexpr int kMaxReflectionAnswerBytes = 16 << 20;  // servers may send a whole closure at once

// The connection that reflection has for itself.
class ReflectionChannel final {
 public:
  explicit ReflectionChannel(const Target& target);

  ::grpc::GenericStub& stub() { return *stub_; }
  uint64_t received_bytes() const { return received_->Count(); }

 private:
  std::shared_ptr<ReceivedBytes> received_;
  std::optional<::grpc::GenericStub> stub_;
};

class ReflectionStream final {
 public:
  // `cancellation` may be null.
  ReflectionStream(ReflectionChannel* channel, const char* path,
                   std::chrono::system_clock::time_point deadline, Cancellation* cancellation);
  ~ReflectionStream();
  ReflectionStream(const ReflectionStream&) = delete;
  ReflectionStream& operator=(const ReflectionStream&) = delete;

  // Sends an encoded request; `answer` is valid until the next. False when the stream is over;
  // Finish then tells why.
  bool Ask(const std::string& request, std::string_view* answer);

  ::grpc::Status Finish();

 private:
  bool Wait();

  ReflectionChannel& channel_;
  ::grpc::ClientContext context_;
  ::grpc::CompletionQueue queue_;
  Cancellation* const cancellation_;
  std::unique_ptr<::grpc::GenericClientAsyncReaderWriter> call_;
  MessageReader message_{kMaxReflectionAnswerBytes};
  bool started_ = false;
  bool finished_ = false;
  bool malformed_ = false;
  bool endless_ = false;
};

}  // namespace bridge::upstream
