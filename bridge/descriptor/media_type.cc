#include "bridge/descriptor/media_type.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"

namespace bridge::descriptor {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"content_type", "mime_type", "media_type"};

const Field* FindString(const Message& owner, std::string_view name) {
  const Field* const field = owner.FindField(name);
  return field != nullptr && field->kind == Kind::kString && !field->repeated ? field : nullptr;
}

bool IsSingleBytes(const Field& field) {
  return field.kind == Kind::kBytes && !field.repeated;
}

bool IsWhatItIsFor(const Message& owner, const Field& field) {
  constexpr std::array<std::string_view, 5> kBodies = {"data", "body", "content", "contents",
                                                       "payload"};
  return std::find(kBodies.begin(), kBodies.end(), field.name) != kBodies.end() ||
         std::count_if(owner.fields.begin(), owner.fields.end(), IsSingleBytes) == 1;
}

}  // namespace

const Field* FindMediaType(const Message& owner, const Field& field) {
  if (!IsSingleBytes(field) || owner.map_entry || !field.extension_name.empty() || owner.IsWide()) {
    return nullptr;
  }
  for (const std::string_view name : kNames) {
    const Field* const own = FindString(owner, field.name + "_" + std::string(name));
    if (own != nullptr) return own;
  }
  if (!IsWhatItIsFor(owner, field)) return nullptr;
  for (const std::string_view name : kNames) {
    if (const Field* const found = FindString(owner, name)) return found;
  }
  return nullptr;
}

bool IsTextType(std::string_view media_type) {
  constexpr std::array<std::string_view, 17> kTexts = {"ecmascript",
                                                       "graphql",
                                                       "javascript",
                                                       "json",
                                                       "json-seq",
                                                       "jsonl",
                                                       "jsonlines",
                                                       "jwt",
                                                       "ndjson",
                                                       "sql",
                                                       "toml",
                                                       "x-jsonlines",
                                                       "x-ndjson",
                                                       "xml",
                                                       "x-yaml",
                                                       "yaml",
                                                       "x-www-form-urlencoded"};
  constexpr size_t kLongest = 256;
  if (media_type.size() > kLongest) return false;
  std::string lower(media_type);
  absl::AsciiStrToLower(&lower);
  const size_t semicolon = std::min(lower.find(';'), lower.size());
  const std::string_view parameters = std::string_view(lower).substr(semicolon);
  const auto names = [parameters](std::string_view what) {
    return parameters.find(what) != std::string_view::npos;
  };
  if (names("charset=") && !names("utf-8") && !names("utf8") && !names("us-ascii")) return false;
  std::string_view type = std::string_view(lower).substr(0, semicolon);
  while (type.starts_with(' ')) type.remove_prefix(1);
  while (type.ends_with(' ')) type.remove_suffix(1);
  if (type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
      type.ends_with("+yaml")) {
    return true;
  }
  constexpr std::string_view kApplication = "application/";
  return type.starts_with(kApplication) &&
         std::find(kTexts.begin(), kTexts.end(), type.substr(kApplication.size())) != kTexts.end();
}

}  // namespace bridge::descriptor
