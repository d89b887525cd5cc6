// How words of a service stand in a text of the bridge: on one line, visible, and in quotes that
// they cannot end. Whatever they say, a reader can tell who says it. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bridge::mcp {

// Of one text in a longer one.
inline constexpr size_t kMaxWordBytes = 200;

// `words` as OneLine of base/text.h cuts them, in double quotes; a quote or a backslash in it has a
// backslash in front. At most `max_bytes` between the quotes.
std::string Quoted(std::string_view words, size_t max_bytes);

}  // namespace bridge::mcp
