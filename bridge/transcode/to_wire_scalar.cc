#include <bit>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include "bridge/transcode/base64.h"
#include "bridge/transcode/number_text.h"
#include "bridge/transcode/to_wire.h"

namespace bridge::transcode {

using descriptor::Kind;

namespace {

// Both are exact in a double, so that their quotient is rounded once: the nearest one.
bool ToDouble(const JsonCursor::Decimal& decimal, double* value) {
  constexpr uint64_t kMaxExact = uint64_t{1} << 53;
  constexpr double kPowers[] = {1,   1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};
  if (decimal.digits > kMaxExact) return false;
  const double magnitude = static_cast<double>(decimal.digits) / kPowers[decimal.decimals];
  *value = decimal.negative ? -magnitude : magnitude;
  return true;
}

}  // namespace

// `bits` is the payload of the value's wire type, so that zero bits are the zero value.
bool ToWire::Scalar(const FieldPlan& field, JsonType type, uint64_t* bits, bool* kept) {
  constexpr int64_t kMax32 = std::numeric_limits<int32_t>::max();
  constexpr int64_t kMax64 = std::numeric_limits<int64_t>::max();
  int64_t value = 0;
  switch (field.kind) {
    case Kind::kInt32:
    case Kind::kSint32:
    case Kind::kSfixed32:
      if (!Signed(field, type, kMax32, &value)) return false;
      *bits = field.kind == Kind::kInt32    ? static_cast<uint64_t>(value)
              : field.kind == Kind::kSint32 ? ZigZag32(static_cast<int32_t>(value))
                                            : static_cast<uint32_t>(value);
      return true;
    case Kind::kInt64:
    case Kind::kSint64:
    case Kind::kSfixed64:
      if (!Signed(field, type, kMax64, &value)) return false;
      *bits = field.kind == Kind::kSint64 ? ZigZag64(value) : static_cast<uint64_t>(value);
      return true;
    case Kind::kUint32:
    case Kind::kFixed32:
      return Unsigned(field, type, std::numeric_limits<uint32_t>::max(), bits);
    case Kind::kUint64:
    case Kind::kFixed64:
      return Unsigned(field, type, std::numeric_limits<uint64_t>::max(), bits);
    case Kind::kDouble: {
      double number;
      if (!Floating(field, type, &number)) return false;
      *bits = std::bit_cast<uint64_t>(number);
      return true;
    }
    case Kind::kFloat: {
      float number;
      if (!Floating(field, type, &number)) return false;
      *bits = std::bit_cast<uint32_t>(number);
      return true;
    }
    case Kind::kBool: {
      bool flag = false;
      if (type == JsonType::kBool) {
        if (!cursor_->ReadBool(&flag)) return SyntaxError();
      } else if (type != JsonType::kString || !TakeBoolText(&flag)) {
        return WrongField(field, type);
      }
      *bits = flag ? 1 : 0;
      return true;
    }
    case Kind::kEnum:
      return Enum(field, type, bits, kept);
    default:
      return WrongField(field, type);
  }
}

bool ToWire::NumberText(const FieldPlan& field, JsonType type, std::string_view* text) {
  if (type == JsonType::kNumber) return cursor_->ReadNumber(text) || SyntaxError();
  if (type != JsonType::kString) return WrongField(field, type);
  return cursor_->ReadString(text, &scratch_.text) || SyntaxError();
}

bool ToWire::Integer(const FieldPlan& field, JsonType type, bool* negative, uint64_t* magnitude) {
  const JsonCursor::Place start = cursor_->place();
  if (JsonCursor::Decimal decimal; cursor_->TakeDecimal(&decimal)) {
    if (decimal.decimals == 0) {
      *negative = decimal.negative;
      *magnitude = decimal.digits;
      return true;
    }
    cursor_->GoBack(start);
  }
  return AnyInteger(field, type, negative, magnitude);
}

bool ToWire::AnyInteger(const FieldPlan& field, JsonType type, bool* negative,
                        uint64_t* magnitude) {
  const JsonCursor::Place start = cursor_->place();
  std::string_view text;
  if (!NumberText(field, type, &text)) return false;
  if (type == JsonType::kString && !IsJsonNumber(text) && !TrimNumber(&text)) {
    return WrongText(ExpectedForm(field), text);
  }
  switch (ParseInteger(text, negative, magnitude)) {
    case IntegerError::kNone:
      return true;
    case IntegerError::kOutOfRange:
      return OutOfRange(field);
    case IntegerError::kFraction:
      cursor_->GoBack(start);
      return WrongField(field, type);
  }
  return true;
}

bool ToWire::Signed(const FieldPlan& field, JsonType type, int64_t limit, int64_t* value) {
  bool negative = false;
  uint64_t magnitude = 0;
  if (!Integer(field, type, &negative, &magnitude)) return false;
  if (magnitude > static_cast<uint64_t>(limit) + (negative ? 1 : 0)) {
    return OutOfRange(field);
  }
  *value = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

bool ToWire::Unsigned(const FieldPlan& field, JsonType type, uint64_t limit, uint64_t* value) {
  bool negative = false;
  if (!Integer(field, type, &negative, value)) return false;
  if (*value > limit || (negative && *value != 0)) {
    return OutOfRange(field);
  }
  return true;
}

template <typename Float>
bool ToWire::Floating(const FieldPlan& field, JsonType type, Float* value) {
  if constexpr (std::is_same_v<Float, double>) {
    const JsonCursor::Place start = cursor_->place();
    if (JsonCursor::Decimal decimal; cursor_->TakeDecimal(&decimal)) {
      if (ToDouble(decimal, value)) return true;
      cursor_->GoBack(start);
    }
  }
  std::string_view text;
  if (!NumberText(field, type, &text)) return false;
  if (type == JsonType::kString && !IsJsonNumber(text) && !TrimNumber(&text)) {
    using Limits = std::numeric_limits<Float>;
    if (text == "NaN") {
      *value = Limits::quiet_NaN();
    } else if (text == "Infinity") {
      *value = Limits::infinity();
    } else if (text == "-Infinity") {
      *value = -Limits::infinity();
    } else {
      return WrongText(ExpectedForm(field), text);
    }
    return true;
  }
  if (!ParseFloating(text, value)) {
    return OutOfRange(field);
  }
  return true;
}

bool ToWire::Enum(const FieldPlan& field, JsonType type, uint64_t* bits, bool* kept) {
  const EnumPlan& values = *field.enumeration;
  int32_t number = 0;
  if (type == JsonType::kString) {
    std::string_view name;
    if (!cursor_->ReadString(&name, &scratch_.text)) return SyntaxError();
    if (!values.FindNumber(name, &number) && !ParseEnumText(values, name, &number)) {
      if (!options_.ignore_unknown) return UnknownEnumName(values, name);
      *kept = false;
    }
  } else if (type == JsonType::kNumber) {
    int64_t value = 0;
    if (!Signed(field, type, std::numeric_limits<int32_t>::max(), &value)) return false;
    number = static_cast<int32_t>(value);
    if (values.closed() && values.FindQuotedName(number).empty()) {
      if (!options_.ignore_unknown) return UnknownEnumName(values, std::to_string(number));
      *kept = false;
    }
  } else if (type == JsonType::kNull && values.null_value()) {
    if (!cursor_->ReadNull()) return SyntaxError();
  } else {
    return WrongField(field, type);
  }
  *bits = static_cast<uint64_t>(static_cast<int64_t>(number));
  return true;
}

bool ToWire::Text(const FieldPlan& field, JsonType type, bool always) {
  if (type != JsonType::kString) return WrongField(field, type);
  char* const tag = out_.Reserve(sizeof(field.tag) + 1 + kMaxShortString);
  std::memcpy(tag, field.tag, sizeof(field.tag));
  char* const length = tag + field.tag_size;
  if (const int size = cursor_->TakeShortString(length + 1); size >= 0) {
    *length = static_cast<char>(size);
    if (size > 0 || always) out_.Commit(length + 1 + size);
    return true;
  }
  return AnyText(field, always);
}

bool ToWire::AnyText(const FieldPlan& field, bool always) {
  std::string_view value;
  if (!cursor_->ReadString(&value, &scratch_.text)) return SyntaxError();
  if (value.empty() && !always) return true;
  PutTag(field);
  PutBytes(value);
  return true;
}

bool ToWire::Bytes(const FieldPlan& field, JsonType type, bool always) {
  std::string_view text;
  if (type != JsonType::kString) return WrongField(field, type);
  if (!cursor_->ReadString(&text, &scratch_.text)) return SyntaxError();
  if (text.empty() && !always) return true;
  PutTag(field);
  const size_t mark = OpenLength();
  if (!PutBase64(text)) return false;
  CloseLength(mark);
  return true;
}

bool ToWire::PutBase64(std::string_view text) {
  char* const room = out_.Reserve(MaxBase64DecodedSize(text.size()));
  char* const end = ReadBase64(room, text, tool_ ? Base64Form::kCanonical : Base64Form::kLenient);
  if (end == nullptr) return NotBase64(text);
  out_.Commit(end);
  return true;
}

}  // namespace bridge::transcode
