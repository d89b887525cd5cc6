#include "bridge/transcode/failure.h"

#include <utility>

#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "bridge/base/utf8.h"

namespace bridge::transcode {
namespace {

constexpr size_t kMaxQuotedBytes = 64;

}  // namespace

bool Failure::Set(std::string message) {
  if (message_.empty()) message_ = std::move(message);
  return false;
}

bool Failure::InMember(std::string_view name) {
  const bool digit_first = !name.empty() && name[0] >= '0' && name[0] <= '9';
  if (IsIdentifier(name) && !digit_first && name.size() <= kMaxQuotedBytes) {
    steps_.push_back("." + std::string(name));
  } else {
    steps_.push_back("[" + QuoteInput(name) + "]");
  }
  return false;
}

bool Failure::InElement(size_t index) {
  steps_.push_back("[" + std::to_string(index) + "]");
  return false;
}

bool Failure::InHiddenMember() {
  steps_.emplace_back("[*]");
  return false;
}

CodecError Failure::ToError() const {
  CodecError error;
  error.path = "$";
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) error.path += *step;
  error.message = message_;
  return error;
}

std::string QuoteInput(std::string_view text) {
  std::string_view shown = text.substr(0, kMaxQuotedBytes);
  if (shown.size() < text.size()) shown = shown.substr(0, Utf8PrefixLength(shown));
  std::string quoted;
  AppendJsonString(&quoted, VisibleText(shown));
  if (shown.size() < text.size()) quoted.insert(quoted.size() - 1, "...");
  return quoted;
}

std::string ListNames(const std::vector<std::string_view>& names, size_t limit) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < limit; ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += QuoteInput(names[i]);
  }
  if (names.size() > limit) text += " and " + std::to_string(names.size() - limit) + " more";
  return text;
}

}  // namespace bridge::transcode
