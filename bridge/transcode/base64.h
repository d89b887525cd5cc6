// Base64 of RFC 4648: written with the standard alphabet and padding; read in either alphabet,
// padded or not, as ProtoJSON asks, or in the form that is written only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bridge::transcode {

constexpr size_t Base64Size(size_t bytes) {
  return (bytes + 2) / 3 * 4;
}
constexpr size_t MaxBase64DecodedSize(size_t text) {
  return text / 4 * 3 + 3;
}

// Writes Base64Size(bytes.size()) characters; returns their end.
char* WriteBase64(char* out, std::string_view bytes);

enum class Base64Form : uint8_t {
  kLenient,    // as ProtoJSON: bits left over in the last character are ignored
  kCanonical,  // as WriteBase64 writes it: other text is more likely meant as text
};

// Writes the bytes of `text`; returns their end, or null if `text` is not base64 of that form.
char* ReadBase64(char* out, std::string_view text, Base64Form form = Base64Form::kLenient);

}  // namespace bridge::transcode
