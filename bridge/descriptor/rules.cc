#include "bridge/descriptor/rules.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "bridge/base/text.h"
#include "bridge/descriptor/number_rules.h"
#include "bridge/descriptor/option_reader.h"
#include "bridge/descriptor/time_rules.h"

namespace bridge::descriptor {
namespace {

constexpr uint32_t kBufValidate = 1159;
constexpr uint32_t kValidate = 1071;
constexpr uint32_t kFieldInfo = 291403980;
constexpr int kMaxDepth = 4;
constexpr size_t kMaxExpressionBytes = 120;
constexpr size_t kMaxListed = 100;
constexpr size_t kMostChoices = 100;  // of one message

std::string Quotable(std::string_view text) {
  std::string visible = VisibleText(text);
  std::replace(visible.begin(), visible.end(), '\n', ' ');
  return visible;
}

// A Rule of protovalidate: what its author says of it, else a short expression.
void AddExpression(std::string_view message, std::string_view expression,
                   std::vector<std::string>* texts) {
  if (!message.empty()) {
    std::string text = Quotable(message);
    if (!text.ends_with('.') && !text.ends_with('!') && !text.ends_with('?')) text += '.';
    texts->push_back(std::move(text));
  } else if (!expression.empty() && expression.size() <= kMaxExpressionBytes) {
    texts->push_back("Must satisfy `" + Quotable(expression) + "`.");
  }
}

void AddCel(std::string_view rule, std::vector<std::string>* texts) {
  std::string_view message, expression;
  OptionReader reader(rule);
  for (OptionField field; reader.Next(&field);) {
    if (field.number == 2) message = field.bytes;
    if (field.number == 3) expression = field.bytes;
  }
  AddExpression(message, expression, texts);
}

void AddListed(std::string_view value, std::vector<std::string>* list) {
  if (list->size() < kMaxListed) list->emplace_back(value);
}

std::string Joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + Quotable(name);
  return out;
}

// Rules of StringRules that are a flag and have a format keyword, or only words.
void AddStringFormat(uint32_t number, bool pgv, FieldRules* rules) {
  static constexpr std::pair<uint32_t, TextFormat> kFormats[] = {{12, TextFormat::kEmail},
                                                                 {13, TextFormat::kHostname},
                                                                 {15, TextFormat::kIpv4},
                                                                 {16, TextFormat::kIpv6},
                                                                 {22, TextFormat::kUuid}};
  static constexpr std::pair<uint32_t, std::string_view> kPatterns[] = {
      {33, "^[0-9a-fA-F]{32}$"},
      {35, "^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$"},
      {37, R"(^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$)"},
      {38, R"(^(\.[A-Za-z_][A-Za-z0-9_]*)+$)"}};
  static constexpr std::pair<uint32_t, std::string_view> kWords[] = {
      {14, "an IP address"},
      {17, "a URI"},
      {18, "a URI reference"},
      {21, "a hostname or an IP address"},
      {26, "an IP address with prefix length"},
      {27, "an IPv4 address with prefix length"},
      {28, "an IPv6 address with prefix length"},
      {29, "an IP prefix"},
      {30, "an IPv4 prefix"},
      {31, "an IPv6 prefix"},
      {32, "host and port"}};
  const auto is_number = [number](const auto& row) { return row.first == number; };
  rules->zero_violates = true;
  if (const auto* row = std::find_if(std::begin(kFormats), std::end(kFormats), is_number);
      row != std::end(kFormats)) {
    rules->format = row->second;
  } else if (const auto* pattern =
                 std::find_if(std::begin(kPatterns), std::end(kPatterns), is_number);
             pattern != std::end(kPatterns) && !pgv) {
    rules->pattern = pattern->second;
  } else if (const auto* words = std::find_if(std::begin(kWords), std::end(kWords), is_number);
             words != std::end(kWords)) {
    rules->texts.push_back("Must be " + std::string(words->second) + ".");
  }
}

void ParseString(std::string_view bytes, bool pgv, FieldRules* rules) {
  OptionReader reader(bytes);
  const auto raise = [rules](uint64_t length) {
    rules->min_length = std::max(rules->min_length.value_or(0), length);
  };
  const auto lower = [rules](uint64_t length) {
    rules->max_length = std::min(rules->max_length.value_or(length), length);
  };
  for (OptionField field; reader.Next(&field);) {
    switch (field.number) {
      case 1:  // const
        rules->in = {std::string(field.bytes)};
        break;
      case 2:
        raise(field.value);
        break;
      case 3:  // max_len; max_bytes bounds the characters too
      case 5:
        lower(field.value);
        break;
      case 4:  // min_bytes: a character has at most four
        raise(field.value / 4 + (field.value % 4 != 0));
        break;
      case 6:
        rules->pattern = field.bytes;
        break;
      case 7:
        rules->prefix = field.bytes;
        break;
      case 8:
        rules->suffix = field.bytes;
        break;
      case 9:
        rules->texts.push_back("Must contain \"" + Quotable(field.bytes) + "\".");
        break;
      case 10:
        AddListed(field.bytes, &rules->in);
        break;
      case 11:
        AddListed(field.bytes, &rules->not_in);
        break;
      case 19:  // len
        raise(field.value);
        lower(field.value);
        break;
      case 20:  // len_bytes
        raise(field.value / 4 + (field.value % 4 != 0));
        lower(field.value);
        break;
      case 23:
        rules->texts.push_back("Must not contain \"" + Quotable(field.bytes) + "\".");
        break;
      case 24:  // well_known_regex: 1 header name, 2 header value
        if (field.value == 1) rules->texts.push_back("Must be an HTTP header name.");
        if (field.value == 2) rules->texts.push_back("Must be an HTTP header value.");
        break;
      case 26:
        if (pgv) {
          rules->ignore_zero = field.value != 0;
          break;
        }
        [[fallthrough]];
      default:
        if (field.type == WireType::kVarint && field.value != 0 && field.number != 25) {
          AddStringFormat(field.number, pgv, rules);
        }
        break;
    }
  }
  rules->zero_violates |=
      rules->min_length.value_or(0) > 0 || !rules->prefix.empty() || !rules->suffix.empty() ||
      (!rules->in.empty() && std::find(rules->in.begin(), rules->in.end(), "") == rules->in.end());
}

void ParseBytes(std::string_view bytes, bool pgv, FieldRules* rules) {
  OptionReader reader(bytes);
  for (OptionField field; reader.Next(&field);) {
    switch (field.number) {
      case 2:
        rules->min_length = field.value;
        break;
      case 3:
        rules->max_length = field.value;
        break;
      case 13:
        rules->min_length = rules->max_length = field.value;
        break;
      case 14:
        if (pgv) rules->ignore_zero = field.value != 0;
        break;
      default:
        break;
    }
  }
  rules->zero_violates = rules->min_length.value_or(0) > 0;
}

void ParseEnum(std::string_view bytes, FieldRules* rules) {
  OptionReader reader(bytes);
  const auto text = [](uint64_t value) { return std::to_string(static_cast<int32_t>(value)); };
  for (OptionField field; reader.Next(&field);) {
    switch (field.number) {
      case 1:
        rules->in = {text(field.value)};
        break;
      case 2:
        rules->defined_only = field.value != 0;
        break;
      case 3:
      case 4: {
        auto* list = field.number == 3 ? &rules->in : &rules->not_in;
        ForEachNumber(field, [&](uint64_t value) { AddListed(text(value), list); });
        break;
      }
      default:
        break;
    }
  }
  const auto has_zero = [](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), "0") != list.end();
  };
  rules->zero_violates = (!rules->in.empty() && !has_zero(rules->in)) || has_zero(rules->not_in);
}

