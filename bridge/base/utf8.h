// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
// Stateless, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bridge {

bool IsValidUtf8(std::string_view text);

// Length of the well-formed sequence at the start of `text`: 1 to 4, or 0 if it is malformed.
size_t Utf8SequenceLength(std::string_view text);

// Length of the longest well-formed prefix of `text`: text.size() if all of it is well-formed.
size_t Utf8PrefixLength(std::string_view text);

// Appends `code_point`, which must be a scalar value.
void AppendUtf8(std::string* out, uint32_t code_point);

}  // namespace bridge
