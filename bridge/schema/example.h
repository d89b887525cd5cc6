// The example that options give of a field's value. Pure functions; any thread.
#pragma once

#include <string>

#include "bridge/descriptor/graph.h"
#include "bridge/schema/profile.h"

namespace bridge::schema {

// JSON as arguments of `dialect` have it; empty if there is none, or none that fits the field.
// What its author wrote without quotes gets them where the value is a string.
std::string ExampleJson(const descriptor::Field& field, const Dialect& dialect);

}  // namespace bridge::schema
