// What a request says of itself in params._meta (MCP 2026-07-28, basic, "_meta"). In the modern era
// it replaces the session: version and capabilities travel with every request.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bridge/jsonrpc/message.h"
#include "bridge/telemetry/trace_context.h"

namespace bridge::mcp {

struct Meta {
  bool claims_modern = false;  // has the key io.modelcontextprotocol/protocolVersion, of any type
  // The rest of the envelope is right: version a string, clientCapabilities an object, clientInfo
  // (optional, so null too) an Implementation. `problem` says in words what is not.
  bool valid_envelope = false;
  std::string problem;
  std::string version;
  // traceparent and tracestate of _meta, where they are valid.
  std::optional<telemetry::TraceContext> trace;
  std::string_view progress_token;  // a string or a number as JSON, in the message; empty: none
};

// Reads `message`'s params._meta. Never fails: a _meta that is no object is reported by `problem`.
Meta ParseMeta(const jsonrpc::Message& message);

}  // namespace bridge::mcp
