// The schema of a value that is not an ordinary message: scalars, enums and well-known types. It
// says exactly what the codec reads (input) and can write (output), with the keywords that the
// profile has; what it has none for is said in words. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/rules.h"
#include "bridge/schema/tool.h"

namespace bridge::schema {

enum class Direction { kInput, kOutput };

struct Leaf {
  std::string type;        // the JSON type; empty if `keywords` say more than one, or nothing
  std::string keywords;    // further JSON members without braces, e.g. `"format":"uuid"`
  std::string notes;       // sentences for the description: what the keywords can not say
  size_t enum_values = 0;  // listed in `keywords`
};

// True if an element of `field` is a leaf: anything but a message of ordinary fields.
bool IsLeaf(const descriptor::Field& field);

// The schema of one element of `field`; `rules` may be null.
Leaf MakeLeaf(const descriptor::Field& field, const descriptor::FieldRules* rules,
              Direction direction, const SchemaOptions& options);

// The schema of a well-known message by itself.
Leaf MakeWellKnownLeaf(descriptor::WellKnown type, const descriptor::FieldRules* rules,
                       Direction direction, const SchemaOptions& options);

// The schema of the keys of the map `field`: strings, whatever their type.
Leaf MakeKeyLeaf(const descriptor::Field& field, const SchemaOptions& options);

// The default that the descriptor states for `field`, as JSON; empty if there is none to show.
std::string DefaultJson(const descriptor::Field& field);

}  // namespace bridge::schema
