#include "bridge/schema/leaf.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "bridge/base/json_cursor.h"
#include "bridge/base/markdown.h"
#include "bridge/base/text.h"
#include "bridge/descriptor/well_known.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/profile.h"
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

constexpr std::string_view kAnyForm =
    R"(ProtoJSON Any: member "@type" = "type.googleapis.com/<message>" plus its fields )"
    R"((or "value" for well-known types).)";

bool IsUnsigned(Kind kind) {
  return kind == Kind::kUint32 || kind == Kind::kFixed32 || kind == Kind::kUint64 ||
         kind == Kind::kFixed64;
}

bool Contains(const std::vector<std::string>& list, int32_t number) {
  return std::find(list.begin(), list.end(), std::to_string(number)) != list.end();
}

// The first value of each number.
std::vector<const EnumValue*> DistinctValues(const Enum& enumeration) {
  std::vector<const EnumValue*> values;
  for (const EnumValue& value : enumeration.values) {
    if (!value.alias) values.push_back(&value);
  }
  return values;
}

// A number, true or false, and nothing around it.
bool IsLiteral(std::string_view text) {
  return text.find_first_of("[{\" \t\r\n") == std::string_view::npos && IsValidJson(text);
}

// What a model should choose from. The codec takes more: aliases, numbers, deprecated values.
std::vector<const EnumValue*> ChoosableValues(const Field& field, const FieldRules* rules) {
  const std::vector<const EnumValue*> all = DistinctValues(*field.enumeration);
  std::vector<const EnumValue*> values;
  for (const EnumValue* value : all) {
    if (value->deprecated || (!field.presence && value->IsUnspecified())) continue;
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
std::string ValueComments(const std::vector<const EnumValue*>& values, bool whole,
                          size_t max_bytes) {
  std::string text;
  for (const EnumValue* value : values) {
    std::string comment = whole ? WithoutFences(value->comment) : FirstSentence(value->comment);
    comment.resize(comment.find_last_not_of(".;, \n") + 1);
    if (comment.empty()) continue;
    const auto both_end = [](char a, char b) { return a == '\n' && b == '\n'; };
    comment.erase(std::unique(comment.begin(), comment.end(), both_end), comment.end());
    std::replace(comment.begin(), comment.end(), '\n', ' ');
    text += (text.empty() ? "" : "; ") + value->name + ": " + comment;
    if (text.size() >= max_bytes) return {};
  }
  return text.empty() ? text : text + ".";
}

// OpenAI takes more values in one list only if they are short.
constexpr size_t kMostEnumValues = 250;

Leaf MakeEnumInput(const Field& field, const FieldRules* rules, const SchemaOptions& options) {
  const std::vector<const EnumValue*> values = ChoosableValues(field, rules);
  Leaf leaf;
  leaf.type = "string";
  if (values.size() <= std::min(options.max_enum_values, kMostEnumValues)) {
    leaf.keywords = R"("enum":)" + Names(values);
    leaf.enum_values = values.size();
    // Half the room is the field's own.
    const size_t room = options.max_field_description;
    leaf.notes = ValueComments(values, true, room / 2);
    if (leaf.notes.empty()) leaf.notes = ValueComments(values, false, room);
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
  Leaf leaf;
  if (enumeration.closed) {
    leaf.type = "string";
    if (listed) leaf.keywords = R"("enum":)" + Names(values);
  } else if (listed) {
    // A server may be newer than its description: an unknown value is written as a number.
    leaf.keywords =
        R"("anyOf":[{"type":"string","enum":)" + Names(values) + R"(},{"type":"integer"}])";
  } else {
    leaf.keywords = R"("type":["string","integer"])";
  }
  return leaf;
}

Leaf MakeNullValue(const Dialect& dialect, Direction direction) {
  if (direction == Direction::kInput && dialect.closed) {
    // There null says that the field is absent.
    return {"string", R"("enum":["NULL_VALUE"])", {}, 1};
  }
  return {"null", {}, {}, 0};
}

// What has no fixed members is JSON in a string where objects are closed.
Leaf MakeJsonText(std::string_view what) {
  return {"string", {}, "JSON text of " + std::string(what) + ".", 0};
}

Leaf MakeStructuredInput(WellKnown type, const Dialect& dialect) {
  switch (type) {
    case WellKnown::kTimestamp:
      return {"string", R"("format":"date-time")", "RFC 3339, e.g. 2025-01-31T12:00:00Z.", 0};
    case WellKnown::kDuration:
      // Not format "duration": that is ISO 8601, "PT1.5S".
      return {"string", R"("pattern":"^-?[0-9]+(\\.[0-9]{1,9})?s$")",
              R"(Seconds with suffix s, e.g. "1.5s".)", 0};
    case WellKnown::kFieldMask:
      return {"string", {}, "Comma-separated lowerCamelCase paths, nested ones with dots.", 0};
    case WellKnown::kValue:
      if (dialect.closed) return MakeJsonText(R"(any value, e.g. [1,"a"])");
      return {{}, dialect.everything ? "" : std::string(kAnyValue), "Any JSON value.", 0};
    case WellKnown::kListValue:
      if (dialect.closed) return MakeJsonText("an array");
      return {
          "array", R"("items":{)" + std::string(dialect.everything ? "" : kAnyValue) + "}", {}, 0};
    case WellKnown::kAny:
      if (dialect.closed)
        return {"string", {}, "JSON text of an object. " + std::string(kAnyForm), 0};
      return {"object", {}, std::string(kAnyForm), 0};
    case WellKnown::kEmpty:
      return {"object",
              dialect.closed ? R"("properties":{},"required":[],"additionalProperties":false)"
                             : R"("properties":{},"additionalProperties":false)",
              {},
              0};
    default:
      if (dialect.closed) return MakeJsonText("any object");
      return {"object", dialect.everything ? R"("additionalProperties":true)" : "",
              "Any JSON object.", 0};
  }
}

Leaf MakeStructuredOutput(WellKnown type) {
  switch (type) {
    // Without a format: clients refuse all of a result for one time beyond the year 9999.
    case WellKnown::kTimestamp:
    case WellKnown::kDuration:
    case WellKnown::kFieldMask:
      return {"string", {}, {}, 0};
    case WellKnown::kValue:
      return {};
    case WellKnown::kListValue:
      return {"array", R"("items":{})", {}, 0};
    default:
      return {"object", {}, {}, 0};
  }
}

}  // namespace

bool IsLeaf(const Field& field) {
  return field.message == nullptr || field.message->well_known != WellKnown::kNone;
}

Leaf MakeWellKnownLeaf(WellKnown type, const FieldRules* rules, Direction direction,
                       const SchemaOptions& options) {
  Kind kind{};
  if (descriptor::FindWrappedKind(type, &kind)) {
    return MakeScalarLeaf(kind, rules, false, direction, options);
  }
  if (direction == Direction::kOutput) return MakeStructuredOutput(type);
  Leaf leaf = MakeStructuredInput(type, DialectOf(options.profile));
  if (rules != nullptr) AddSentence(&leaf.notes, RuleTexts(*rules));
  return leaf;
}

Leaf MakeLeaf(const Field& field, const FieldRules* rules, Direction direction,
              const SchemaOptions& options) {
  if (field.message != nullptr) {
    return MakeWellKnownLeaf(field.message->well_known, rules, direction, options);
  }
  if (field.enumeration != nullptr) {
    if (field.enumeration->null_value) {
      return MakeNullValue(DialectOf(options.profile), direction);
    }
    return direction == Direction::kInput ? MakeEnumInput(field, rules, options)
                                          : MakeEnumOutput(*field.enumeration, options);
  }
  const bool nonzero = rules != nullptr && rules->required && !field.presence;
  return MakeScalarLeaf(field.kind, rules, nonzero, direction, options);
}

Leaf MakeKeyLeaf(const Field& field, const SchemaOptions& options) {
  const Field& key = field.message->fields[0];
  const FieldRules* const rules = field.rules != nullptr ? field.rules->keys.get() : nullptr;
  if (key.kind == Kind::kString) {
    return MakeScalarLeaf(Kind::kString, rules, false, Direction::kInput, options);
  }
  Leaf leaf;
  leaf.type = "string";
  if (key.kind == Kind::kBool) {
    leaf.keywords = R"("enum":["true","false"])";
    leaf.enum_values = 2;
  } else {
    leaf.keywords = IsUnsigned(key.kind) ? R"("pattern":"^(0|[1-9][0-9]*)$")"
                                         : R"("pattern":"^-?(0|[1-9][0-9]*)$")";
    leaf.notes = "A decimal integer.";
  }
  if (rules != nullptr) AddSentence(&leaf.notes, RuleTexts(*rules));
  return leaf;
}

std::string DefaultJson(const Field& field) {
  const std::string& text = field.default_text;
  std::string json;
  switch (field.kind) {
    case Kind::kBytes:
      if (std::string bytes; !text.empty() && absl::CUnescape(text, &bytes)) {
        AppendJsonString(&json, absl::Base64Escape(bytes));
      }
      return json;
    case Kind::kDouble:
    case Kind::kFloat:
      if (text == "nan") return R"("NaN")";
      if (text == "inf") return R"("Infinity")";
      if (text == "-inf") return R"("-Infinity")";
      return IsLiteral(text) ? text : "";
    case Kind::kString:
      if (VisibleText(text) != text) return {};
      [[fallthrough]];
    case Kind::kEnum:
    case Kind::kInt64:
    case Kind::kSint64:
    case Kind::kSfixed64:
    case Kind::kUint64:
    case Kind::kFixed64:
      if (!text.empty()) AppendJsonString(&json, text);
      return json;
    default:
      return IsLiteral(text) ? text : "";
  }
}

}  // namespace bridge::schema
