#include "bridge/upstream/foreign_frames.h"

#include <cstddef>
#include <cstdint>

namespace bridge::upstream {
namespace {

using std::literals::operator""sv;

constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";
constexpr std::string_view kSnappy = "\xff\x06\x00\x00sNaPpY"sv;

uint32_t Byte(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

// The size of the frame's head behind the magic number (RFC 8878, 3.1.1.1).
size_t HeadBytes(uint32_t descriptor) {
  constexpr size_t kDictionaryBytes[] = {0, 1, 2, 4};
  constexpr size_t kContentSizeBytes[] = {0, 2, 4, 8};
  const bool single_segment = (descriptor >> 5 & 1) != 0;
  const uint32_t content_size = descriptor >> 6;
  return 1 + (single_segment ? 0 : 1) + kDictionaryBytes[descriptor & 3] +
         (content_size == 0 && single_segment ? 1 : kContentSizeBytes[content_size]);
}

bool IsZstd(std::string_view bytes) {
  if (bytes.size() < kZstd.size() + 2) return false;
  const uint32_t descriptor = Byte(bytes, kZstd.size());
  if ((descriptor & 8) != 0) return false;  // reserved
  size_t at = kZstd.size() + HeadBytes(descriptor);
  for (bool last = false; !last;) {
    if (at + 3 > bytes.size()) return false;
    const uint32_t head = Byte(bytes, at) | Byte(bytes, at + 1) << 8 | Byte(bytes, at + 2) << 16;
    const uint32_t type = head >> 1 & 3;
    if (type == 3) return false;  // reserved
    last = (head & 1) != 0;
    at += 3 + (type == 1 ? 1 : head >> 3);  // 1: one byte, repeated
  }
  const size_t checksum = (descriptor >> 2 & 1) != 0 ? 4 : 0;
  return at + checksum == bytes.size();
}

}  // namespace

std::string_view ForeignFrame(std::string_view bytes) {
  if (bytes.starts_with(kZstd) && IsZstd(bytes)) return "zstd";
  if (bytes.starts_with(kSnappy)) return "snappy";
  return {};
}

}  // namespace bridge::upstream
