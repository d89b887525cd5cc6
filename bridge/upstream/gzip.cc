#include "bridge/upstream/gzip.h"

#include <grpc/grpc.h>
#include <grpcpp/support/channel_arguments.h>
#include <zlib.h>

#include <algorithm>

namespace bridge::upstream {
namespace {

constexpr std::string_view kMagic = "\x1f\x8b";
constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr size_t kStepBytes = 64 * 1024;

Unpacked Inflate(z_stream* stream, size_t max_bytes, std::string* message) {
  while (true) {
    const size_t had = message->size();
    const size_t room = std::min(std::max(kStepBytes, had), max_bytes + 1 - had);
    message->resize(had + room);
    stream->next_out = reinterpret_cast<Bytef*>(message->data() + had);
    stream->avail_out = static_cast<uInt>(room);
    const int status = inflate(stream, Z_NO_FLUSH);
    message->resize(had + room - stream->avail_out);
    if (message->size() > max_bytes) return Unpacked::kTooLarge;
    if (status == Z_STREAM_END) {
      return stream->avail_in == 0 ? Unpacked::kDone : Unpacked::kDamaged;
    }
    if (status != Z_OK || stream->avail_out > 0) return Unpacked::kDamaged;
  }
}

}  // namespace

void AcceptPackedAnswers(::grpc::ChannelArguments* arguments) {
  arguments->SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET,
                    1 << GRPC_COMPRESS_NONE | 1 << GRPC_COMPRESS_GZIP);
  arguments->SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
}

Unpacked Unpack(std::string_view answer, size_t max_bytes, std::string* message) {
  if (!answer.starts_with(kMagic)) return Unpacked::kPlain;
  message->clear();
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return Unpacked::kDamaged;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(answer.data()));
  stream.avail_in = static_cast<uInt>(answer.size());
  const Unpacked outcome = Inflate(&stream, max_bytes, message);
  inflateEnd(&stream);
  return outcome;
}

}  // namespace bridge::upstream
