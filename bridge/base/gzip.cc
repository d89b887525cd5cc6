#include "bridge/base/gzip.h"

#include <zlib.h>

#include <algorithm>

namespace bridge {
namespace {

constexpr std::string_view kMagic = "\x1f\x8b";
constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr size_t kStepBytes = 64 * 1024;

Unpacked Inflate(z_stream* stream, size_t max_bytes, std::string* out) {
  while (true) {
    const size_t had = out->size();
    const size_t room = std::min(std::max(kStepBytes, had), max_bytes + 1 - had);
    out->resize(had + room);
    stream->next_out = reinterpret_cast<Bytef*>(out->data() + had);
    stream->avail_out = static_cast<uInt>(room);
    const int status = inflate(stream, Z_NO_FLUSH);
    out->resize(had + room - stream->avail_out);
    if (out->size() > max_bytes) return Unpacked::kTooLarge;
    if (status == Z_STREAM_END) {
      return stream->avail_in == 0 ? Unpacked::kDone : Unpacked::kDamaged;
    }
    if (status != Z_OK || stream->avail_out > 0) return Unpacked::kDamaged;
  }
}

}  // namespace

Unpacked Unpack(std::string_view bytes, size_t max_bytes, std::string* out) {
  if (!bytes.starts_with(kMagic)) return Unpacked::kPlain;
  out->clear();
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return Unpacked::kDamaged;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  const Unpacked outcome = Inflate(&stream, max_bytes, out);
  inflateEnd(&stream);
  return outcome;
}

}  // namespace bridge
