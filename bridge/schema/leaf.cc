#include "bridge/schema/leaf.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "bridge/base/text.h"
#include "bridge/descriptor/well_known.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/scalar_leaf.h"

namespace bridge::schema {
namespace {

using descriptor::Enum;
using descriptor::EnumValue;
using descriptor::Field;
using descriptor::FieldRules;
using descriptor::Kind;
using descriptor::WellKnown;

constexpr std::string_view kAnyValue =
    R"("anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"},{"type":"object"}])";

bool IsUnspecified(const EnumValue& value) {
  return value.number == 0 && value.name.ends_with("UNSPECIFIED");
}

bool Contains(const std::vector<std::string>& list, int32_t number) {
  return std::find(list.begin(), list.end(), std::to_string(number)) != list.end();
}

// The first value of each number.
std::vector<const EnumValue*> DistinctValues(const Enum& enumeration) {
  std::vector<const EnumValue*> values;
  std::set<int32_t> numbers;
  for (const EnumValue& value : enumeration.values) {
    if (numbers.insert(value.number).second) values.push_back(&value);
  }
  return values;
}

// What a model should choose from. The codec takes more: aliases, numbers, deprecated values.
std::vector<const EnumValue*> ChoosableValues(const Field& field, const FieldRules* rules) {
  const std::vector<const EnumValue*> all = DistinctValues(*field.enumeration);
  std::vector<const EnumValue*> values;
  for (const EnumValue* value : all) {
    if (value->deprecated || (!field.presence && IsUnspecified(*value))) continue;
    if (rules != nullptr && ((!rules->in.empty() && !Contains(rules->in, value->number)) ||
                             Contains(rules->not_in, value->number))) {
      continue;
    }
    values.push_back(value);
  }
  return values.empty() ? all : values;
}

std::string Names(const std::vector<const EnumValue*>& values) {
  std::string json;
  std::vector<std::string_view> names;
  for (const EnumValue* value : values) names.push_back(value->name);
  AppendJsonStrings(&json, names);
  return json;
}

// "RED: Stop; GREEN: Go." if it is short.
std::string ValueComments(const std::vector<const EnumValue*>& values, size_t max_bytes) {
  std::string text;
  for (const EnumValue* value : values) {
    std::string_view comment = FirstSentence(value->comment);
    if (comment.empty()) continue;
    if (comment.ends_with('.')) comment.remove_suffix(1);
    text += (text.empty() ? "" : "; ") + value->name + ": " + std::string(comment);
    if (text.size() >= max_bytes) return {};
  }
  return text.empty() ? text : text + ".";
}

Leaf MakeEnumInput(const Field& field, const FieldRules* rules, const SchemaOptions& options) {
  const std::vector<const EnumValue*> values = ChoosableValues(field, rules);
  Leaf leaf{R"("type":"string")", {}};
  if (values.size() <= options.max_enum_values) {
    leaf.keywords += R"(,"enum":)" + Names(values);
    leaf.notes = ValueComments(values, options.max_field_description);
  } else {
    leaf.notes = "One of the " + std::to_string(values.size()) + " values of " +
                 field.enumeration->full_name + ", e.g. " + values.front()->name + ", " +
                 values.back()->name + ".";
  }
  if (rules != nullptr) AddSentence(&leaf.notes, RuleTexts(*rules));
  return leaf;
}

Leaf MakeEnumOutput(const Enum& enumeration, const SchemaOptions& options) {
  const std::vector<const EnumValue*> values = DistinctValues(enumeration);
  const bool listed = values.size() <= options.max_enum_values;
  if (enumeration.closed) {
    return {listed ? R"("type":"string","enum":)" + Names(values) : R"("type":"string")", {}};
  }
  // A server may be newer than its description: an unknown value is written as a number.
  if (!listed) return {R"("type":["string","integer"])", {}};
  return {R"("anyOf":[{"type":"string","enum":)" + Names(values) + R"(},{"type":"integer"}])", {}};
}

Leaf MakeStructured(WellKnown type, bool input) {
  switch (type) {
    case WellKnown::kTimestamp:
      return {R"("type":"string","format":"date-time")",
              input ? "RFC 3339, e.g. 2025-01-31T12:00:00Z." : ""};
    case WellKnown::kDuration:
      // Not format "duration": that is ISO 8601, "PT1.5S".
      if (!input) return {R"("type":"string")", {}};
      return {R"("type":"string","pattern":"^-?[0-9]+(\\.[0-9]{1,9})?s$")",
              R"(Seconds with suffix s, e.g. "1.5s".)"};
    case WellKnown::kFieldMask:
      return {R"("type":"string")",
              input ? R"(Comma-separated lowerCamelCase paths, e.g. "displayName,labels".)" : ""};
    case WellKnown::kValue:
      return {input ? std::string(kAnyValue) : "", input ? "Any JSON value." : ""};
    case WellKnown::kListValue:
      return {R"("type":"array","items":{)" + (input ? std::string(kAnyValue) : "") + "}", {}};
    case WellKnown::kAny:
      if (!input) return {R"("type":"object")", {}};
      return {R"("type":"object")",
              R"(ProtoJSON Any: member "@type" = "type.googleapis.com/<message>" plus its fields )"
              R"((or "value" for well-known types).)"};
    case WellKnown::kEmpty:
      return {input ? R"("type":"object","properties":{},"additionalProperties":false)"
                    : R"("type":"object")",
              {}};
    default:
      return {R"("type":"object")", input ? "Any JSON object." : ""};
  }
}

}  // namespace

bool IsLeaf(const Field& field) {
  return field.message == nullptr || field.message->well_known != WellKnown::kNone;
}

Leaf MakeWellKnownLeaf(WellKnown type, const FieldRules* rules, Direction direction) {
  Kind kind{};
  if (descriptor::FindWrappedKind(type, &kind)) {
    return MakeScalarLeaf(kind, rules, false, direction);
  }
  Leaf leaf = MakeStructured(type, direction == Direction::kInput);
  if (rules != nullptr && direction == Direction::kInput) {
    AddSentence(&leaf.notes, RuleTexts(*rules));
  }
  return leaf;
}

Leaf MakeLeaf(const Field& field, const FieldRules* rules, Direction direction,
              const SchemaOptions& options) {
  if (field.message != nullptr) {
    return MakeWellKnownLeaf(field.message->well_known, rules, direction);
  }
  if (field.enumeration != nullptr) {
    if (field.enumeration->null_value) return {R"("type":"null")", {}};
    return direction == Direction::kInput ? MakeEnumInput(field, rules, options)
                                          : MakeEnumOutput(*field.enumeration, options);
  }
  const bool nonzero = rules != nullptr && rules->required && !field.presence;
  return MakeScalarLeaf(field.kind, rules, nonzero, direction);
}

}  // namespace bridge::schema