void ParseAny(std::string_view bytes, bool pgv, std::string_view what, FieldRules* rules) {
  std::vector<std::string> in, not_in;
  OptionReader reader(bytes);
  for (OptionField field; reader.Next(&field);) {
    if (field.number == 1 && pgv) rules->required |= field.value != 0;
    if (field.number == 2) AddListed(field.bytes, &in);
    if (field.number == 3) AddListed(field.bytes, &not_in);
  }
  if (!in.empty()) rules->texts.push_back("Allowed " + std::string(what) + ": " + Joined(in) + ".");
  if (!not_in.empty()) {
    rules->texts.push_back("Not allowed " + std::string(what) + ": " + Joined(not_in) + ".");
  }
}

std::shared_ptr<FieldRules> ParseRules(std::string_view bytes, bool pgv, int depth);

void ParseRepeated(std::string_view bytes, bool map, bool pgv, int depth, FieldRules* rules) {
  OptionReader reader(bytes);
  for (OptionField field; reader.Next(&field);) {
    switch (field.number) {
      case 1:
        rules->min_count = field.value;
        break;
      case 2:
        rules->max_count = field.value;
        break;
      case 3:
        if (!map) rules->unique = field.value != 0;
        break;
      case 4:
        (map ? rules->keys : rules->items) = ParseRules(field.bytes, pgv, depth + 1);
        break;
      case 5:
        if (map) {
          rules->values = ParseRules(field.bytes, pgv, depth + 1);
        } else if (pgv) {
          rules->ignore_zero = field.value != 0;
        }
        break;
      case 6:
        if (map && pgv) rules->ignore_zero = field.value != 0;
        break;
      default:
        break;
    }
  }
  rules->zero_violates = rules->min_count.value_or(0) > 0;
}

