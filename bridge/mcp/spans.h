// What the span of an MCP request says, set at once when it is made, or at its end where only the
// end shows that it is worth recording.
#pragma once

#include <string_view>

#include "bridge/mcp/caller.h"
#include "bridge/telemetry/tracer.h"

namespace bridge::mcp {

// `id` is JSON.
void DescribeRequest(std::string_view method, std::string_view id, const Caller& caller,
                     telemetry::Span* span);
void DescribeTool(std::string_view tool, telemetry::Span* span);

}  // namespace bridge::mcp
