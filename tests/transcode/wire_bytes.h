// Builds wire bytes.
#pragma once

#include <cstdint>
#include <string>

namespace bridge::transcode {

inline std::string WireVarint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
inline std::string WireTag(uint32_t number, uint32_t wire_type) {
  return WireVarint(uint64_t{number} << 3 | wire_type);
}
inline std::string WireNumber(uint32_t number, uint64_t value) {
  return WireTag(number, 0) + WireVarint(value);
}
inline std::string WireBytes(uint32_t number, const std::string& value) {
  return WireTag(number, 2) + WireVarint(value.size()) + value;
}
inline std::string WireGroup(uint32_t number, const std::string& value) {
  return WireTag(number, 3) + value + WireTag(number, 4);
}

}  // namespace bridge::transcode
