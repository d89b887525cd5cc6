#include "bridge/schema/scalar_leaf.h"

#include <algorithm>
#include <string_view>

#include "bridge/base/text.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/portable_pattern.h"

namespace bridge::schema {
namespace {

using descriptor::FieldRules;
using descriptor::Kind;
using descriptor::TextFormat;

constexpr size_t kMaxListBytes = 200;
constexpr uint64_t kMaxUsefulLength = uint64_t{1} << 53;

void Member(Leaf* leaf, std::string_view key, std::string_view json) {
  if (!leaf->keywords.empty()) leaf->keywords += ',';
  AppendJsonString(&leaf->keywords, key);
  leaf->keywords += ':';
  leaf->keywords += json;
}

void StringMember(Leaf* leaf, std::string_view key, std::string_view value) {
  std::string json;
  AppendJsonString(&json, value);
  Member(leaf, key, json);
}

void LengthMember(Leaf* leaf, std::string_view key, uint64_t value) {
  // Beyond it a number is not exact for every client, and no text is that long.
  if (value <= kMaxUsefulLength) Member(leaf, key, std::to_string(value));
}

void AddListRules(const FieldRules& rules, Leaf* leaf) {
  if (!rules.in.empty()) {
    AddSentence(&leaf->notes, "One of: " + JoinNames(rules.in, kMaxListBytes) + ".");
  }
  if (!rules.not_in.empty()) {
    AddSentence(&leaf->notes, "Not: " + JoinNames(rules.not_in, kMaxListBytes) + ".");
  }
}

// "At least 1 and less than 5."
std::string BoundsInWords(const FieldRules& rules) {
  if (!rules.minimum.empty() && rules.minimum == rules.maximum && !rules.outside) {
    return "Must be " + rules.minimum + ".";
  }
  std::string low, high;
  if (!rules.minimum.empty()) {
    low = (rules.exclusive_minimum ? "more than " : "at least ") + rules.minimum;
  }
  if (!rules.maximum.empty()) {
    high = (rules.exclusive_maximum ? "less than " : "at most ") + rules.maximum;
  }
  if (low.empty() && high.empty()) return {};
  if (low.empty() || high.empty()) return "Must be " + low + high + ".";
  return rules.outside ? "Must be " + high + " or " + low + "."
                       : "Must be " + low + " and " + high + ".";
}

bool IsUnsigned(Kind kind) {
  return kind == Kind::kUint32 || kind == Kind::kFixed32;
}

Leaf MakeNumber(Kind kind, const FieldRules* rules, bool nonzero, Direction direction) {
  const bool real = kind == Kind::kDouble || kind == Kind::kFloat;
  Leaf leaf;
  if (direction == Direction::kOutput) {
    // NaN and the infinities are written as strings.
    Member(&leaf, "type", real ? R"(["number","string"])" : R"("integer")");
    return leaf;
  }
  StringMember(&leaf, "type", real ? "number" : "integer");
  std::string minimum = IsUnsigned(kind) ? (nonzero ? "1" : "0") : "";
  std::string maximum;
  if (rules != nullptr) {
    if (!rules->outside) {
      if (!rules->minimum.empty() && (minimum != "1" || rules->minimum != "0")) {
        minimum = rules->minimum;
      }
      maximum = rules->maximum;
    }
    if (rules->outside || rules->exclusive_minimum || rules->exclusive_maximum) {
      AddSentence(&leaf.notes, BoundsInWords(*rules));
    }
    AddListRules(*rules, &leaf);
  }
  if (!minimum.empty()) Member(&leaf, "minimum", minimum);
  if (!maximum.empty()) Member(&leaf, "maximum", maximum);
  return leaf;
}

// 64-bit integers are strings in ProtoJSON, so that no client rounds them.
Leaf MakeLongInteger(bool is_signed, const FieldRules* rules, Direction direction) {
  Leaf leaf;
  StringMember(&leaf, "type", "string");
  if (direction == Direction::kOutput) return leaf;
  StringMember(&leaf, "pattern", is_signed ? "^-?[0-9]+$" : "^[0-9]+$");
  AddSentence(&leaf.notes, "64-bit integer as a string.");
  if (rules != nullptr) {
    AddSentence(&leaf.notes, BoundsInWords(*rules));
    AddListRules(*rules, &leaf);
  }
  return leaf;
}

void AddPattern(const FieldRules& rules, Leaf* leaf) {
  std::string pattern;
  if (!rules.pattern.empty()) {
    if (IsPortablePattern(rules.pattern)) {
      pattern = rules.pattern;
    } else {
      AddSentence(&leaf->notes, "Must match the regular expression `" +
                                    CutText(VisibleText(rules.pattern), kMaxListBytes) + "`.");
    }
  }
  const auto add_literal = [&](const std::string& literal, bool is_prefix) {
    if (literal.empty()) return;
    const std::string escaped = EscapePattern(literal);
    if (pattern.empty() && IsPortablePattern(escaped)) {
      pattern = is_prefix ? "^" + escaped : escaped + "$";
    } else {
      AddSentence(&leaf->notes, std::string(is_prefix ? "Starts" : "Ends") + " with \"" +
                                    CutText(VisibleText(literal), kMaxListBytes) + "\".");
    }
  };
  add_literal(rules.prefix, true);
  add_literal(rules.suffix, false);
  if (!pattern.empty()) StringMember(leaf, "pattern", pattern);
}

std::string_view FormatName(TextFormat format) {
  switch (format) {
    case TextFormat::kNone:
      return {};
    case TextFormat::kEmail:
      return "email";
    case TextFormat::kHostname:
      return "hostname";
    case TextFormat::kIpv4:
      return "ipv4";
    case TextFormat::kIpv6:
      return "ipv6";
    case TextFormat::kUuid:
      return "uuid";
  }
  return {};
}

Leaf MakeString(const FieldRules* rules, bool nonzero, Direction direction) {
  Leaf leaf;
  StringMember(&leaf, "type", "string");
  if (direction == Direction::kOutput) return leaf;
  uint64_t min_length = nonzero ? 1 : 0;
  if (rules != nullptr) {
    if (!rules->in.empty()) {
      std::string values;
      AppendJsonStrings(&values, rules->in);
      Member(&leaf, "enum", values);
      return leaf;
    }
    min_length = std::max(min_length, rules->min_length.value_or(0));
    if (rules->format != TextFormat::kNone)
      StringMember(&leaf, "format", FormatName(rules->format));
    AddPattern(*rules, &leaf);
    if (rules->max_length) LengthMember(&leaf, "maxLength", *rules->max_length);
    if (!rules->not_in.empty()) {
      AddSentence(&leaf.notes, "Not: " + JoinNames(rules->not_in, kMaxListBytes) + ".");
    }
  }
  if (min_length > 0) LengthMember(&leaf, "minLength", min_length);
  return leaf;
}

Leaf MakeBytes(const FieldRules* rules, bool nonzero, Direction direction) {
  Leaf leaf;
  StringMember(&leaf, "type", "string");
  if (direction == Direction::kOutput) return leaf;
  const uint64_t min_bytes =
      std::max<uint64_t>(nonzero ? 1 : 0, rules == nullptr ? 0 : rules->min_length.value_or(0));
  // Three bytes are four characters; padding may be left out.
  if (min_bytes > 0 && min_bytes < kMaxUsefulLength / 4) {
    LengthMember(&leaf, "minLength", (4 * min_bytes + 2) / 3);
  }
  if (rules != nullptr && rules->max_length && *rules->max_length < kMaxUsefulLength / 4) {
    LengthMember(&leaf, "maxLength", (*rules->max_length + 2) / 3 * 4);
  }
  AddSentence(&leaf.notes, "Base64.");
  return leaf;
}

}  // namespace

std::string JoinNames(const std::vector<std::string>& names, size_t max_bytes) {
  std::string out;
  for (const std::string& name : names) {
    const std::string visible = VisibleText(name);
    if (out.size() + visible.size() + 5 > max_bytes) return out + ", …";
    out += (out.empty() ? "" : ", ") + visible;
  }
  return out;
}

std::string RuleTexts(const FieldRules& rules) {
  std::string out;
  for (const std::string& text : rules.texts) AddSentence(&out, text);
  return out;
}

Leaf MakeScalarLeaf(Kind kind, const FieldRules* rules, bool nonzero, Direction direction) {
  if (direction == Direction::kOutput) rules = nullptr;
  Leaf leaf;
  switch (kind) {
    case Kind::kBool:
      StringMember(&leaf, "type", "boolean");
      break;
    case Kind::kString:
      leaf = MakeString(rules, nonzero, direction);
      break;
    case Kind::kBytes:
      leaf = MakeBytes(rules, nonzero, direction);
      break;
    case Kind::kInt64:
    case Kind::kSint64:
    case Kind::kSfixed64:
      leaf = MakeLongInteger(true, rules, direction);
      break;
    case Kind::kUint64:
    case Kind::kFixed64:
      leaf = MakeLongInteger(false, rules, direction);
      break;
    default:
      leaf = MakeNumber(kind, rules, nonzero, direction);
  }
  if (rules != nullptr) AddSentence(&leaf.notes, RuleTexts(*rules));
  return leaf;
}

}  // namespace bridge::schema
