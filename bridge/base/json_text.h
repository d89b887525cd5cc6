// Appending JSON text to a buffer: the only way the product writes JSON on the path of a call.
// Stateless, any thread. Output is compact and valid UTF-8; invalid input bytes become U+FFFD.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bridge {

// Appends `text` in quotes, escaped as RFC 8259 asks (", \, U+0000..U+001F) and nothing more.
// False if `text` was not valid UTF-8, so that bytes of it were replaced.
bool AppendJsonString(std::string* out, std::string_view text);
// The same without the quotes: lets a long string be written in several pieces.
bool AppendJsonEscaped(std::string* out, std::string_view text);
// The inside of a JSON string whose text is `json`, itself JSON as this module writes it: valid
// UTF-8 without control characters, so that only quotes and backslashes need an escape. Made for
// text that is dense with them: about a tenth of the work of AppendJsonEscaped.
void AppendJsonInString(std::string* out, std::string_view json);
void AppendJsonInt(std::string* out, int64_t value);
void AppendJsonUint(std::string* out, uint64_t value);
// Shortest digits that read back exactly; no exponent from 1e-6 up to 1e15 (float: 1e7), as people
// write numbers. `value` must be finite.
void AppendJsonDouble(std::string* out, double value);
void AppendJsonFloat(std::string* out, float value);

// The same numbers into a buffer of the caller, which must have room for kMaxJsonNumber bytes.
// Returns the end of what was written.
inline constexpr size_t kMaxJsonNumber = 32;
char* WriteJsonInt(char* out, int64_t value);
char* WriteJsonUint(char* out, uint64_t value);
char* WriteJsonDouble(char* out, double value);
char* WriteJsonFloat(char* out, float value);

// The escape of one byte that FindJsonSpecial (json_scan.h) stops at, e.g. "\\n" or "\\u0001".
std::string_view JsonEscapeOf(char special);

}  // namespace bridge