// The member of the oneof `type` of FieldRules that says what the value must be.
void ParseTypeRules(const OptionField& field, bool pgv, int depth, FieldRules* rules) {
  if (field.type != WireType::kBytes) return;
  switch (field.number) {
    case 13: {
      OptionReader reader(field.bytes);
      for (OptionField rule; reader.Next(&rule);) {
        if (rule.number != 1) continue;
        rules->texts.push_back(rule.value != 0 ? "Must be true." : "Must be false.");
        rules->zero_violates = rule.value != 0;
      }
      return;
    }
    case 14:
      return ParseString(field.bytes, pgv, rules);
    case 15:
      return ParseBytes(field.bytes, pgv, rules);
    case 16:
      return ParseEnum(field.bytes, rules);
    case 17: {  // validate.MessageRules: required
      OptionReader reader(field.bytes);
      for (OptionField rule; reader.Next(&rule);) {
        if (pgv && rule.number == 2) rules->required |= rule.value != 0;
      }
      return;
    }
    case 18:
    case 19:
      return ParseRepeated(field.bytes, field.number == 19, pgv, depth, rules);
    case 20:
      return ParseAny(field.bytes, pgv, "types", rules);
    case 21:
    case 22:
      return ParseTimeRules(field.bytes, field.number == 21, pgv, rules);
    case 28:
      return ParseAny(field.bytes, false, "paths", rules);
    default:
      if (field.number <= 12) ParseNumberRules(field.number, field.bytes, pgv, rules);
  }
}

std::shared_ptr<FieldRules> ParseRules(std::string_view bytes, bool pgv, int depth) {
  if (depth > kMaxDepth) return nullptr;
  auto rules = std::make_shared<FieldRules>();
  OptionReader reader(bytes);
  for (OptionField field; reader.Next(&field);) {
    if (pgv || field.number < 23) {
      ParseTypeRules(field, pgv, depth, rules.get());
    } else if (field.number == 23) {
      AddCel(field.bytes, &rules->texts);
    } else if (field.number == 25) {
      rules->required = field.value != 0;
    } else if (field.number == 27) {  // ignore: IF_ZERO_VALUE 1, ALWAYS 3
      if (field.value == 3) return nullptr;
      rules->ignore_zero = field.value == 1;
    } else if (field.number == 29) {
      AddExpression({}, field.bytes, &rules->texts);
    } else {
      ParseTypeRules(field, pgv, depth, rules.get());
    }
  }
  return rules;
}

