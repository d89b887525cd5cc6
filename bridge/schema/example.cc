#include "bridge/schema/example.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "absl/strings/escaping.h"
#include "bridge/base/json_cursor.h"
#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "bridge/descriptor/well_known.h"
#include "bridge/schema/reach.h"

namespace bridge::schema {
namespace {

using descriptor::Enum;
using descriptor::EnumValue;
using descriptor::Field;
using descriptor::Kind;
using descriptor::Message;
using descriptor::WellKnown;

template <typename Integer>
bool Is(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool IsBase64(std::string_view text) {
  std::string bytes;
  // As arguments take it.
  return absl::Base64Unescape(absl::string_view(text.data(), text.size()), &bytes) &&
         absl::Base64Escape(bytes) == text;
}

bool IsValueOf(const Enum& enumeration, std::string_view name) {
  return std::any_of(enumeration.values.begin(), enumeration.values.end(),
                     [name](const EnumValue& value) { return value.name == name; });
}

// Reads one value: does it fit what the schema says?
class Fitting final {
 public:
  explicit Fitting(std::string_view json) : cursor_(json) {}

  bool Fits(const Field& field) { return FitsField(field) && cursor_.Finish(); }

 private:
  bool FitsField(const Field& field) {
    if (field.map) {
      return FitsMembers([&field](std::string_view) { return &field.message->fields[1]; });
    }
    if (!field.repeated) return FitsElement(field);
    if (!cursor_.EnterArray()) return false;
    while (cursor_.NextElement()) {
      if (!FitsElement(field)) return false;
    }
    return cursor_.ok();
  }

  bool FitsElement(const Field& field) {
    return field.message == nullptr ? FitsScalar(field.kind, field.enumeration)
                                    : FitsMessage(*field.message);
  }

  // `field_of` says which field a member is of; null is none.
  template <typename FieldOf>
  bool FitsMembers(FieldOf field_of) {
    if (!cursor_.EnterObject()) return false;
    for (std::string_view key; cursor_.NextMember(&key);) {
      const Field* const field = field_of(key);
      if (field == nullptr || !FitsField(*field)) return false;
    }
    return cursor_.ok();
  }

  bool FitsMessage(const Message& message) {
    JsonType type{};
    Kind kind{};
    if (!cursor_.Peek(&type)) return false;
    if (descriptor::FindWrappedKind(message.well_known, &kind)) return FitsScalar(kind, nullptr);
    switch (message.well_known) {
      case WellKnown::kNone:
        return FitsMembers([&message](std::string_view key) -> const Field* {
          const auto found =
              std::find_if(message.fields.begin(), message.fields.end(), [key](const Field& field) {
                return (field.input_key == key || field.name == key) &&
                       IsShown(field, Direction::kInput);
              });
          return found == message.fields.end() ? nullptr : &*found;
        });
      case WellKnown::kTimestamp:
      case WellKnown::kDuration:
      case WellKnown::kFieldMask:
        return type == JsonType::kString && cursor_.SkipValue(nullptr);
      case WellKnown::kListValue:
        return type == JsonType::kArray && cursor_.SkipValue(nullptr);
      case WellKnown::kValue:
        return cursor_.SkipValue(nullptr);
      default:
        return type == JsonType::kObject && cursor_.SkipValue(nullptr);
    }
  }

  bool FitsScalar(Kind kind, const Enum* enumeration) {
    std::string_view text;
    bool yes = false;
    switch (kind) {
      case Kind::kBool:
        return cursor_.ReadBool(&yes);
      case Kind::kDouble:
      case Kind::kFloat:
        return cursor_.ReadNumber(&text);
      case Kind::kInt32:
      case Kind::kSint32:
      case Kind::kSfixed32:
        return cursor_.ReadNumber(&text) && Is<int32_t>(text);
      case Kind::kUint32:
      case Kind::kFixed32:
        return cursor_.ReadNumber(&text) && Is<uint32_t>(text);
      default:
        break;
    }
    if (!cursor_.ReadString(&text, &scratch_)) return false;
    switch (kind) {
      case Kind::kString:
        return true;
      case Kind::kBytes:
        return IsBase64(text);
      case Kind::kEnum:
        return IsValueOf(*enumeration, text);
      case Kind::kUint64:
      case Kind::kFixed64:
        return Is<uint64_t>(text);
      default:
        return Is<int64_t>(text);
    }
  }

  JsonCursor cursor_;
  std::string scratch_;
};

std::string WithoutSpace(std::string_view json) {
  std::string out;
  bool in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (!in_text && (c == ' ' || c == '\n' || c == '\t' || c == '\r')) continue;
    out += c;
    if (in_text && c == '\\') out += json[++i];
    if (c == '"') in_text = !in_text;
  }
  return out;
}

}  // namespace

std::string ExampleJson(const Field& field, const Dialect& dialect) {
  if (field.texts == nullptr || field.texts->example.empty()) return {};
  std::string json = VisibleText(field.texts->example);
  if (!Fitting(json).Fits(field)) {
    std::string quoted;
    AppendJsonString(&quoted, json);
    json = Fitting(quoted).Fits(field) ? quoted : "";
  }
  // Where objects are closed, what has no fixed members is written otherwise.
  const bool otherwise = dialect.closed && field.message != nullptr && !json.empty() &&
                         (json.front() == '{' || json.front() == '[' ||
                          field.message->well_known == WellKnown::kValue);
  // One line, whatever its author wrote: a tool is a line of output and of a stream.
  return otherwise ? "" : WithoutSpace(json);
}

}  // namespace bridge::schema
