// Reading the values of HTTP headers (RFC 9110; MCP 2026-07-28, streamable HTTP, "Header values").
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/http/message.h"

namespace bridge::transport {

// Cuts the part before the next `separator` that is in no quoted string off `rest`; without the
// blanks around it.
std::string_view NextPart(std::string_view* rest, char separator);

// Of "0.25" 250; 1000 for what is no weight (RFC 9110, 12.4.2), as if there were none.
uint16_t ParseWeight(std::string_view text);

// The essence of a media type: "application/json; charset=utf-8" has "application/json". Compared
// without case.
bool IsMediaType(std::string_view value, std::string_view essence);

// How much a client wants each of the two forms of an answer, in thousandths; 0: not at all.
struct Accepted {
  uint16_t json = 0;
  uint16_t event_stream = 0;
};
// What a request's Accept headers say, all lines together: the most specific range that fits a form
// decides, whatever its place (RFC 9110, 12.5.1). Absent means everything. Parameters other than q
// are no part of our forms: such a range counts only where none without them does.
Accepted FindAccepted(const http::Request& request);

// The text of a mirrored header: "=?base64?...?=" is decoded (strict RFC 4648 with padding, UTF-8),
// anything else stands for itself. Nothing when the encoded form is broken.
std::optional<std::string> DecodeMirrored(std::string_view value);

}  // namespace bridge::transport
