#include "bridge/descriptor/options.h"

#include <algorithm>

#include "bridge/base/text.h"
#include "bridge/descriptor/option_reader.h"

namespace bridge::descriptor {
namespace {

constexpr uint32_t kDebugRedact = 16;
constexpr uint32_t kFieldBehavior = 1052;
constexpr uint32_t kHttp = 72295728;
constexpr uint32_t kOperationInfo = 1049;
constexpr uint32_t kBufValidate = 1159;
constexpr uint32_t kValidate = 1071;
constexpr uint32_t kFirstExtension = 1000;

HttpVerb VerbOf(uint32_t pattern) {
  switch (pattern) {
    case 2:
      return HttpVerb::kGet;
    case 3:
      return HttpVerb::kPut;
    case 4:
      return HttpVerb::kPost;
    case 5:
      return HttpVerb::kDelete;
    case 6:
      return HttpVerb::kPatch;
    case 8:
      return HttpVerb::kCustom;
    default:
      return HttpVerb::kNone;
  }
}

}  // namespace

FieldMarks ParseFieldMarks(std::string_view options) {
  FieldMarks marks;
  OptionReader reader(options);
  for (OptionField field; reader.Next(&field);) {
    if (field.number == kDebugRedact) marks.debug_redact = field.value != 0;
    if (field.number != kFieldBehavior) continue;
    ForEachNumber(field, [&marks](uint64_t behavior) {
      if (behavior < 16) marks.behavior |= static_cast<uint16_t>(1u << behavior);
    });
  }
  return marks;
}

HttpVerb ParseHttpVerb(std::string_view options) {
  HttpVerb verb = HttpVerb::kNone;
  OptionReader reader(options);
  for (OptionField field; reader.Next(&field);) {
    if (field.number != kHttp || field.type != WireType::kBytes) continue;
    OptionReader rule(field.bytes);
    for (OptionField pattern; rule.Next(&pattern);) {
      if (VerbOf(pattern.number) != HttpVerb::kNone) verb = VerbOf(pattern.number);
    }
  }
  return verb;
}

std::string ParseOperationResponse(std::string_view options) {
  std::string_view type;
  OptionReader reader(options);
  for (OptionField field; reader.Next(&field);) {
    if (field.number != kOperationInfo || field.type != WireType::kBytes) continue;
    OptionReader info(field.bytes);
    for (OptionField part; info.Next(&part);) {
      if (part.number == 1 && part.type == WireType::kBytes) type = part.bytes;
    }
  }
  const bool is_name =
      type.size() <= GraphLimits().name_length &&
      std::all_of(type.begin(), type.end(), [](char c) { return IsIdentifierByte(c) || c == '.'; });
  return is_name && !type.ends_with('.') ? std::string(type) : std::string();
}

bool ParseOneofRequired(std::string_view options) {
  bool required = false;
  OptionReader reader(options);
  for (OptionField field; reader.Next(&field);) {
    if (field.number == kValidate && field.type == WireType::kVarint) required |= field.value != 0;
    if (field.number != kBufValidate || field.type != WireType::kBytes) continue;
    OptionReader rules(field.bytes);
    for (OptionField rule; rules.Next(&rule);) {
      if (rule.number == 1) required |= rule.value != 0;
    }
  }
  return required;
}

bool HasExtension(std::string_view options) {
  OptionReader reader(options);
  for (OptionField field; reader.Next(&field);) {
    // 999 is uninterpreted_option; everything above belongs to extensions.
    if (field.number >= kFirstExtension) return true;
  }
  return false;
}

}  // namespace bridge::descriptor
