#include "bridge/schema/scalar_leaf.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "bridge/base/json_cursor.h"
#include "bridge/base/text.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/portable_pattern.h"
#include "bridge/schema/profile.h"

namespace bridge::schema {
namespace {

using descriptor::FieldRules;
using descriptor::Kind;
using descriptor::TextFormat;

constexpr size_t kMaxListBytes = 200;

void Member(Leaf* leaf, std::string_view key, std::string_view json) {
  AddKeyword(&leaf->keywords, key, json);
}

void StringMember(Leaf* leaf, std::string_view key, std::string_view value) {
  std::string json;
  AppendJsonString(&json, value);
  Member(leaf, key, json);
}

void LengthMember(Leaf* leaf, std::string_view key, uint64_t value) {
  if (value <= kMaxExactInteger) Member(leaf, key, std::to_string(value));
}

void AddLengths(uint64_t least, std::optional<uint64_t> most, std::string_view unit,
                const Dialect& dialect, Leaf* leaf) {
  if (!dialect.lengths) AddSentence(&leaf->notes, CountInWords(least, most, unit));
}

// `["a","b"]` or `[1,2]`, each once; empty if one is no JSON value, or not all of it is to be seen.
std::string ToList(const std::vector<std::string>& values, bool strings) {
  if (values.empty()) return {};
  std::string json;
  std::set<std::string_view> seen;
  for (const std::string& value : values) {
    if (strings ? VisibleText(value) != value : !IsValidJson(value)) return {};
    if (!seen.insert(value).second) continue;
    json += json.empty() ? '[' : ',';
    if (strings) {
      AppendJsonString(&json, value);
    } else {
      json += value;
    }
  }
  return json + "]";
}

// Which values are legal and which are not, as keywords. False if it takes words.
bool AddLists(const FieldRules& rules, bool strings, size_t most_values, Leaf* leaf) {
  if (std::max(rules.in.size(), rules.not_in.size()) > most_values) return false;
  const std::string in = ToList(rules.in, strings);
  const std::string not_in = ToList(rules.not_in, strings);
  if ((!rules.in.empty() && in.empty()) || (!rules.not_in.empty() && not_in.empty())) return false;
  if (rules.in.size() == 1) {
    Member(leaf, "const", in.substr(1, in.size() - 2));
  } else if (!rules.in.empty()) {
    Member(leaf, "enum", in);
    leaf->enum_values = rules.in.size();
  }
  if (!rules.not_in.empty()) Member(leaf, "not", R"({"enum":)" + not_in + "}");
  return true;
}

void AddListRules(const FieldRules& rules, Leaf* leaf) {
  if (!rules.in.empty()) {
    AddSentence(&leaf->notes, "One of: " + JoinNames(rules.in, kMaxListBytes) + ".");
  }
  if (!rules.not_in.empty()) {
    AddSentence(&leaf->notes, "Not: " + JoinNames(rules.not_in, kMaxListBytes) + ".");
  }
}

bool IsConstant(const FieldRules& rules) {
  return !rules.minimum.empty() && rules.minimum == rules.maximum && !rules.outside &&
         !rules.exclusive_minimum && !rules.exclusive_maximum;
}

// "At least 1 and less than 5."
std::string BoundsInWords(const FieldRules& rules) {
  if (IsConstant(rules)) {
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

// `,"minimum":1` or `,"exclusiveMinimum":1` of a bound that is not empty.
void AddBound(std::string_view side, const std::string& bound, bool exclusive, Leaf* leaf) {
  if (bound.empty()) return;
  std::string key = exclusive ? "exclusiveM" : "m";
  Member(leaf, key.append(side), bound);
}

// Legal is what is below the maximum or above the minimum.
void AddOutside(const FieldRules& rules, Leaf* leaf) {
  Leaf below, above;
  AddBound("aximum", rules.maximum, rules.exclusive_maximum, &below);
  AddBound("inimum", rules.minimum, rules.exclusive_minimum, &above);
  Member(leaf, "anyOf", "[{" + below.keywords + "},{" + above.keywords + "}]");
}

void AddNumberRules(const FieldRules& rules, std::string minimum, const SchemaOptions& options,
                    Leaf* leaf) {
  const Dialect dialect = DialectOf(options.profile);
  const bool exclusive = rules.exclusive_minimum || rules.exclusive_maximum;
  if (dialect.everything && IsConstant(rules)) return Member(leaf, "const", rules.minimum);
  if ((exclusive && !dialect.exclusive_bounds) || (rules.outside && !dialect.everything)) {
    AddSentence(&leaf->notes, BoundsInWords(rules));
  }
  if (!dialect.everything || !AddLists(rules, false, options.max_enum_values, leaf)) {
    AddListRules(rules, leaf);
  }
  bool exclusive_minimum = false;
  if (rules.outside) {
    if (dialect.everything) AddOutside(rules, leaf);
  } else if (!rules.minimum.empty() && (minimum != "1" || rules.minimum != "0")) {
    minimum = rules.minimum;
    exclusive_minimum = rules.exclusive_minimum && dialect.exclusive_bounds;
  }
  AddBound("inimum", minimum, exclusive_minimum, leaf);
  if (rules.outside) return;
  AddBound("aximum", rules.maximum, rules.exclusive_maximum && dialect.exclusive_bounds, leaf);
}

Leaf MakeNumber(Kind kind, const FieldRules* rules, bool nonzero, Direction direction,
                const SchemaOptions& options) {
  const bool real = kind == Kind::kDouble || kind == Kind::kFloat;
  Leaf leaf;
  if (direction == Direction::kOutput && real) {
    // NaN and the infinities are written as strings.
    Member(&leaf, "type", R"(["number","string"])");
    return leaf;
  }
  leaf.type = real ? "number" : "integer";
  if (direction == Direction::kOutput) return leaf;
  const std::string minimum = IsUnsigned(kind) ? (nonzero ? "1" : "0") : "";
  if (rules != nullptr) {
    AddNumberRules(*rules, minimum, options, &leaf);
  } else {
    AddBound("inimum", minimum, false, &leaf);
  }
  return leaf;
}

// 64-bit integers are strings in ProtoJSON, so that no client rounds them.
Leaf MakeLongInteger(bool is_signed, const FieldRules* rules, Direction direction) {
  Leaf leaf;
  leaf.type = "string";
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

// The values of a string that a rule lists, as keywords where there are any for them.
void AddStringLists(const FieldRules& rules, const SchemaOptions& options, Leaf* leaf) {
  if (DialectOf(options.profile).everything &&
      AddLists(rules, true, options.max_enum_values, leaf)) {
    return;
  }
  const std::string list = ToList(rules.in, true);
  if (rules.in.empty() || list.empty() || rules.in.size() > options.max_enum_values) {
    return AddListRules(rules, leaf);
  }
  Member(leaf, "enum", list);
  leaf->enum_values = rules.in.size();
}

Leaf MakeString(const FieldRules* rules, bool nonzero, Direction direction,
                const SchemaOptions& options) {
  const Dialect dialect = DialectOf(options.profile);
  Leaf leaf;
  leaf.type = "string";
  if (direction == Direction::kOutput) return leaf;
  uint64_t min_length = nonzero ? 1 : 0;
  std::optional<uint64_t> max_length;
  if (rules != nullptr) {
    if (!rules->in.empty()) {
      AddStringLists(*rules, options, &leaf);
      return leaf;
    }
    min_length = std::max(min_length, rules->min_length.value_or(0));
    max_length = rules->max_length;
    if (rules->format != TextFormat::kNone) {
      StringMember(&leaf, "format", FormatName(rules->format));
    }
    AddPattern(*rules, &leaf);
    if (max_length && dialect.lengths) LengthMember(&leaf, "maxLength", *max_length);
    AddStringLists(*rules, options, &leaf);
  }
  if (min_length > 0 && dialect.lengths) LengthMember(&leaf, "minLength", min_length);
  AddLengths(min_length, max_length, "characters", dialect, &leaf);
  return leaf;
}

Leaf MakeBytes(const FieldRules* rules, bool nonzero, Direction direction, const Dialect& dialect) {
  Leaf leaf;
  leaf.type = "string";
  if (dialect.everything) StringMember(&leaf, "contentEncoding", "base64");
  if (direction == Direction::kOutput) return leaf;
  const uint64_t min_bytes =
      std::max<uint64_t>(nonzero ? 1 : 0, rules == nullptr ? 0 : rules->min_length.value_or(0));
  const std::optional<uint64_t> max_bytes = rules == nullptr ? std::nullopt : rules->max_length;
  // Three bytes are four characters, with padding.
  if (dialect.lengths && min_bytes > 0 && min_bytes < kMaxExactInteger / 4) {
    LengthMember(&leaf, "minLength", (min_bytes + 2) / 3 * 4);
  }
  if (dialect.lengths && max_bytes && *max_bytes < kMaxExactInteger / 4) {
    LengthMember(&leaf, "maxLength", (*max_bytes + 2) / 3 * 4);
  }
  AddSentence(&leaf.notes, "Base64, e.g. aGVsbG8= for hello.");
  AddLengths(min_bytes, max_bytes, "bytes", dialect, &leaf);
  return leaf;
}

}  // namespace

void AddKeyword(std::string* keywords, std::string_view key, std::string_view json) {
  if (!keywords->empty()) *keywords += ',';
  AppendJsonString(keywords, key);
  *keywords += ':';
  *keywords += json;
}

std::string JoinNames(const std::vector<std::string>& names, size_t max_bytes) {
  std::string out;
  for (const std::string& name : names) {
    const std::string visible = VisibleText(name);
    if (out.size() + visible.size() + 5 > max_bytes) return out + ", …";
    out += (out.empty() ? "" : ", ") + visible;
  }
  return out;
}

std::string CountInWords(uint64_t least, std::optional<uint64_t> most, std::string_view unit) {
  std::string text;
  if (least > 0 && least == most) {
    text = "Exactly " + std::to_string(least);
  } else {
    if (least > 0) text = "At least " + std::to_string(least);
    if (most) text += (text.empty() ? "At most " : ", at most ") + std::to_string(*most);
  }
  return text.empty() ? text : text.append(" ").append(unit).append(".");
}

std::string RuleTexts(const FieldRules& rules) {
  std::string out;
  for (const std::string& text : rules.texts) AddSentence(&out, text);
  return out;
}

Leaf MakeScalarLeaf(Kind kind, const FieldRules* rules, bool nonzero, Direction direction,
                    const SchemaOptions& options) {
  if (direction == Direction::kOutput) rules = nullptr;
  const Dialect dialect = DialectOf(options.profile);
  Leaf leaf;
  switch (kind) {
    case Kind::kBool:
      leaf.type = "boolean";
      break;
    case Kind::kString:
      leaf = MakeString(rules, nonzero, direction, options);
      break;
    case Kind::kBytes:
      leaf = MakeBytes(rules, nonzero, direction, dialect);
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
      leaf = MakeNumber(kind, rules, nonzero, direction, options);
  }
  if (rules != nullptr) AddSentence(&leaf.notes, RuleTexts(*rules));
  return leaf;
}

}  // namespace bridge::schema
