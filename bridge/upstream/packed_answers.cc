#include "bridge/upstream/packed_answers.h"

#include <grpc/grpc.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "bridge/base/gzip.h"
#include "bridge/upstream/foreign_frames.h"

namespace bridge::upstream {
namespace {

// ByteBuffer does not say how its message is packed.
class Peek final : public ::grpc::ProtoBufferReader {
 public:
  using ProtoBufferReader::ProtoBufferReader;
  grpc_compression_algorithm algorithm() { return reader()->buffer_in->data.raw.compression; }
};

absl::Status TooLarge() {
  return absl::ResourceExhaustedError("the answer is larger than the bridge takes");
}

}  // namespace

void AcceptPackedAnswers(::grpc::ChannelArguments* arguments) {
  arguments->SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET,
                    1 << GRPC_COMPRESS_NONE | 1 << GRPC_COMPRESS_DEFLATE | 1 << GRPC_COMPRESS_GZIP);
  arguments->SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
}

absl::StatusOr<std::string_view> MessageReader::Read(::grpc::ByteBuffer* buffer) {
  if (!buffer->Valid()) return absl::InternalError("the answer has no message");
  if (buffer->Length() > max_bytes_) return TooLarge();
  grpc_compression_algorithm algorithm = GRPC_COMPRESS_NONE;
  if (!buffer->TrySingleSlice(&slice_).ok()) {  // as it is in one piece and not packed
    algorithm = Peek(buffer).algorithm();
    if (!buffer->DumpToSingleSlice(&slice_).ok()) {
      return absl::InternalError("the answer could not be read");
    }
  }
  const std::string_view bytes(reinterpret_cast<const char*>(slice_.begin()), slice_.size());
  if (algorithm == GRPC_COMPRESS_NONE) {
    const std::string_view foreign = ForeignFrame(bytes);
    if (foreign.empty()) return bytes;
    return absl::InternalError("the answer is packed with " + std::string(foreign) +
                               ", which the bridge did not ask for");
  }
  const bool gzip = algorithm == GRPC_COMPRESS_GZIP;
  const Unpacked outcome =
      Unpack(gzip ? Packing::kGzip : Packing::kZlib, bytes, max_bytes_, &unpacked_);
  if (outcome == Unpacked::kDone) return unpacked_;
  if (outcome == Unpacked::kTooLarge) return TooLarge();
  return absl::InternalError(std::string("the answer is packed with ") +
                             (gzip ? "gzip" : "deflate") + " and " +
                             std::string(Describe(outcome)));
}

}  // namespace bridge::upstream
