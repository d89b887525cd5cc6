#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "bridge/base/text.h"
#include "bridge/descriptor/graph_builder.h"

namespace bridge::descriptor {
namespace {

constexpr size_t kLongestKey = 64;
constexpr size_t kShortenedKey = 54;  // leaves room for '_' and a field number

bool FitsKeyPattern(std::string_view key) {
  return !key.empty() && key.size() <= kLongestKey &&
         std::all_of(key.begin(), key.end(),
                     [](char c) { return IsIdentifierByte(c) || c == '.' || c == '-'; });
}

}  // namespace

std::string ToJsonName(std::string_view proto_name) {
  std::string out;
  bool raise = false;
  for (const char c : proto_name) {
    if (c == '_') {
      raise = true;
      continue;
    }
    out += raise && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    raise = false;
  }
  return out;
}

absl::Status ResolveNames(const std::string& file, Message* message) {
  std::unordered_map<std::string, const Field*> owner;
  for (const Field& field : message->fields) {
    const auto [entry, is_new] = owner.emplace(field.json_name, &field);
    if (!is_new && field.name == field.json_name) entry->second = &field;
  }
  std::unordered_set<std::string_view> names;
  std::unordered_set<std::string_view> json_names;
  for (Field& field : message->fields) {
    if (owner.at(field.json_name) != &field) field.json_name = field.name;
    if (!json_names.insert(field.json_name).second || !names.insert(field.name).second) {
      return BrokenDescriptor(file, message->full_name + "." + field.name,
                              "another field of the message has the same name or json_name");
    }
  }
  for (Field& field : message->fields) {
    // A name that is another field's json_name would be read as that field.
    const bool name_is_free = field.name == field.json_name || !json_names.contains(field.name);
    if (FitsKeyPattern(field.json_name)) {
      field.input_key = field.json_name;
    } else if (FitsKeyPattern(field.name) && name_is_free) {
      field.input_key = field.name;
    } else {
      field.input_key = field.name.substr(0, kShortenedKey) + "_" + std::to_string(field.number);
      if (names.contains(field.input_key) || json_names.contains(field.input_key)) {
        return BrokenDescriptor(file, message->full_name + "." + field.name,
                                "no short key for this field is free: give it a json_name of at "
                                "most 64 letters, digits, '_', '.' and '-'");
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace bridge::descriptor
