#include "bridge/descriptor/openapi.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "bridge/descriptor/comments.h"
#include "bridge/descriptor/option_reader.h"

namespace bridge::descriptor {
namespace {

constexpr uint32_t kVersion2 = 1042;
constexpr uint32_t kVersion3 = 1143;
constexpr size_t kMaxTitleBytes = 64;
constexpr size_t kMaxValueBytes = 100;
constexpr size_t kMaxListed = 100;

std::string ToComment(std::string_view description) {
  return VisibleText(description.substr(0, kMaxCommentBytes));
}
constexpr double kMaxExactInteger = 9007199254740992.0;

// The same keyword has another number in each version; 0 where a version lacks it.
struct Numbers {
  uint32_t read_only, write_only, example, deprecated, title, multiple_of, maximum,
      exclusive_maximum, minimum, exclusive_minimum, max_length, min_length, pattern, max_items,
      min_items, unique_items, required, choices, default_value, description, format;
};
constexpr Numbers kNumbers2 = {.read_only = 8,
                               .example = 9,
                               .title = 5,
                               .multiple_of = 10,
                               .maximum = 11,
                               .exclusive_maximum = 12,
                               .minimum = 13,
                               .exclusive_minimum = 14,
                               .max_length = 15,
                               .min_length = 16,
                               .pattern = 17,
                               .max_items = 20,
                               .min_items = 21,
                               .unique_items = 22,
                               .required = 26,
                               .choices = 46,
                               .default_value = 7,
                               .description = 6,
                               .format = 36};
constexpr Numbers kNumbers3 = {.read_only = 3,
                               .write_only = 4,
                               .example = 7,
                               .deprecated = 8,
                               .title = 9,
                               .multiple_of = 10,
                               .maximum = 11,
                               .exclusive_maximum = 12,
                               .minimum = 13,
                               .exclusive_minimum = 14,
                               .max_length = 15,
                               .min_length = 16,
                               .pattern = 17,
                               .max_items = 18,
                               .min_items = 19,
                               .unique_items = 20,
                               .required = 23,
                               .choices = 24,
                               .default_value = 33,
                               .description = 34,
                               .format = 35};

// A value is text in version 2; in version 3 it is Any{yaml=2} or DefaultType{number=1, boolean=2,
// string=3}.
std::string ValueText(const OptionField& field, bool version3, bool is_default) {
  if (field.type != WireType::kBytes) return {};
  if (!version3) return CutText(VisibleText(field.bytes), kMaxValueBytes);
  std::string text;
  OptionReader reader(field.bytes);
  for (OptionField part; reader.Next(&part);) {
    if (part.type == WireType::kBytes && part.number == (is_default ? 3u : 2u)) {
      text = CutText(VisibleText(part.bytes), kMaxValueBytes);
    } else if (is_default && part.number == 1 && part.type == WireType::kFixed64) {
      const auto number = std::bit_cast<double>(part.value);
      if (std::isfinite(number)) AppendJsonDouble(&text, number);
    } else if (is_default && part.number == 2 && part.type == WireType::kVarint) {
      text = part.value != 0 ? "true" : "false";
    }
  }
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

bool IsInteger(Kind kind) {
  return kind >= Kind::kInt32 && kind <= Kind::kFixed64;
}

bool IsNumber(Kind kind) {
  return kind <= Kind::kFixed64;
}

// Decimal text of a bound; integers have inclusive ones. Empty if it can not be said exactly.
std::string BoundText(double bound, bool integer, bool lower, bool* exclusive) {
  std::string text;
  if (!std::isfinite(bound)) return text;
  if (!integer) {
    AppendJsonDouble(&text, bound);
    return text;
  }
  double whole = lower ? std::ceil(bound) : std::floor(bound);
  if (*exclusive && whole == bound) whole += lower ? 1 : -1;
  *exclusive = false;
  if (std::fabs(whole) < kMaxExactInteger) AppendJsonInt(&text, static_cast<int64_t>(whole));
  return text;
}

void SetFormat(std::string_view format, FieldRules* rules) {
  static constexpr std::pair<std::string_view, TextFormat> kFormats[] = {
      {"email", TextFormat::kEmail}, {"hostname", TextFormat::kHostname},
      {"ipv4", TextFormat::kIpv4},   {"ipv6", TextFormat::kIpv6},
      {"uuid", TextFormat::kUuid},
  };
  for (const auto& [name, value] : kFormats) {
    if (name == format && rules->format == TextFormat::kNone) rules->format = value;
    if (name == format) return;
  }
  for (const std::string_view said : {"date", "date-time", "time", "duration", "uri"}) {
    if (said == format) rules->texts.push_back("Format: " + std::string(said) + ".");
  }
}

// One schema about one field, read keyword by keyword.
class SchemaReading final {
 public:
  SchemaReading(bool version3, Field* field, FieldRules* rules)
      : numbers_(version3 ? kNumbers3 : kNumbers2),
        version3_(version3),
        field_(*field),
        rules_(*rules) {}

  void Read(std::string_view schema, FieldTexts* texts) {
    OptionReader reader(schema);
    for (OptionField keyword; reader.Next(&keyword);) {
      if (keyword.type == WireType::kBytes) TakeText(keyword, texts);
      if (keyword.type == WireType::kVarint) TakeNumber(keyword);
      if (keyword.type == WireType::kFixed64) TakeBound(keyword);
    }
    AddBounds();
    AddTexts();
  }

 private:
  void TakeText(const OptionField& keyword, FieldTexts* texts) {
    const auto is = [&keyword](uint32_t number) { return keyword.number == number; };
    const bool is_string = field_.kind == Kind::kString && !field_.repeated;
    if (is(numbers_.title)) texts->title = CutText(VisibleText(keyword.bytes), kMaxTitleBytes);
    if (is(numbers_.description)) texts->description = ToComment(keyword.bytes);
    if (is(numbers_.example)) texts->example = ValueText(keyword, version3_, false);
    if (is(numbers_.default_value)) default_value_ = ValueText(keyword, version3_, true);
    if (!is_string) return;
    if (is(numbers_.pattern) && rules_.pattern.empty()) rules_.pattern = keyword.bytes;
    if (is(numbers_.format)) SetFormat(keyword.bytes, &rules_);
    if (is(numbers_.choices) && !version3_ && rules_.in.size() < kMaxListed) {
      rules_.in.emplace_back(keyword.bytes);
    }
  }

  void TakeNumber(const OptionField& keyword) {
    const auto is = [&keyword](uint32_t number) { return keyword.number == number; };
    const bool yes = keyword.value != 0;
    const auto set = [&keyword](std::optional<uint64_t>* limit) {
      if (!limit->has_value()) *limit = keyword.value;
    };
    if (is(numbers_.read_only) && yes) field_.behavior |= kOutputOnly;
    if (is(numbers_.write_only) && yes) field_.behavior |= kInputOnly;
    if (is(numbers_.deprecated)) field_.deprecated |= yes;
    if (is(numbers_.exclusive_minimum)) exclusive_minimum_ = yes;
    if (is(numbers_.exclusive_maximum)) exclusive_maximum_ = yes;
    if (field_.repeated && !field_.map) {
      if (is(numbers_.min_items)) set(&rules_.min_count);
      if (is(numbers_.max_items)) set(&rules_.max_count);
      if (is(numbers_.unique_items)) rules_.unique |= yes;
    } else if (field_.kind == Kind::kString) {
      if (is(numbers_.min_length)) set(&rules_.min_length);
      if (is(numbers_.max_length)) set(&rules_.max_length);
    }
  }

  void TakeBound(const OptionField& keyword) {
    const auto value = std::bit_cast<double>(keyword.value);
    if (keyword.number == numbers_.minimum) minimum_ = value;
    if (keyword.number == numbers_.maximum) maximum_ = value;
    if (keyword.number == numbers_.multiple_of) multiple_of_ = value;
  }

  void AddBounds() {
    if (!IsNumber(field_.kind) || field_.repeated) return;
    const bool integer = IsInteger(field_.kind);
    // A 0 is not written in the encoded option.
    if (exclusive_minimum_ && !minimum_) minimum_ = 0;
    if (exclusive_maximum_ && !maximum_) maximum_ = 0;
    if (rules_.minimum.empty() && rules_.maximum.empty()) {
      if (minimum_) rules_.minimum = BoundText(*minimum_, integer, true, &exclusive_minimum_);
      if (maximum_) rules_.maximum = BoundText(*maximum_, integer, false, &exclusive_maximum_);
      rules_.exclusive_minimum = minimum_ && exclusive_minimum_;
      rules_.exclusive_maximum = maximum_ && exclusive_maximum_;
    }
    if (multiple_of_ && std::isfinite(*multiple_of_)) {
      std::string text = "Must be a multiple of ";
      AppendJsonDouble(&text, *multiple_of_);
      rules_.texts.push_back(text + ".");
    }
  }

  void AddTexts() {
    if (!default_value_.empty() && field_.default_text.empty()) {
      rules_.texts.push_back("Default: `" + default_value_ + "`.");
    }
  }

  const Numbers& numbers_;
  const bool version3_;
  Field& field_;
  FieldRules& rules_;
  std::optional<double> minimum_, maximum_, multiple_of_;
  bool exclusive_minimum_ = false;
  bool exclusive_maximum_ = false;
  std::string default_value_;
};

// Calls `visit` with each record of each version's option. Within OpenAPI, version 3 wins.
template <typename Visit>
void ForEachAnnotation(std::string_view options, Visit visit) {
  for (const uint32_t version : {kVersion2, kVersion3}) {
    OptionReader reader(options);
    for (OptionField option; reader.Next(&option);) {
      if (option.number == version && option.type == WireType::kBytes) {
        visit(option.bytes, version == kVersion3);
      }
    }
  }
}

void ReadMessageSchema(std::string_view schema, bool version3, Message* message) {
  const Numbers& numbers = version3 ? kNumbers3 : kNumbers2;
  std::unordered_set<std::string_view> required;
  OptionReader reader(schema);
  for (OptionField keyword; reader.Next(&keyword);) {
    if (keyword.type != WireType::kBytes) continue;
    if (keyword.number == numbers.description) message->comment = ToComment(keyword.bytes);
    if (keyword.number == numbers.required) required.insert(keyword.bytes);
  }
  for (Field& field : message->fields) {
    if (required.contains(field.name) || required.contains(field.json_name)) {
      field.behavior |= kRequired;
    }
  }
}

}  // namespace

bool ApplyOpenApi(std::string_view options, Field* field, FieldRules* rules) {
  FieldTexts texts;
  bool found = false;
  ForEachAnnotation(options, [&](std::string_view schema, bool version3) {
    SchemaReading(version3, field, rules).Read(schema, &texts);
    found = true;
  });
  if (found) field->texts = std::make_shared<const FieldTexts>(std::move(texts));
  return found;
}

void ApplyOpenApi(std::string_view options, Method* method) {
  ForEachAnnotation(options, [method](std::string_view operation, bool version3) {
    OptionReader reader(operation);
    for (OptionField field; reader.Next(&field);) {
      const bool is_text = field.type == WireType::kBytes && !field.bytes.empty();
      if (field.number == 2 && is_text && field.bytes.size() <= kMaxTitleBytes) {
        method->title = VisibleText(field.bytes);
      }
      if (field.number == 3 && is_text) method->comment = ToComment(field.bytes);
      if (field.number == (version3 ? 10u : 11u) && field.type == WireType::kVarint) {
        method->deprecated |= field.value != 0;
      }
    }
  });
}

void ApplyOpenApi(std::string_view options, Message* message) {
  ForEachAnnotation(options, [message](std::string_view schema, bool version3) {
    if (version3) return ReadMessageSchema(schema, true, message);
    OptionReader reader(schema);  // Schema{json_schema=1}
    for (OptionField field; reader.Next(&field);) {
      if (field.number == 1 && field.type == WireType::kBytes) {
        ReadMessageSchema(field.bytes, false, message);
      }
    }
  });
}

}  // namespace bridge::descriptor
