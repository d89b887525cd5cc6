// One JSON object or array while it is written: the braces and commas of bridge/base/json_text.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/base/json_text.h"

namespace bridge::schema {

// Beyond it a number is not exact for every client.
inline constexpr uint64_t kMaxExactInteger = uint64_t{1} << 53;

// Opens the object at construction and closes it at the end of its scope.
class JsonObject final {
 public:
  explicit JsonObject(std::string* out) : out_(out) { *out_ += '{'; }
  ~JsonObject() { *out_ += '}'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  // Starts a member; its value is appended to the text next.
  void Key(std::string_view key) {
    Comma();
    AppendJsonString(out_, key);
    *out_ += ':';
  }
  void String(std::string_view key, std::string_view value) {
    Key(key);
    AppendJsonString(out_, value);
  }
  // A value that is JSON text already.
  void Raw(std::string_view key, std::string_view json) {
    Key(key);
    *out_ += json;
  }
  // How many of something; left out if that is not exact for every client.
  void Count(std::string_view key, uint64_t value) {
    if (value > kMaxExactInteger) return;
    Key(key);
    AppendJsonUint(out_, value);
  }
  // Members that are JSON text already, without braces; may be empty.
  void Members(std::string_view members) {
    if (members.empty()) return;
    Comma();
    *out_ += members;
  }

 private:
  void Comma() {
    if (!first_) *out_ += ',';
    first_ = false;
  }

  std::string* out_;
  bool first_ = true;
};

// A union with null around the one schema that is written in its scope, if there is to be one.
class NullableUnion final {
 public:
  NullableUnion(std::string* out, bool nullable) : out_(nullable ? out : nullptr) {
    if (out_ != nullptr) *out_ += R"({"anyOf":[)";
  }
  ~NullableUnion() {
    if (out_ != nullptr) *out_ += R"(,{"type":"null"}]})";
  }
  NullableUnion(const NullableUnion&) = delete;
  NullableUnion& operator=(const NullableUnion&) = delete;

 private:
  std::string* out_;
};

// `["a","b"]`
template <typename Strings>
void AppendJsonStrings(std::string* out, const Strings& strings) {
  *out += '[';
  bool first = true;
  for (const auto& text : strings) {
    if (!first) *out += ',';
    first = false;
    AppendJsonString(out, text);
  }
  *out += ']';
}

}  // namespace bridge::schema
