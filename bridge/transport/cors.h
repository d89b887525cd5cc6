// What lets a web page read our answers and send our headers (the Fetch standard, "CORS protocol").
// Pure functions; any thread.
#pragma once

#include <string>

#include "bridge/http/message.h"

namespace bridge::transport {

// Appends the headers by which the page at the request's origin, which is allowed, may read the
// answer. Nothing for a request that names no origin.
void AppendCors(const http::Request& request, std::string* headers);

// Appends the answer to a preflight: the headers of MCP and those of the usual clients, and each
// Mcp-Param-* that the page wants to send.
void AppendPreflight(const http::Request& request, std::string* headers);

}  // namespace bridge::transport
