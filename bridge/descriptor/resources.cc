#include "bridge/descriptor/resources.h"

#include "bridge/base/text.h"
#include "bridge/descriptor/option_reader.h"

namespace bridge::descriptor {
namespace {

constexpr uint32_t kResource = 1053;
constexpr uint32_t kResourceReference = 1055;
constexpr size_t kMaxPatterns = 2;
constexpr size_t kMaxPatternBytes = 100;
constexpr size_t kMaxFormatBytes = 400;

// "projects/{project}/topics/{topic}" -> "projects/{project}"
std::string ParentOf(std::string pattern) {
  for (int segment = 0; segment < 2; ++segment) {
    const size_t slash = pattern.rfind('/');
    if (slash == std::string::npos) return {};
    pattern.resize(slash);
  }
  return pattern;
}

}  // namespace

void Resources::Add(std::string_view options) {
  OptionReader reader(options);
  for (OptionField option; reader.Next(&option);) {
    if (option.number != kResource || option.type != WireType::kBytes) continue;
    std::string type;
    std::vector<std::string> patterns;
    OptionReader resource(option.bytes);
    for (OptionField field; resource.Next(&field);) {
      if (field.number == 1) type = field.bytes;
      if (field.number != 2 || field.bytes == "*" || field.bytes.size() > kMaxPatternBytes)
        continue;
      if (patterns.size() < kMaxPatterns) patterns.push_back(VisibleText(field.bytes));
    }
    if (!type.empty() && !patterns.empty()) patterns_.emplace(type, patterns);
  }
}

std::string Resources::FindFormat(std::string_view options) const {
  std::string formats;
  OptionReader reader(options);
  for (OptionField option; reader.Next(&option);) {
    if (option.number != kResourceReference || option.type != WireType::kBytes) continue;
    OptionReader reference(option.bytes);
    for (OptionField field; reference.Next(&field);) {
      const auto found = patterns_.find(std::string(field.bytes));
      if (found == patterns_.end() || formats.size() > kMaxFormatBytes) continue;
      for (const std::string& pattern : found->second) {
        const std::string format = field.number == 2 ? ParentOf(pattern) : pattern;
        if (!format.empty()) formats += (formats.empty() ? "Format: " : " or ") + format;
      }
    }
  }
  return formats.empty() ? formats : formats + ".";
}

}  // namespace bridge::descriptor
