// What an operator decides about the tools of one upstream, without touching its protos. It wins
// over what the service's own options say. A value; catalog::MakePart applies it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bridge/descriptor/zero_values.h"

namespace bridge::catalog {

// One member of a tool's arguments.
struct ArgumentRule {
  enum class Kind : uint8_t {
    kHidden,    // not in the schema; a call that gives it is served
    kConstant,  // not in the schema, always `value`: JSON text; a call that gives it is refused
    kHeader,    // the same, the value of the client's header `value`
    kIgnored,   // what a client adds by itself; it is dropped
  };
  std::string name;  // of a field of the request; with dots for one inside
  Kind kind = Kind::kHidden;
  std::string value;
  bool operator==(const ArgumentRule&) const = default;
};

// What is not set is as the method itself says.
struct ToolOverride {
  std::string method;  // a glob on full names: "shop.v1.Orders/Create*"
  std::string name, title, description;
  std::optional<bool> read_only, destructive, idempotent, open_world, hidden;
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<descriptor::ZeroValues> zero_values;
  std::vector<ArgumentRule> arguments;
  bool operator==(const ToolOverride&) const = default;
};

// Matches methods that have an option, or have it with this value.
struct OptionRule {
  std::string option;                // "google.api.http", "idempotency_level", or a field's number
  std::optional<std::string> value;  // as protobuf's text format has it
  bool operator==(const OptionRule&) const = default;
};

struct ToolRules {
  std::optional<std::string> prefix;          // of all names; none: as names.h says
  std::string name_template;                  // "{service}_{method}"; empty: as names.h says
  std::vector<std::string> include, exclude;  // globs on full names; no include: all
  std::vector<OptionRule> include_options, exclude_options;
  bool read_only = false;  // only what is provably so
  bool deprecated = true;  // also what is deprecated
  std::vector<ToolOverride> tools;
  bool operator==(const ToolRules&) const = default;
};

}  // namespace bridge::catalog
