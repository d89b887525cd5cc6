// The protobuf wire format: varints, tags, fixed-width values.
// https://protobuf.dev/programming-guides/encoding/ (2026)
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace bridge::transcode {

static_assert(std::endian::native == std::endian::little, "fixed-width values are copied as is");

enum WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kLength = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

inline constexpr size_t kMaxVarint = 10;

inline char* WriteVarint(char* p, uint64_t value) {
  while (value >= 0x80) {
    *p++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *p++ = static_cast<char>(value);
  return p;
}

inline size_t VarintSize(uint64_t value) {
  return static_cast<size_t>((std::bit_width(value | 1) + 6) / 7);
}

// Null if there is no whole varint of at most 10 bytes in [p, end).
inline const char* ReadVarint(const char* p, const char* end, uint64_t* value) {
  if (p != end && static_cast<unsigned char>(*p) < 0x80) {
    *value = static_cast<unsigned char>(*p);
    return p + 1;
  }
  uint64_t result = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (p == end) return nullptr;
    const auto byte = static_cast<unsigned char>(*p++);
    result |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      *value = result;
      return p;
    }
  }
  return nullptr;
}

// The same for a tag: of 32 bits, with a field number.
inline const char* ReadTag(const char* p, const char* end, uint32_t* tag) {
  if (p == end) return nullptr;
  if (const auto byte = static_cast<unsigned char>(*p); byte < 0x80) {
    *tag = byte;
    return byte >> 3 == 0 ? nullptr : p + 1;
  }
  uint64_t wide;
  p = ReadVarint(p, end, &wide);
  if (p == nullptr || wide > 0xFFFFFFFF || wide >> 3 == 0) return nullptr;
  *tag = static_cast<uint32_t>(wide);
  return p;
}

// The same for a length of which there are as many bytes behind it.
inline const char* ReadLength(const char* p, const char* end, uint32_t* size) {
  uint64_t wide;
  p = ReadVarint(p, end, &wide);
  if (p == nullptr || wide > static_cast<uint64_t>(end - p)) return nullptr;
  *size = static_cast<uint32_t>(wide);
  return p;
}

template <typename Fixed>
const char* ReadFixed(const char* p, const char* end, uint64_t* value) {
  if (static_cast<size_t>(end - p) < sizeof(Fixed)) return nullptr;
  Fixed fixed;
  std::memcpy(&fixed, p, sizeof(fixed));
  *value = fixed;
  return p + sizeof(fixed);
}

// Reads one payload of `wire_type` of a number. Null if it is malformed.
inline const char* ReadBits(WireType wire_type, const char* p, const char* end, uint64_t* bits) {
  switch (wire_type) {
    case kVarint:
      return ReadVarint(p, end, bits);
    case kFixed64:
      return ReadFixed<uint64_t>(p, end, bits);
    case kFixed32:
      return ReadFixed<uint32_t>(p, end, bits);
    default:
      return nullptr;
  }
}

// One field as found on the wire. For a number `bits` is its payload; for length-delimited fields
// and groups `data` and `size` are the payload; for repeated fields they are a run of whole
// records, tags included.
struct Record {
  uint32_t field;  // index in Plan::fields
  uint32_t size;
  union {
    uint64_t bits;
    const char* data;
  };

  std::string_view bytes() const { return {data, size}; }
};

inline constexpr uint32_t ZigZag32(int32_t value) {
  return (static_cast<uint32_t>(value) << 1) ^ static_cast<uint32_t>(value >> 31);
}
inline constexpr uint64_t ZigZag64(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline constexpr int32_t UnZigZag32(uint32_t value) {
  return static_cast<int32_t>((value >> 1) ^ (0u - (value & 1)));
}
inline constexpr int64_t UnZigZag64(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (0u - (value & 1)));
}

}  // namespace bridge::transcode
