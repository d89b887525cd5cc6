// The schema of a value that is not an ordinary message: scalars, enums and well-known types, in
// the portable profile that Anthropic, OpenAI and Gemini all accept. It says exactly what the
// codec reads (input) and can write (output). Pure functions; any thread.
#pragma once

#include <string>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/rules.h"
#include "bridge/schema/tool.h"

namespace bridge::schema {

enum class Direction { kInput, kOutput };

struct Leaf {
  std::string keywords;  // JSON members without braces, e.g. `"type":"string","format":"uuid"`
  std::string notes;     // sentences for the description: what the keywords can not say
};

// True if an element of `field` is a leaf: anything but a message of ordinary fields.
bool IsLeaf(const descriptor::Field& field);

// The schema of one element of `field`; `rules` may be null.
Leaf MakeLeaf(const descriptor::Field& field, const descriptor::FieldRules* rules,
              Direction direction, const SchemaOptions& options);

// The schema of a well-known message by itself.
Leaf MakeWellKnownLeaf(descriptor::WellKnown type, const descriptor::FieldRules* rules,
                       Direction direction);

}  // namespace bridge::schema
