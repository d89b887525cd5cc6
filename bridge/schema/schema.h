// Chooses the layout of a schema: as detailed as its budget allows.
#pragma once

#include <string>

#include "bridge/descriptor/graph.h"
#include "bridge/schema/leaf.h"
#include "bridge/schema/tool.h"

namespace bridge::schema {

// JSON text with root type "object". `method` may be null; where it streams in `direction`, the
// schema is of {"messages": [...]}. See SchemaWriter.
std::string MakeSchema(const descriptor::Message& message, Direction direction,
                       const SchemaOptions& options, const descriptor::Method* method);

}  // namespace bridge::schema
