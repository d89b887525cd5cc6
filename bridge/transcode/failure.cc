#include "bridge/transcode/failure.h"

#include <algorithm>
#include <span>
#include <utility>

#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "bridge/base/utf8.h"

namespace bridge::transcode {
namespace {

constexpr size_t kMaxQuotedBytes = 64;
constexpr size_t kMaxCandidates = 1'000;  // to look for the nearest takes a microsecond for each

}  // namespace

bool Failure::Set(std::string message) {
  if (open_ == faults_.size()) faults_.push_back({std::move(message), {}});
  return false;
}

bool Failure::SetLast(std::string message) {
  last_ = true;
  return Set(std::move(message));
}

void Failure::Append(std::string_view text) {
  for (size_t i = open_; i < faults_.size(); ++i) faults_[i].message += text;
}

bool Failure::AddStep(const std::string& step) {
  for (size_t i = open_; i < faults_.size(); ++i) faults_[i].steps.push_back(step);
  return false;
}

bool Failure::InMember(std::string_view name) {
  const bool digit_first = !name.empty() && name[0] >= '0' && name[0] <= '9';
  if (IsIdentifier(name) && !digit_first && name.size() <= kMaxQuotedBytes) {
    return AddStep("." + std::string(name));
  }
  return AddStep("[" + QuoteInput(name) + "]");
}

bool Failure::InElement(size_t index) {
  return AddStep("[" + std::to_string(index) + "]");
}

bool Failure::InHiddenMember() {
  return AddStep("[*]");
}

CodecError Failure::ToError(int most) const {
  CodecError first;
  const size_t count = std::min(faults_.size(), static_cast<size_t>(most));
  first.and_more = faults_.size() > count;
  for (const Fault& fault : std::span(faults_).first(count)) {
    CodecError& error = &fault == faults_.data() ? first : first.more.emplace_back();
    error.path = "$";
    for (auto step = fault.steps.rbegin(); step != fault.steps.rend(); ++step) error.path += *step;
    error.message = fault.message;
  }
  return first;
}

std::string QuoteInput(std::string_view text) {
  std::string_view shown = text.substr(0, kMaxQuotedBytes);
  if (IsIdentifier(shown) && shown.size() == text.size()) return '"' + std::string(text) + '"';
  if (shown.size() < text.size()) shown = shown.substr(0, Utf8PrefixLength(shown));
  std::string quoted;
  AppendJsonString(&quoted, VisibleText(shown));
  if (shown.size() < text.size()) quoted.insert(quoted.size() - 1, "...");
  return quoted;
}

std::string QuoteName(std::string_view name) {
  if (IsIdentifier(name)) return '"' + std::string(name) + '"';
  std::string quoted;
  AppendJsonString(&quoted, VisibleText(name));
  return quoted;
}

std::string ListNames(const std::vector<std::string_view>& names, size_t limit) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < limit; ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += QuoteName(names[i]);
  }
  if (names.size() > limit) text += " and " + std::to_string(names.size() - limit) + " more";
  return text;
}

std::string_view Nearest(std::string_view name, const std::vector<std::string_view>& names) {
  return names.size() > kMaxCandidates ? std::string_view() : NearestName(name, names);
}

std::string NearestOrAll(std::string_view name, const std::vector<std::string_view>& names) {
  const std::string_view nearest = Nearest(name, names);
  if (!nearest.empty()) return "; did you mean " + QuoteName(nearest) + "?";
  return "; expected " + ListNames(names, kMaxListedNames);
}

std::string_view NameOf(JsonType type) {
  switch (type) {
    case JsonType::kNull:
      return "null";
    case JsonType::kBool:
      return "a boolean";
    case JsonType::kNumber:
      return "a number";
    case JsonType::kString:
      return "a string";
    case JsonType::kArray:
      return "an array";
    case JsonType::kObject:
      return "an object";
  }
  return "a value";
}

std::string DescribeValue(JsonType type, std::string_view text) {
  if (type == JsonType::kBool) return std::string(text);
  std::string shown(NameOf(type));
  if (type == JsonType::kNumber) shown += " (" + std::string(text.substr(0, kMaxQuotedBytes)) + ")";
  if (type == JsonType::kString) shown += " (" + QuoteInput(text) + ")";
  return shown;
}

}  // namespace bridge::transcode
