// The results of tools/call as JSON-RPC responses (MCP 2026-07-28, server/tools, "Tool Result").
#pragma once

#include <string>
#include <string_view>

#include "bridge/mcp/revision.h"

namespace bridge::mcp {

// `json` is the structured content, which the one text block repeats.
std::string SuccessResult(const Revision& revision, std::string_view id, std::string_view json);

// What of a stream came before it failed.
struct Partial {
  std::string words;  // a sentence that leads to it; empty: nothing came
  std::string json;   // the structured content
};

// Of a call that failed in a way a model can repair: isError, one text block, and a second one with
// what came before. `meta` is a JSON object for _meta or empty.
std::string ErrorResult(const Revision& revision, std::string_view id, std::string_view text,
                        std::string_view meta, const Partial& partial = {});

}  // namespace bridge::mcp
