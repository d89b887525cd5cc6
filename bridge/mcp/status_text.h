// Turns an upstream's gRPC status into words a model can act on: what happened, and what to do.
// Total over all gRPC codes; details are google.rpc messages (BadRequest, ErrorInfo, RetryInfo,
// ResourceInfo, PreconditionFailure, QuotaFailure, LocalizedMessage, Help). DebugInfo is never
// shown.
#pragma once

#include <string>
#include <string_view>

#include "bridge/descriptor/graph.h"
#include "bridge/upstream/channel.h"

namespace bridge::mcp {

struct StatusText {
  std::string text;  // UTF-8, at most about 2 KiB
  std::string meta;  // JSON object: code, name, retryable, and what the details say
};

// `method` lets field paths be told by the names the model knows. `trace_id` is what the person on
// call can look up. `timeout_ms` is the deadline the call had. `missing` are the names of arguments
// that the schema requires and the call lacked: they are told where the service may have failed for
// them and does not say so.
StatusText ToStatusText(const upstream::CallResult& result, const descriptor::Method& method,
                        std::string_view trace_id, int64_t timeout_ms, std::string_view missing);

}  // namespace bridge::mcp
