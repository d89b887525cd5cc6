// Well-known types with a JSON form of their own:
// https://protobuf.dev/programming-guides/json/ (2026), struct.proto, any.proto.

#include <bit>
#include <string>
#include <utility>

#include "bridge/transcode/field_mask_text.h"
#include "bridge/transcode/key_set.h"
#include "bridge/transcode/number_text.h"
#include "bridge/transcode/time_text.h"
#include "bridge/transcode/to_wire.h"

namespace bridge::transcode {
namespace {

using descriptor::WellKnown;

// Tags of struct.proto, any.proto and field_mask.proto.
constexpr char kStructFields = 0x0A;
constexpr char kEntryKey = 0x0A;
constexpr char kEntryValue = 0x12;
constexpr char kNullValue = 0x08;
constexpr char kNumberValue = 0x11;
constexpr char kStringValue = 0x1A;
constexpr char kBoolValue = 0x20;
constexpr char kStructValue = 0x2A;
constexpr char kListValue = 0x32;
constexpr char kListValues = 0x0A;
constexpr char kAnyTypeUrl = 0x0A;
constexpr char kAnyValue = 0x12;
constexpr char kMaskPaths = 0x0A;

// The member of an Any that has its content, if that is no object or not known.
constexpr std::string_view kValueMember = "value";
constexpr std::string_view kTypeUrlForm =
    "a type URL such as \"type.googleapis.com/package.Message\"";

bool IsOrdinary(const Plan& plan) {
  return plan.well_known == WellKnown::kNone || plan.well_known == WellKnown::kEmpty;
}

}  // namespace

bool ToWire::StringValue(std::string_view* value, std::string_view expected) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kString) return Wrong(expected, type);
  return cursor_->ReadString(value, &scratch_.text) || SyntaxError();
}

bool ToWire::Time(const Plan& plan) {
  const bool timestamp = plan.well_known == WellKnown::kTimestamp;
  const std::string_view expected = ExpectedMessage(plan.well_known);
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type == JsonType::kObject && HasItsFields(plan)) return FieldByField(plan);
  std::string_view text;
  if (!StringValue(&text, expected)) return false;
  SecondsAndNanos value;
  if (!(timestamp ? ParseTimestamp(text, &value) : ParseDuration(text, &value))) {
    return WrongText(expected, text);
  }
  if (value.seconds != 0) {
    PutTag(plan.fields[0]);
    PutBits(kVarint, static_cast<uint64_t>(value.seconds));
  }
  if (value.nanos != 0) {
    PutTag(plan.fields[1]);
    PutBits(kVarint, static_cast<uint64_t>(static_cast<int64_t>(value.nanos)));
  }
  return true;
}

bool ToWire::FieldMask() {
  const std::string_view expected = ExpectedMessage(WellKnown::kFieldMask);
  std::string_view text;
  if (!StringValue(&text, expected)) return false;
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    out_.Append(kMaskPaths);
    const size_t mark = OpenLength();
    if (!AppendSnakePath(rest.substr(0, comma), &out_)) {
      return WrongText(expected, rest.substr(0, comma));
    }
    CloseLength(mark);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
    if (rest.empty()) return WrongText(expected, text);
  }
  return true;
}

bool ToWire::DynamicValue() {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  switch (type) {
    case JsonType::kNull:
      out_.Append(kNullValue);
      out_.Append('\0');
      return cursor_->ReadNull() || SyntaxError();
    case JsonType::kBool: {
      bool flag = false;
      if (!cursor_->ReadBool(&flag)) return SyntaxError();
      out_.Append(kBoolValue);
      out_.Append(flag ? '\1' : '\0');
      return true;
    }
    case JsonType::kNumber: {
      std::string_view text;
      double number = 0;
      if (!cursor_->ReadNumber(&text)) return SyntaxError();
      if (!ParseFloating(text, &number)) {
        return failure_.Set("out of range; expected a number in the range of a double");
      }
      out_.Append(kNumberValue);
      PutBits(kFixed64, std::bit_cast<uint64_t>(number));
      return true;
    }
    case JsonType::kString: {
      std::string_view text;
      if (!cursor_->ReadString(&text, &scratch_.text)) return SyntaxError();
      out_.Append(kStringValue);
      PutBytes(text);
      return true;
    }
    case JsonType::kArray:
    case JsonType::kObject: {
      out_.Append(type == JsonType::kArray ? kListValue : kStructValue);
      const size_t mark = OpenLength();
      if (!(type == JsonType::kArray ? DynamicList() : DynamicStruct())) return false;
      CloseLength(mark);
      return true;
    }
  }
  return false;
}

