// The part of the validation rules that speaks of google.protobuf.Duration and Timestamp.
#pragma once

#include <string_view>

#include "bridge/descriptor/rules.h"

namespace bridge::descriptor {

// Adds encoded DurationRules or TimestampRules as sentences: their values are no JSON numbers.
void ParseTimeRules(std::string_view bytes, bool duration, bool pgv, FieldRules* rules);

}  // namespace bridge::descriptor
