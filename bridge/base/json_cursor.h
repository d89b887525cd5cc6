// A strict pull reader of JSON text, for the path of a call: no DOM, no allocation, one pass.
//
// RFC 8259 over UTF-8. Anything else is an error: bad UTF-8, lone surrogates, raw control
// characters, a byte order mark, trailing commas, comments, leading zeros, trailing text, nesting
// deeper than `max_depth`. Duplicate member names are the caller's business: it sees every member.
//
// A cursor is a view: the text must outlive it and every slice it returns. Not thread-safe.
// After the first error every call returns false and error()/offset() tell what and where.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/base/json_scan.h"

namespace bridge {

enum class JsonType : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

namespace json_internal {

inline constexpr uint8_t kNoType = 0xFF;

constexpr std::array<uint8_t, 256> MakeTypes() {
  std::array<uint8_t, 256> types{};
  types.fill(kNoType);
  const auto set = [&types](char byte, JsonType type) {
    types[static_cast<unsigned char>(byte)] = static_cast<uint8_t>(type);
  };
  set('n', JsonType::kNull);
  set('t', JsonType::kBool);
  set('f', JsonType::kBool);
  set('-', JsonType::kNumber);
  for (char digit = '0'; digit <= '9'; ++digit) set(digit, JsonType::kNumber);
  set('"', JsonType::kString);
  set('[', JsonType::kArray);
  set('{', JsonType::kObject);
  return types;
}

inline constexpr std::array<uint8_t, 256> kTypeByFirstByte = MakeTypes();

}  // namespace json_internal

class JsonCursor final {
 public:
  static constexpr int kDefaultMaxDepth = 100;

  explicit JsonCursor(std::string_view text, int max_depth = kDefaultMaxDepth)
      : begin_(text.data()), pos_(begin_), end_(begin_ + text.size()), max_depth_(max_depth) {}

  // Type of the next value, judged by its first byte. False at an error or where no value can be.
  bool Peek(JsonType* type);

  // Object: EnterObject, then NextMember until it returns false. `key` is decoded; it points into
  // the text, or into the cursor's own buffer when it had escapes (valid until the next
  // NextMember). After each NextMember exactly one value must be read or skipped. A false
  // NextMember means "end of object" when ok(), else an error.
  bool EnterObject() { return Enter('{', "expected an object"); }
  bool NextMember(std::string_view* key);

  // Steps over the name of the next member if that is `key`, a name in quotes and a colon, and no
  // white space is around it: false otherwise, and nothing is read. 16 more bytes can be read
  // behind `key`.
  bool TakeMember(std::string_view key);

  // Array: EnterArray, then NextElement until it returns false; one value is read after each.
  bool EnterArray() { return Enter('[', "expected an array"); }
  bool NextElement();

  // `value` is decoded: a view of the text where nothing was escaped, else of `scratch`.
  bool ReadString(std::string_view* value, std::string* scratch);
  // Copies a short plain string to `out`, which has room for kMaxShortString bytes: their number,
  // or -1 if it is another one, and nothing is read.
  int TakeShortString(char* out);
  // Reads a number of up to 18 digits, also in quotes, with a fraction but without an exponent: its
  // digits as one integer, and how many of them are behind the point. False if it is something
  // else, and nothing is read.
  struct Decimal {
    uint64_t digits;
    int decimals;
    bool negative;
  };
  bool TakeDecimal(Decimal* value);
  bool ReadBool(bool* value);  // may be null
  bool ReadNull();
  // The literal text of a number, checked against the grammar.
  bool ReadNumber(std::string_view* raw);
  // Skips one value of any type, checking all of it; `raw` (may be null) receives its exact text.
  bool SkipValue(std::string_view* raw);

  // True when only white space is left; otherwise sets the error.
  bool Finish();

  // All of the text, and how many more objects and arrays may be opened here.
  std::string_view text() const { return {begin_, static_cast<size_t>(end_ - begin_)}; }
  int depth_left() const { return max_depth_ - depth_; }

  // The beginning of a value that is to be read next; GoBack returns there from within the value or
  // from its end. False, as everything, after an error.
  struct Place {
    const char* at;
    int depth;
  };
  Place place() const { return {pos_, depth_}; }
  bool GoBack(Place place) {
    if (!ok()) return false;
    pos_ = place.at;
    depth_ = place.depth;
    fresh_ = false;
    return true;
  }

  bool ok() const { return error_ == nullptr; }
  // What is wrong, in a few words without a position, e.g. "unexpected character in object".
  const char* error() const { return error_ == nullptr ? "" : error_; }
  // Byte offset of the next unread byte, or of the error.
  size_t offset() const { return static_cast<size_t>((ok() ? pos_ : error_at_) - begin_); }

 private:
  static bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

  void SkipSpace() {
    while (pos_ != end_ && IsSpace(*pos_)) ++pos_;
  }
  // The next byte that is not white space, or 0 at the end of the text.
  char PeekByte() {
    if (pos_ != end_ && static_cast<unsigned char>(*pos_) > ' ') [[likely]] {
      return *pos_;
    }
    SkipSpace();
    return pos_ == end_ ? '\0' : *pos_;
  }
  bool Fail(const char* error) { return FailAt(pos_, error); }
  // Inline, so that callers see the constant.
  bool FailAt(const char* at, const char* error) {
    SetError(at, error);
    return false;
  }
  bool FailUnexpected(const char* error) {
    return Fail(pos_ == end_ ? "unexpected end of text" : error);
  }
  void SetError(const char* at, const char* error);

