#include "bridge/descriptor/time_rules.h"

#include <ctime>
#include <string>
#include <vector>

#include "bridge/base/json_text.h"
#include "bridge/descriptor/option_reader.h"

namespace bridge::descriptor {
namespace {

// The ProtoJSON text of an encoded Duration or Timestamp, to the millisecond at most.
std::string ToText(std::string_view bytes, bool duration) {
  int64_t seconds = 0;
  int64_t nanos = 0;
  OptionReader reader(bytes);
  for (OptionField field; reader.Next(&field);) {
    if (field.number == 1) seconds = static_cast<int64_t>(field.value);
    if (field.number == 2) nanos = static_cast<int64_t>(field.value);
  }
  std::string out;
  if (duration) {
    AppendJsonDouble(&out, static_cast<double>(seconds) + static_cast<double>(nanos) / 1e9);
    return out + "s";
  }
  const auto time = static_cast<time_t>(seconds);
  tm parts{};
  char text[40];
  if (gmtime_r(&time, &parts) == nullptr) return out;
  const size_t size = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text, size);
}

}  // namespace

void ParseTimeRules(std::string_view bytes, bool duration, bool pgv, FieldRules* rules) {
  std::string bounds;
  std::vector<std::string> in;
  const auto add = [&bounds](std::string_view words, const std::string& value) {
    bounds += (bounds.empty() ? "" : " and ") + std::string(words) + " " + value;
  };
  OptionReader reader(bytes);
  for (OptionField field; reader.Next(&field);) {
    if (field.type == WireType::kVarint) {
      if (field.value == 0) continue;
      if (pgv && field.number == 1) rules->required = true;
      if (!duration && field.number == 7) add("in", "the past");
      if (!duration && field.number == 8) add("in", "the future");
      continue;
    }
    if (field.type != WireType::kBytes) continue;
    const bool time_span = duration || field.number == 9;
    const std::string value = ToText(field.bytes, time_span);
    switch (field.number) {
      case 2:
        add("exactly", value);
        break;
      case 3:
        add(duration ? "less than" : "before", value);
        break;
      case 4:
        add(duration ? "at most" : "no later than", value);
        break;
      case 5:
        add(duration ? "more than" : "after", value);
        break;
      case 6:
        add(duration ? "at least" : "no earlier than", value);
        break;
      case 7:
        if (duration) in.push_back(value);
        break;
      case 9:
        if (!duration) add("within", value + " of now");
        break;
      default:
        break;
    }
  }
  std::string choices;
  for (const std::string& value : in) choices += (choices.empty() ? "" : ", ") + value;
  if (!choices.empty()) add("one of", choices);
  if (!bounds.empty()) rules->texts.push_back("Must be " + bounds + ".");
}

}  // namespace bridge::descriptor
