// MCP tool hints from what a method declares, else from its name.
#pragma once

#include "bridge/descriptor/graph.h"

namespace bridge::schema {

// Each hint as the method's options say. Without one, the first that speaks: idempotency_level, the
// verb of google.api.http, the first word of the name. Hints nobody can vouch for stay unset; their
// MCP defaults are the careful ones.
descriptor::ToolHints MakeAnnotations(const descriptor::Method& method);

}  // namespace bridge::schema
