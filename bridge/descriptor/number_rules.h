// The numeric part of the validation rules: FloatRules (1) to SFixed64Rules (12).
#pragma once

#include <cstdint>
#include <string_view>

#include "bridge/descriptor/rules.h"

namespace bridge::descriptor {

// Adds the encoded rules of the numeric type whose field number in FieldRules is `type` (1 to 12).
void ParseNumberRules(uint32_t type, std::string_view bytes, bool pgv, FieldRules* rules);

}  // namespace bridge::descriptor