bool ToWire::DynamicList() {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kArray) {
    return Repair(type, JsonType::kArray, [] { return "an array"; }, [&] { return DynamicList(); });
  }
  if (!cursor_->EnterArray()) return SyntaxError();
  Items items(this);
  for (size_t i = 0; cursor_->NextElement(); ++i) {
    const JsonCursor::Place value = cursor_->place();
    out_.Append(kListValues);
    const size_t mark = OpenLength();
    if (DynamicValue()) {
      CloseLength(mark);
    } else {
      failure_.InElement(i);
      if (!items.StepOver(value)) return false;
    }
    if (!items.Fit()) return false;
  }
  if (!cursor_->ok()) return SyntaxError();
  return items.fine();
}

bool ToWire::DynamicStruct() {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kObject) {
    return Repair(
        type, JsonType::kObject, [] { return "an object"; }, [&] { return DynamicStruct(); });
  }
  if (!cursor_->EnterObject()) return SyntaxError();
  Items items(this);
  KeySet keys(&scratch_.key_slots);
  std::string_view key;
  std::string copy;
  while (cursor_->NextMember(&key)) {
    key = KeepKey(key, &copy);
    const JsonCursor::Place value = cursor_->place();
    if (!DynamicEntry(key, &keys)) {
      InKey(key);
      if (!items.StepOver(value)) return false;
    }
    if (!items.Fit()) return false;
  }
  if (!cursor_->ok()) return SyntaxError();
  return items.fine();
}

bool ToWire::DynamicEntry(std::string_view key, KeySet* keys) {
  out_.Append(kStructFields);
  const size_t mark = OpenLength();
  out_.Append(kEntryKey);
  PutBytes(key);
  const size_t key_size = out_.size() - mark;
  out_.Append(kEntryValue);
  const size_t value_mark = OpenLength();
  if (!DynamicValue()) return false;
  CloseLength(value_mark);
  const size_t entry_size = out_.size() - mark;
  CloseLength(mark);
  return AddKey(keys, out_.size() - entry_size, key_size);
}

// "@type" decides about all other members, and may be behind them: it is looked for, and then the
// object is read from its beginning.
bool ToWire::AnyMessage() {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kObject) {
    return Repair(
        type, JsonType::kObject, [] { return "an object with \"@type\""; },
        [&] { return AnyMessage(); });
  }
  const JsonCursor::Place start = cursor_->place();
  std::string_view type_url;
  bool empty = false;
  if (!FindTypeUrl(&type_url, &empty)) return false;
  if (empty) return true;
  cursor_->GoBack(start);
  const size_t slash = type_url.rfind('/');
  const bool is_url = slash != std::string_view::npos && slash != 0;
  const Plan* const plan = is_url ? plans_->FindByTypeName(type_url.substr(slash + 1)) : nullptr;
  if (tool_ && MayBeOpaque(plan) && IsOpaque()) return OpaqueAny(type_url);
  if (plan == nullptr) return UnknownType(type_url, is_url);
  out_.Append(kAnyTypeUrl);
  PutBytes(type_url);
  out_.Append(kAnyValue);
  const size_t mark = OpenLength();
  if (!(IsOrdinary(*plan) ? Object(*plan, true) : AnyValue(*plan))) return false;
  if (out_.size() == mark) {
    out_.Truncate(mark - 2);
  } else {
    CloseLength(mark);
  }
  return true;
}

bool ToWire::FindTypeUrl(std::string_view* type_url, bool* empty) {
  const JsonCursor::Place start = cursor_->place();
  if (!cursor_->EnterObject()) return SyntaxError();
  std::string_view key;
  if (!cursor_->NextMember(&key)) {
    *empty = true;
    return cursor_->ok() || SyntaxError();
  }
  if (key != kTypeMember) {
    const JsonCursor::Place inside = cursor_->place();
    cursor_->GoBack(start);
    const char* const value = types_.Find(*cursor_);
    if (value == nullptr) {
      if (!cursor_->SkipValue(nullptr)) return SyntaxError();
      return failure_.Set("expected a member \"@type\" with a type URL");
    }
    cursor_->GoBack({value, inside.depth});
  }
  return StringValue(type_url, kTypeUrlForm) || failure_.InMember(kTypeMember);
}

