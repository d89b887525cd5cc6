#include "bridge/descriptor/tool_options.h"

#include <cctype>
#include <memory>
#include <optional>

#include "bridge/base/text.h"
#include "bridge/descriptor/comments.h"
#include "bridge/descriptor/option_reader.h"

namespace bridge::descriptor {
namespace {

constexpr uint32_t kVisibility = 72295727;
constexpr size_t kMaxPrefix = 32;
constexpr size_t kMaxName = 48;

// Calls `visit` with each field of each record of our option.
template <typename Visit>
void ForEachSetting(std::string_view options, Visit visit) {
  OptionReader reader(options);
  for (OptionField option; reader.Next(&option);) {
    if (option.number != kToolOptions || option.type != WireType::kBytes) continue;
    OptionReader settings(option.bytes);
    for (OptionField setting; settings.Next(&setting);) visit(setting);
  }
}

void TakeText(const OptionField& setting, std::string* text) {
  if (setting.type == WireType::kBytes) {
    *text = VisibleText(setting.bytes.substr(0, kMaxCommentBytes));
  }
}

template <typename Flag>
void TakeFlag(const OptionField& setting, Flag* flag) {
  if (setting.type == WireType::kVarint) *flag = setting.value != 0;
}

// google.api.VisibilityRule: shown to those only who have a label.
bool IsRestricted(std::string_view options) {
  bool restricted = false;
  OptionReader reader(options);
  for (OptionField option; reader.Next(&option);) {
    if (option.number != kVisibility || option.type != WireType::kBytes) continue;
    OptionReader rule(option.bytes);
    for (OptionField field; rule.Next(&field);) {
      if (field.number == 2) restricted = !field.bytes.empty();
    }
  }
  return restricted;
}

// A name that is none is left aside.
std::string CheckName(std::string* name, size_t max_bytes) {
  if (name->empty()) return {};
  bool legal =
      name->size() <= max_bytes && std::isalpha(static_cast<unsigned char>(name->front())) != 0;
  for (const char c : *name) legal &= c == '-' || IsIdentifierByte(c);
  if (legal) return {};
  const std::string problem = "its option mcp.bridge.v1 asks for the name \"" +
                              CutText(VisibleText(*name), 64) +
                              "\", which is not used: it must be a letter and at most " +
                              std::to_string(max_bytes - 1) + " letters, digits, '_' and '-'";
  name->clear();
  return problem;
}

}  // namespace

std::string ApplyServiceOptions(std::string_view options, Service* target) {
  target->hidden = IsRestricted(options);
  ForEachSetting(options, [target](const OptionField& setting) {
    if (setting.number == 1) TakeText(setting, &target->tool_prefix);
    if (setting.number == 2) TakeFlag(setting, &target->hidden);
  });
  return CheckName(&target->tool_prefix, kMaxPrefix);
}

std::string ApplyMethodOptions(std::string_view options, Method* target) {
  target->hidden = target->service->hidden || IsRestricted(options);
  ForEachSetting(options, [target](const OptionField& setting) {
    switch (setting.number) {
      case 1:
        return TakeText(setting, &target->tool_name);
      case 2:
        return TakeText(setting, &target->title);
      case 3:
        return TakeText(setting, &target->comment);
      case 4:
        return TakeFlag(setting, &target->hidden);
      case 5:
        return TakeFlag(setting, &target->hints.read_only);
      case 6:
        return TakeFlag(setting, &target->hints.destructive);
      case 7:
        return TakeFlag(setting, &target->hints.idempotent);
      case 8:
        return TakeFlag(setting, &target->hints.open_world);
      default:
        return;
    }
  });
  return CheckName(&target->tool_name, kMaxName);
}

void ApplyFieldOptions(std::string_view options, Field* target) {
  FieldTexts texts;
  if (target->texts != nullptr) texts = *target->texts;
  target->hidden = IsRestricted(options);
  bool has_texts = false;
  bool is_text = false;
  ForEachSetting(options, [&](const OptionField& setting) {
    if (setting.number == 1) TakeText(setting, &texts.description);
    if (setting.number == 2) TakeText(setting, &texts.example);
    if (setting.number == 3) TakeFlag(setting, &target->hidden);
    if (setting.number == 4) TakeFlag(setting, &target->debug_redact);
    if (setting.number == 5) TakeFlag(setting, &is_text);
    has_texts |= setting.number <= 2;
  });
  // On the wire both are the same.
  if (is_text && target->kind == Kind::kBytes) target->kind = Kind::kString;
  if (has_texts) target->texts = std::make_shared<const FieldTexts>(std::move(texts));
}

}  // namespace bridge::descriptor
