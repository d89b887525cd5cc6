// The headers that mirror a modern request's body, so that proxies can route without reading it
// (MCP 2026-07-28, streamable HTTP, "Request headers"). Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "bridge/http/message.h"
#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/meta.h"
#include "bridge/mcp/revision.h"

namespace bridge::transport {

// "the header Mcp-Name occurs twice": two readers could then take either. Empty: none does.
std::string RepeatedHeader(const http::Request& request);

// What a header that is there says differently from the body: a repeated one has no one value to
// compare; else version, then method. Empty: nothing.
std::string ContradictingHeader(const http::Request& request, const jsonrpc::Message& message,
                                const mcp::Meta& meta);

// Which required header is missing, or names another tool, prompt or resource than the body. Empty:
// none. A body without the mirrored member is left to the method's own check.
std::string MissingHeader(const http::Request& request, const jsonrpc::Message& message,
                          const mcp::Revision& revision);

// A digest of the token that tells sessions apart in traces and lets nobody use them.
std::string SessionIdForTraces(std::string_view token);

}  // namespace bridge::transport
