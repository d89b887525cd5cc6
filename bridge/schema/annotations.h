// MCP tool hints from what a method declares, else from its name.
#pragma once

#include "bridge/descriptor/graph.h"
#include "bridge/schema/tool.h"

namespace bridge::schema {

// The first that speaks: idempotency_level, the verb of google.api.http, the first word of the
// name. Hints nobody can vouch for stay unset; their MCP defaults are the careful ones.
Annotations MakeAnnotations(const descriptor::Method& method);

}  // namespace bridge::schema
