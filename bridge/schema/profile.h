// What the schemas of a profile may say, as facts that the one writer asks for.
#pragma once

#include <cstddef>

#include "bridge/schema/tool.h"

namespace bridge::schema {

struct Dialect {
  bool lengths = false;           // minLength, maxLength
  bool exclusive_bounds = false;  // exclusiveMinimum, exclusiveMaximum
  bool everything = false;        // every keyword of 2020-12, and $ref wherever a type recurs
  // No object is open: all its properties are listed and required, and what may be absent is
  // nullable. So maps are lists of entries, and what has no fixed members is JSON in a string.
  bool closed = false;
};

constexpr Dialect DialectOf(SchemaProfile profile) {
  switch (profile) {
    case SchemaProfile::kPortable:
      return {.lengths = true};
    case SchemaProfile::kStandard:
      return {.lengths = true, .exclusive_bounds = true, .everything = true};
    case SchemaProfile::kOpenAiStrict:
      return {.exclusive_bounds = true, .closed = true};
  }
  return {};
}

// The limits of OpenAI's strict mode, for one schema.
inline constexpr size_t kStrictProperties = 5'000;
inline constexpr size_t kStrictEnumValues = 1'000;
inline constexpr size_t kStrictNameBytes = 120'000;  // of properties, definitions, enum values
inline constexpr int kStrictNesting = 10;            // objects and arrays, the root included

}  // namespace bridge::schema