bool ToWire::UnknownType(std::string_view type_url, bool is_url) {
  if (!is_url) {
    failure_.Set("expected " + std::string(kTypeUrlForm));
  } else {
    std::string message = "unknown message type";
    if (!redacted_) message += " " + QuoteInput(type_url);
    if (tool_) message += "; its bytes alone can be given, in base64 as \"value\"";
    failure_.Set(std::move(message));
  }
  return failure_.InMember(kTypeMember);
}

bool ToWire::MayBeOpaque(const Plan* plan) {
  return plan == nullptr ||
         (IsOrdinary(*plan) && plan->names.Find(kValueMember) == NameTable::kNone);
}

// Reads on only while it may be.
bool ToWire::IsOpaque() const {
  JsonCursor probe = *cursor_;
  JsonType type;
  if (!probe.EnterObject()) return false;
  bool has_value = false;
  std::string_view key;
  while (probe.NextMember(&key)) {
    if (key != kTypeMember && key != kValueMember) return false;
    has_value |= key == kValueMember;
    if (!probe.Peek(&type) || type != JsonType::kString || !probe.SkipValue(nullptr)) return false;
  }
  return probe.ok() && has_value;
}

// What ToJson does not know, or could not decode, comes back as it was.
bool ToWire::OpaqueAny(std::string_view type_url) {
  out_.Append(kAnyTypeUrl);
  PutBytes(type_url);
  if (!cursor_->EnterObject()) return SyntaxError();
  bool seen = false;
  bool seen_type = false;
  std::string_view key;
  while (cursor_->NextMember(&key)) {
    if (key == kTypeMember) {
      if (!SkipType(&seen_type)) return false;
      continue;
    }
    if (std::exchange(seen, true)) return failure_.Set("duplicate member \"value\"");
    std::string_view text;
    if (!cursor_->ReadString(&text, &scratch_.text)) return SyntaxError();
    if (text.empty()) continue;
    out_.Append(kAnyValue);
    const size_t mark = OpenLength();
    if (!PutBase64(text)) return failure_.InMember(kValueMember);
    CloseLength(mark);
  }
  return cursor_->ok() || SyntaxError();
}

bool ToWire::SkipType(bool* seen) {
  if (*seen) return failure_.Set("duplicate member \"@type\"");
  *seen = true;
  return cursor_->SkipValue(nullptr) || SyntaxError();
}

bool ToWire::SkipRest() {
  std::string_view key;
  while (cursor_->NextMember(&key)) cursor_->SkipValue(nullptr);
  return cursor_->ok();
}

// {"@type": ..., "value": ...}: the form of types that have a JSON form of their own.
bool ToWire::AnyValue(const Plan& plan) {
  if (!cursor_->EnterObject()) return SyntaxError();
  bool seen = false;
  bool seen_type = false;
  std::string_view key;
  while (cursor_->NextMember(&key)) {
    if (key == kTypeMember) {
      if (!SkipType(&seen_type)) return false;
    } else if (key == "value" && !seen) {
      seen = true;
      JsonType type;
      if (!cursor_->Peek(&type)) return SyntaxError();
      if (type == JsonType::kNull && plan.well_known != WellKnown::kValue) {
        if (!cursor_->ReadNull()) return SyntaxError();
      } else if (!Message(plan)) {
        read_through_ = read_through_ && SkipRest();
        return failure_.InMember("value");
      }
    } else if (key == "value") {
      return failure_.Set("duplicate member \"value\"");
    } else if (options_.ignore_unknown) {
      if (!cursor_->SkipValue(nullptr)) return SyntaxError();
    } else {
      return failure_.Set((redacted_ ? "unknown field" : "unknown field " + QuoteInput(key)) +
                          "; next to this \"@type\" only \"value\" is allowed");
    }
  }
  return cursor_->ok() || SyntaxError();
}

}  // namespace bridge::transcode
