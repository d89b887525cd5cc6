// The message of an answer, unpacked where the upstream sent it packed (gRPC over HTTP/2,
// "Message-Encoding").
//
// The packaged gRPC unpacks a message whole before anybody can compare its size with a limit, so
// channels leave the unpacking to us (bridge/base/gzip.h).
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace grpc {
class ChannelArguments;
}

namespace bridge::upstream {

// Tells servers that they may send gzip and deflate, and keeps gRPC from unpacking them.
void AcceptPackedAnswers(::grpc::ChannelArguments* arguments);

class MessageReader final {
 public:
  explicit MessageReader(size_t max_bytes) : max_bytes_(max_bytes) {}

  // The encoded message in `buffer`; its bytes live until the next call and as long as this.
  //
  // Errors: ResourceExhausted if it is larger than it may be, as it came or unpacked; Internal says
  // what is wrong with it: no message at all, damaged, or packed in a way that was never asked for.
  absl::StatusOr<std::string_view> Read(::grpc::ByteBuffer* buffer);

 private:
  const size_t max_bytes_;
  ::grpc::Slice slice_;
  std::string unpacked_;
};

}  // namespace bridge::upstream