  bool Enter(char bracket, const char* error);
  // Steps over ',' between two items, or over `close`. False at the end and at an error.
  bool NextItem(char close, const char* error);
  // pos_ is at the opening quote. A null `value` only checks.
  bool ReadQuoted(std::string_view* value, std::string* scratch);
  bool ReadQuotedSlow(const char* stop, std::string_view* value, std::string* scratch);
  bool ReadEscape(const char** p, std::string* scratch);
  bool ReadHex4(const char* p, uint32_t* unit);
  bool SkipContainer();

  const char* begin_;
  const char* pos_;
  const char* end_;
  const char* error_ = nullptr;
  const char* error_at_ = nullptr;
  int depth_ = 0;
  int max_depth_;
  bool fresh_ = false;  // just behind an opening bracket
  std::string key_;
};

// True if all of `text` is exactly one strict JSON value.
bool IsValidJson(std::string_view text, int max_depth = JsonCursor::kDefaultMaxDepth);

inline bool JsonCursor::Enter(char bracket, const char* error) {
  if (PeekByte() != bracket) return FailUnexpected(error);
  if (depth_ == max_depth_) return Fail("nesting too deep");
  ++depth_;
  ++pos_;
  fresh_ = true;
  return true;
}

inline bool JsonCursor::NextItem(char close, const char* error) {
  const char c = PeekByte();
  if (c == close) {
    fresh_ = false;
    --depth_;
    ++pos_;
    return false;
  }
  if (fresh_) {
    fresh_ = false;
    return true;
  }
  if (c != ',') return FailUnexpected(error);
  ++pos_;
  return true;
}

inline bool JsonCursor::NextElement() {
  return NextItem(']', "unexpected character in array, expected ',' or ']'");
}

inline bool JsonCursor::NextMember(std::string_view* key) {
  if (!NextItem('}', "unexpected character in object, expected ',' or '}'")) return false;
  if (PeekByte() != '"') return FailUnexpected("expected a member name in double quotes");
  if (!ReadQuoted(key, &key_)) return false;
  if (PeekByte() != ':') return FailUnexpected("expected ':' after the member name");
  ++pos_;
  return true;
}

inline bool JsonCursor::TakeMember(std::string_view key) {
  const char* p = pos_;
  if (!fresh_) {
    if (p == end_ || *p != ',') return false;
    ++p;
  }
  if (!BeginsWith(p, end_, key.data(), key.size())) return false;
  fresh_ = false;
  pos_ = p + key.size();
  return true;
}

inline int JsonCursor::TakeShortString(char* out) {
  if (PeekByte() != '"') return -1;
  const int size = CopyShortString(out, pos_ + 1, end_);
  if (size >= 0) pos_ += size + 2;
  return size;
}

inline bool JsonCursor::TakeDecimal(Decimal* value) {
  constexpr int kMaxDigits = 18;
  const bool quoted = PeekByte() == '"';
  const char* p = pos_ + (quoted ? 1 : 0);
  value->negative = p != end_ && *p == '-';
  if (value->negative) ++p;
  const char* const start = p;
  const char* point = nullptr;
  uint64_t digits = 0;
  for (; p != end_; ++p) {
    const auto digit = static_cast<unsigned char>(*p - '0');
    if (digit < 10) {
      digits = 10 * digits + digit;
    } else if (*p == '.' && point == nullptr && p != start) {
      point = p;
    } else {
      break;
    }
  }
  const auto size = p - start;
  if (p == end_ || size == 0 || size > kMaxDigits || (*p | 0x20) == 'e' || p - 1 == point) {
    return false;
  }
  if (quoted != (*p == '"')) return false;
  if (*start == '0' && size > 1 && point != start + 1) return false;
  value->digits = digits;
  value->decimals = point == nullptr ? 0 : static_cast<int>(p - point - 1);
  pos_ = p + (quoted ? 1 : 0);
  return true;
}

inline bool JsonCursor::ReadQuoted(std::string_view* value, std::string* scratch) {
  const char* const start = pos_ + 1;
  bool high = false;
  const char* const stop = FindJsonSpecial(start, end_, &high);
  if (stop == end_ || *stop != '"' || high) return ReadQuotedSlow(stop, value, scratch);
  if (value != nullptr) *value = std::string_view(start, static_cast<size_t>(stop - start));
  pos_ = stop + 1;
  return true;
}

inline bool JsonCursor::ReadString(std::string_view* value, std::string* scratch) {
  if (PeekByte() != '"') return FailUnexpected("expected a string");
  return ReadQuoted(value, scratch);
}

inline bool JsonCursor::ReadNumber(std::string_view* raw) {
  PeekByte();
  const char* p = pos_;
  const auto digit = [&p, this] { return p != end_ && static_cast<unsigned char>(*p - '0') < 10; };
  if (p != end_ && *p == '-') ++p;
  if (!digit()) return FailUnexpected("expected a number");
  const bool leading_zero = *p++ == '0';
  if (leading_zero && digit()) return FailAt(p - 1, "leading zero in number");
  while (digit()) ++p;
  if (p != end_ && *p == '.') {
    ++p;
    if (!digit()) return FailAt(p, "expected a digit after '.'");
    while (digit()) ++p;
  }
  if (p != end_ && (*p | 0x20) == 'e') {
    ++p;
    if (p != end_ && (*p == '+' || *p == '-')) ++p;
    if (!digit()) return FailAt(p, "expected a digit in the exponent");
    while (digit()) ++p;
  }
  if (raw != nullptr) *raw = std::string_view(pos_, static_cast<size_t>(p - pos_));
  pos_ = p;
  return true;
}

inline bool JsonCursor::Peek(JsonType* type) {
  const uint8_t found = json_internal::kTypeByFirstByte[static_cast<unsigned char>(PeekByte())];
  if (found == json_internal::kNoType) {
    *type = JsonType::kNull;
    return FailUnexpected("unexpected character, expected a value");
  }
  *type = static_cast<JsonType>(found);
  return true;
}

}  // namespace bridge