// google.api.FieldInfo: a format, and the types that an Any may hold. `of_items`: of a list it is
// true of each element.
void AddFieldInfo(std::string_view bytes, bool of_items, FieldRules* rules) {
  struct Format {
    TextFormat keyword;
    std::string_view words;
  };
  static constexpr Format kFormats[] = {{TextFormat::kNone, ""},
                                        {TextFormat::kUuid, "A random UUID (version 4)."},
                                        {TextFormat::kIpv4, "An IPv4 address."},
                                        {TextFormat::kIpv6, "An IPv6 address."},
                                        {TextFormat::kNone, "An IPv4 or IPv6 address."}};
  uint64_t number = 0;
  std::vector<std::string> types;
  OptionReader reader(bytes);
  for (OptionField field; reader.Next(&field);) {
    if (field.number == 1) number = field.value;
    if (field.number != 2) continue;
    OptionReader reference(field.bytes);
    for (OptionField name; reference.Next(&name);) {
      if (name.number == 1 && name.bytes != "*") AddListed(name.bytes, &types);
    }
  }
  if (!types.empty()) rules->texts.push_back("Allowed types: " + Joined(types) + ".");
  if (number == 0 || number >= std::size(kFormats)) return;
  const Format& format = kFormats[number];
  rules->texts.emplace_back(format.words);
  if (format.keyword == TextFormat::kNone) return;
  if (!of_items) {
    rules->format = format.keyword;
    return;
  }
  auto items = rules->items == nullptr ? std::make_shared<FieldRules>()
                                       : std::make_shared<FieldRules>(*rules->items);
  items->format = format.keyword;
  rules->items = std::move(items);
}

}  // namespace

std::shared_ptr<FieldRules> ParseFieldRules(std::string_view options, bool repeated) {
  std::string buf, pgv, field_info;
  OptionReader reader(options);
  for (OptionField field; reader.Next(&field);) {
    if (field.type != WireType::kBytes) continue;
    if (field.number == kBufValidate) buf += field.bytes;
    if (field.number == kValidate) pgv += field.bytes;
    if (field.number == kFieldInfo) field_info += field.bytes;
  }
  std::shared_ptr<FieldRules> rules;
  if (!buf.empty() || !pgv.empty()) rules = ParseRules(buf.empty() ? pgv : buf, buf.empty(), 0);
  if (!field_info.empty()) {
    if (rules == nullptr) rules = std::make_shared<FieldRules>();
    AddFieldInfo(field_info, repeated, rules.get());
  }
  return rules;
}

std::shared_ptr<const MessageRules> ParseMessageRules(std::string_view options) {
  std::shared_ptr<MessageRules> rules;
  OptionReader reader(options);
  for (OptionField field; reader.Next(&field);) {
    if (field.number != kBufValidate || field.type != WireType::kBytes) continue;
    if (rules == nullptr) rules = std::make_shared<MessageRules>();
    OptionReader message(field.bytes);
    for (OptionField rule; message.Next(&rule);) {
      if (rule.number == 3) AddCel(rule.bytes, &rules->texts);
      if (rule.number == 5) AddExpression({}, rule.bytes, &rules->texts);
      if (rule.number != 4 || rules->choices.size() == kMostChoices) continue;
      MessageRules::Choice& choice = rules->choices.emplace_back();
      OptionReader names(rule.bytes);
      for (OptionField name; names.Next(&name);) {
        if (name.number == 1) AddListed(name.bytes, &choice.fields);
        if (name.number == 2) choice.required = name.value != 0;
      }
    }
  }
  return rules;
}

}  // namespace bridge::descriptor
