#include "bridge/base/json_cursor.h"

#include <cstring>

#include "bridge/base/utf8.h"

namespace bridge {
namespace {

bool StartsWith(const char* p, const char* end, std::string_view word) {
  return static_cast<size_t>(end - p) >= word.size() &&
         std::memcmp(p, word.data(), word.size()) == 0;
}

constexpr bool IsHighSurrogate(uint32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
constexpr bool IsLowSurrogate(uint32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

}  // namespace

// Moving to the end makes every later call fail too, without a test of error_ on the hot path.
void JsonCursor::SetError(const char* at, const char* error) {
  if (error_ == nullptr) {
    error_ = error;
    error_at_ = at;
  }
  pos_ = end_;
}

bool JsonCursor::ReadHex4(const char* p, uint32_t* unit) {
  *unit = 0;
  for (int i = 0; i < 4; ++i) {
    if (p + i == end_) return FailAt(end_, "unexpected end of text");
    const char c = p[i];
    uint32_t nibble;
    if (c >= '0' && c <= '9') {
      nibble = static_cast<uint32_t>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      nibble = static_cast<uint32_t>((c | 0x20) - 'a' + 10);
    } else {
      return FailAt(p + i, "expected four hexadecimal digits after \\u");
    }
    *unit = *unit << 4 | nibble;
  }
  return true;
}

// `*p` is behind a backslash.
bool JsonCursor::ReadEscape(const char** p, std::string* scratch) {
  if (*p == end_) return FailAt(end_, "unexpected end of text");
  const char c = *(*p)++;
  uint32_t code_point;
  switch (c) {
    case '"':
    case '\\':
    case '/':
      code_point = static_cast<unsigned char>(c);
      break;
    case 'b':
      code_point = '\b';
      break;
    case 'f':
      code_point = '\f';
      break;
    case 'n':
      code_point = '\n';
      break;
    case 'r':
      code_point = '\r';
      break;
    case 't':
      code_point = '\t';
      break;
    case 'u': {
      if (!ReadHex4(*p, &code_point)) return false;
      *p += 4;
      if (IsLowSurrogate(code_point)) return FailAt(*p - 6, "unpaired surrogate in string");
      if (IsHighSurrogate(code_point)) {
        uint32_t low = 0;
        if (!StartsWith(*p, end_, "\\u")) return FailAt(*p - 6, "unpaired surrogate in string");
        if (!ReadHex4(*p + 2, &low)) return false;
        if (!IsLowSurrogate(low)) return FailAt(*p - 6, "unpaired surrogate in string");
        *p += 6;
        code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
      }
      break;
    }
    default:
      return FailAt(*p - 1, "unknown escape in string");
  }
  if (scratch != nullptr) AppendUtf8(scratch, code_point);
  return true;
}

// The string has an escape, bytes that are not ASCII, or a fault. `stop` is its first special byte.
bool JsonCursor::ReadQuotedSlow(const char* stop, std::string_view* value, std::string* scratch) {
  const char* const start = pos_ + 1;
  const char* run = start;
  if (value == nullptr) scratch = nullptr;
  bool escaped = false;
  for (;;) {
    const std::string_view text(run, static_cast<size_t>(stop - run));
    const size_t good = Utf8PrefixLength(text);
    if (good != text.size()) return FailAt(run + good, "string is not valid UTF-8");
    if (stop == end_) return FailAt(end_, "unexpected end of text in string");
    if (*stop == '"') {
      if (!escaped) {
        if (value != nullptr) *value = text;
      } else if (scratch != nullptr) {
        scratch->append(text);
        *value = *scratch;
      }
      pos_ = stop + 1;
      return true;
    }
    if (*stop != '\\') return FailAt(stop, "raw control character in string");
    if (scratch != nullptr) {
      if (!escaped) scratch->clear();
      scratch->append(text);
    }
    escaped = true;
    run = stop + 1;
    if (!ReadEscape(&run, scratch)) return false;
    bool high = false;
    stop = FindJsonSpecial(run, end_, &high);
  }
}

bool JsonCursor::ReadBool(bool* value) {
  SkipSpace();
  if (StartsWith(pos_, end_, "true")) {
    if (value != nullptr) *value = true;
    pos_ += 4;
    return true;
  }
  if (StartsWith(pos_, end_, "false")) {
    if (value != nullptr) *value = false;
    pos_ += 5;
    return true;
  }
  return FailUnexpected("expected true or false");
}

bool JsonCursor::ReadNull() {
  SkipSpace();
  if (!StartsWith(pos_, end_, "null")) {
    return FailUnexpected(StartsWith(pos_, end_, "n") ? "expected null" : "expected a JSON value");
  }
  pos_ += 4;
  return true;
}

bool JsonCursor::SkipContainer() {
  if (*pos_ == '[') {
    if (!EnterArray()) return false;
    while (NextElement()) {
      if (!SkipValue(nullptr)) return false;
    }
    return ok();
  }
  if (!EnterObject()) return false;
  while (NextItem('}', "unexpected character in object, expected ',' or '}'")) {
    if (PeekByte() != '"') return FailUnexpected("expected a member name in double quotes");
    if (!ReadQuoted(nullptr, nullptr)) return false;
    if (PeekByte() != ':') return FailUnexpected("expected ':' after the member name");
    ++pos_;
    if (!SkipValue(nullptr)) return false;
  }
  return ok();
}

// Recursion is bounded by max_depth_.
bool JsonCursor::SkipValue(std::string_view* raw) {
  JsonType type;
  if (!Peek(&type)) return false;
  const char* const start = pos_;
  bool done = false;
  switch (type) {
    case JsonType::kNull:
      done = ReadNull();
      break;
    case JsonType::kBool:
      done = ReadBool(nullptr);
      break;
    case JsonType::kNumber:
      done = ReadNumber(nullptr);
      break;
    case JsonType::kString:
      done = ReadQuoted(nullptr, nullptr);
      break;
    case JsonType::kArray:
    case JsonType::kObject:
      done = SkipContainer();
      break;
  }
  if (done && raw != nullptr) *raw = std::string_view(start, static_cast<size_t>(pos_ - start));
  return done;
}

bool JsonCursor::Finish() {
  if (!ok()) return false;
  SkipSpace();
  return pos_ == end_ || Fail("unexpected text after the value");
}

bool IsValidJson(std::string_view text, int max_depth) {
  JsonCursor cursor(text, max_depth);
  return cursor.SkipValue(nullptr) && cursor.Finish();
}

}  // namespace bridge
