// Decimal text to numbers, exactly: a 64-bit integer never goes through a double.
// Input has the grammar of a JSON number (RFC 8259 section 6); no allocation; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace bridge::transcode {

// True if all of `text` is a JSON number: what a quoted number has to be as well.
bool IsJsonNumber(std::string_view text);

// `text` without white space around it.
std::string_view Trimmed(std::string_view text);
// The same without a plus sign before it, if that is a JSON number, else empty.
std::string_view TrimmedNumber(std::string_view text);

enum class IntegerError : uint8_t { kNone, kFraction, kOutOfRange };

// "1e3" and "1.0" are integers, "0.5" is not. The value is `magnitude`, below zero if `negative`.
IntegerError ParseInteger(std::string_view text, bool* negative, uint64_t* magnitude);

// Nearest value; too small becomes zero. False if it is too large.
bool ParseFloating(std::string_view text, double* value);
bool ParseFloating(std::string_view text, float* value);

}  // namespace bridge::transcode
