// Appending JSON text to a buffer: the only way the product writes JSON on the path of a call.
// Stateless, any thread. Output is compact and valid UTF-8; invalid input bytes become U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bridge {

// Appends `text` in quotes, escaped as RFC 8259 asks (", \, U+0000..U+001F) and nothing more.
void AppendJsonString(std::string* out, std::string_view text);
// The same without the quotes: lets a long string be written in several pieces.
void AppendJsonEscaped(std::string* out, std::string_view text);
void AppendJsonInt(std::string* out, int64_t value);
void AppendJsonUint(std::string* out, uint64_t value);
// Shortest form that reads back exactly; `value` must be finite.
void AppendJsonDouble(std::string* out, double value);
void AppendJsonFloat(std::string* out, float value);

}  // namespace bridge
