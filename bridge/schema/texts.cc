#include "bridge/schema/texts.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>
#include <vector>

#include "bridge/base/text.h"
#include "bridge/schema/choices.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/reach.h"
#include "bridge/schema/scalar_leaf.h"

namespace bridge::schema {
namespace {

using descriptor::Field;
using descriptor::Message;

constexpr size_t kMaxNamesBytes = 400;

bool IsUpper(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}
bool IsLower(char c) {
  return std::islower(static_cast<unsigned char>(c)) != 0;
}

std::string InWords(const Choice& choice) {
  const std::vector<std::string>& names = choice.names;
  if (names.size() == 1) return choice.required ? "Set " + names[0] + "." : "";
  return std::string("Set ") + (choice.required ? "exactly" : "at most") +
         " one of: " + JoinNames(names, kMaxNamesBytes) + ".";
}

}  // namespace

std::string MessageConstraints(const Message& message) {
  std::string text;
  for (const Choice& choice : ChoicesOf(message)) AddSentence(&text, InWords(choice));
  if (message.rules == nullptr) return text;
  for (const std::string& rule : message.rules->texts) AddSentence(&text, rule);
  return text;
}

bool SaysDeprecated(std::string_view text) {
  // Not "the deprecated mode".
  static constexpr std::string_view kSayings[] = {"Deprecated", "DEPRECATED", "is deprecated",
                                                  "are deprecated", "been deprecated"};
  return std::any_of(std::begin(kSayings), std::end(kSayings), [text](std::string_view saying) {
    return text.find(saying) != std::string_view::npos;
  });
}

std::string WithPropertyNames(std::string_view text, const Message& message, Direction direction) {
  if (text.find('_') == std::string_view::npos) return std::string(text);
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && IsIdentifierByte(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    // Not a part of a path such as google.api.http_rule or a/b_c.
    const bool alone = at == 0 || (text[at - 1] != '.' && text[at - 1] != '/');
    const Field* field =
        alone && word.find('_') != std::string_view::npos ? message.FindField(word) : nullptr;
    if (field != nullptr && IsShown(*field, direction)) {
      out += direction == Direction::kInput ? field->input_key : field->json_name;
    } else {
      out += word;
    }
    if (end < text.size()) out += text[end++];
    at = end;
  }
  return out;
}

std::string Shortened(std::string_view comment, Comments detail) {
  switch (detail) {
    case Comments::kNone:
      return {};
    case Comments::kFirstSentence:
      return FirstSentence(comment);
    case Comments::kShort:
      return ShortText(comment);
    case Comments::kWhole:
      return std::string(comment);
  }
  return {};
}

std::string_view ShortServiceName(const descriptor::Service& service) {
  constexpr std::string_view kSuffix = "Service";
  std::string_view name = service.name;
  if (name.ends_with(kSuffix) && name.size() > kSuffix.size()) name.remove_suffix(kSuffix.size());
  return name;
}

std::string ToTitle(std::string_view identifier) {
  std::string title;
  for (size_t i = 0; i < identifier.size(); ++i) {
    const char c = identifier[i];
    if (c == '_') continue;
    const bool after_gap = i == 0 || identifier[i - 1] == '_';
    // "HTTPServer2Go" is three words: HTTP Server2 Go.
    const bool starts_word =
        after_gap || (IsUpper(c) && (!IsUpper(identifier[i - 1]) ||
                                     (i + 1 < identifier.size() && IsLower(identifier[i + 1]))));
    if (starts_word && !title.empty()) title += ' ';
    title += starts_word ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
  }
  return title.empty() ? std::string(identifier) : title;
}

}  // namespace bridge::schema
