#include "bridge/base/gzip.h"

#include <zlib.h>

#include <algorithm>

namespace bridge {
namespace {

constexpr std::string_view kMagic = "\x1f\x8b";
constexpr size_t kStepBytes = 64 * 1024;

// Bits of the window; 16 more mean gzip instead of zlib.
int WindowBits(Packing packing) {
  return packing == Packing::kGzip ? 16 + MAX_WBITS : MAX_WBITS;
}

// A file of gzip may be several, one after the other.
bool GoesOn(const z_stream& stream, Packing packing) {
  const std::string_view rest(reinterpret_cast<const char*>(stream.next_in), stream.avail_in);
  return packing == Packing::kGzip && rest.starts_with(kMagic);
}

Unpacked Fault(const z_stream& stream, int status) {
  if (status == Z_OK || status == Z_BUF_ERROR) return Unpacked::kCut;
  const std::string_view message = stream.msg == nullptr ? "" : stream.msg;
  // zlib's "incorrect data check", "incorrect length check"; its header has a check of its own.
  return message.starts_with("incorrect ") && !message.starts_with("incorrect header")
             ? Unpacked::kWrongChecksum
             : Unpacked::kDamaged;
}

// `out` grows when it is full, not for each member: a member may have 20 bytes and be empty.
Unpacked Inflate(z_stream* stream, Packing packing, size_t max_bytes, std::string* out) {
  size_t done = 0;  // of `out`
  while (true) {
    if (done == out->size()) {
      out->resize(done + std::min(std::max(kStepBytes, done), max_bytes + 1 - done));
    }
    stream->next_out = reinterpret_cast<Bytef*>(out->data() + done);
    stream->avail_out = static_cast<uInt>(out->size() - done);
    const int status = inflate(stream, Z_NO_FLUSH);
    done = out->size() - stream->avail_out;
    if (done > max_bytes) return Unpacked::kTooLarge;
    if (status == Z_STREAM_END) {
      if (stream->avail_in == 0) {
        out->resize(done);
        return Unpacked::kDone;
      }
      if (!GoesOn(*stream, packing) || inflateReset(stream) != Z_OK) return Unpacked::kFollowed;
    } else if (status != Z_OK || stream->avail_out > 0) {
      return Fault(*stream, status);
    }
  }
}

}  // namespace

Unpacked Unpack(Packing packing, std::string_view bytes, size_t max_bytes, std::string* out) {
  out->clear();
  z_stream stream{};
  if (inflateInit2(&stream, WindowBits(packing)) != Z_OK) return Unpacked::kDamaged;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  const Unpacked outcome = Inflate(&stream, packing, max_bytes, out);
  inflateEnd(&stream);
  return outcome;
}

Unpacked Unpack(std::string_view bytes, size_t max_bytes, std::string* out) {
  if (!bytes.starts_with(kMagic)) return Unpacked::kPlain;
  return Unpack(Packing::kGzip, bytes, max_bytes, out);
}

std::string_view Describe(Unpacked outcome) {
  switch (outcome) {
    case Unpacked::kDone:
      return "it is whole";
    case Unpacked::kPlain:
      return "it is not packed";
    case Unpacked::kCut:
      return "it is cut off";
    case Unpacked::kFollowed:
      return "bytes follow that do not belong to it";
    case Unpacked::kWrongChecksum:
      return "its checksum is wrong";
    case Unpacked::kDamaged:
      return "it is damaged";
    case Unpacked::kTooLarge:
      return "it is too large when unpacked";
  }
  return "";
}

}  // namespace bridge
