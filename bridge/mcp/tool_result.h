// The results of tools/call as JSON-RPC responses (MCP 2026-07-28, server/tools, "Tool Result").
#pragma once

#include <string>
#include <string_view>

#include "bridge/mcp/revision.h"

namespace bridge::mcp {

// `json` is the structured content, which the one text block repeats.
std::string SuccessResult(const Revision& revision, std::string_view id, std::string_view json);

// Of a call that failed in a way a model can repair: isError, one text block. `meta` is a JSON
// object for _meta or empty.
std::string ErrorResult(const Revision& revision, std::string_view id, std::string_view text,
                        std::string_view meta);

}  // namespace bridge::mcp
