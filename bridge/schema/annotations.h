// MCP tool hints from what a method declares, else from its name.
#pragma once

#include <string_view>
#include <vector>

#include "bridge/descriptor/graph.h"

namespace bridge::schema {

// What the method's own options say (mcp.bridge.v1), then idempotency_level, then google.api.http,
// whose POST says nothing: many methods that only read are a POST. What rests on no more than a
// name is not among them.
descriptor::ToolHints DeclaredHints(const descriptor::Method& method);

// These, and for what they leave open what the name lets one guess: GetOrder reads, CancelOrder
// destroys, CreateOrder only adds. Of a name that says nothing the hints stay unset. A tool that is
// known to write says whether it destroys; true, as MCP assumes, if nothing is known.
descriptor::ToolHints MakeAnnotations(const descriptor::Method& method);

// A hint that nothing declares, as MCP spells it.
struct GuessedHint {
  std::string_view name;
  bool value = false;
};
// Those that `shown` has and `declared` has not.
std::vector<GuessedHint> GuessedHints(const descriptor::ToolHints& shown,
                                      const descriptor::ToolHints& declared);

}  // namespace bridge::schema
