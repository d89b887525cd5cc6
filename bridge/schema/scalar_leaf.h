// Scalars under validation rules, as keywords where the profile has one and as words elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/descriptor/rules.h"
#include "bridge/schema/leaf.h"

namespace bridge::schema {

// `nonzero`: the value must be given although its type has no presence. `rules` may be null and is
// ignored for output: a server may break its own rules.
Leaf MakeScalarLeaf(descriptor::Kind kind, const descriptor::FieldRules* rules, bool nonzero,
                    Direction direction, const SchemaOptions& options);

// The sentences of rules that are words everywhere.
std::string RuleTexts(const descriptor::FieldRules& rules);

// "At least 2, at most 5 characters.", "Exactly 5 bytes."; empty if neither limits anything.
std::string CountInWords(uint64_t least, std::optional<uint64_t> most, std::string_view unit);

// Appends the member `key` to `keywords`; `json` is its value.
void AddKeyword(std::string* keywords, std::string_view key, std::string_view json);

// "a, b, c", at most `max_bytes` long.
std::string JoinNames(const std::vector<std::string>& names, size_t max_bytes);

}  // namespace bridge::schema
