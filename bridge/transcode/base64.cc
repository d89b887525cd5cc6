#include "bridge/transcode/base64.h"

#include <array>
#include <cstdint>

namespace bridge::transcode {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kForeign = 0xFF;

constexpr std::array<uint8_t, 256> MakeValues(bool url_safe) {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kForeign;
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  }
  if (url_safe) {
    values['-'] = 62;
    values['_'] = 63;
  }
  return values;
}

constexpr std::array<uint8_t, 256> kValues = MakeValues(false);
constexpr std::array<uint8_t, 256> kLenientValues = MakeValues(true);

}  // namespace

char* WriteBase64(char* out, std::string_view bytes) {
  const auto byte = [bytes](size_t i) -> uint32_t {
    return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0;
  };
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const uint32_t group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    *out++ = kAlphabet[group >> 18];
    *out++ = kAlphabet[group >> 12 & 63];
    *out++ = i + 1 < bytes.size() ? kAlphabet[group >> 6 & 63] : '=';
    *out++ = i + 2 < bytes.size() ? kAlphabet[group & 63] : '=';
  }
  return out;
}

char* ReadBase64(char* out, std::string_view text, Base64Form form) {
  const bool canonical = form == Base64Form::kCanonical;
  if (canonical && text.size() % 4 != 0) return nullptr;
  const auto& values = canonical ? kValues : kLenientValues;
  if (text.size() % 4 == 0 && text.ends_with('=')) {
    text.remove_suffix(text.ends_with("==") ? 2 : 1);
  }
  if (text.size() % 4 == 1) return nullptr;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const uint8_t value = values[static_cast<uint8_t>(c)];
    if (value == kForeign) return nullptr;
    bits = bits << 6 | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      *out++ = static_cast<char>(bits >> count);
    }
  }
  if (canonical && (bits & ((1u << count) - 1)) != 0) return nullptr;
  return out;
}

}  // namespace bridge::transcode
