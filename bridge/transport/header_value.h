// Reading the values of HTTP headers (RFC 9110; MCP 2026-07-28, streamable HTTP, "Header values").
// Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bridge/http/message.h"

namespace bridge::transport {

bool EqualIgnoringCase(std::string_view a, std::string_view b);

// The essence of a media type: "application/json; charset=utf-8" has "application/json". Compared
// without case.
bool IsMediaType(std::string_view value, std::string_view essence);

struct Accepted {
  bool json = false;
  bool event_stream = false;
};
// What an Accept header allows; absent means everything. Understands */*, type/* and q=0.
Accepted ParseAccept(std::optional<std::string_view> accept);
// The same for a request, whose Accept may be spread over several lines.
Accepted FindAccepted(const http::Request& request);

// The text of a mirrored header: "=?base64?...?=" is decoded (strict RFC 4648 with padding, UTF-8),
// anything else stands for itself. Nothing when the encoded form is broken.
std::optional<std::string> DecodeMirrored(std::string_view value);

}  // namespace bridge::transport
