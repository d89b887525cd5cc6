#include "bridge/transcode/field_mask_text.h"

namespace bridge::transcode {
namespace {

bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool AppendSnakePath(std::string_view camel, ByteBuffer* out) {
  char* p = out->Reserve(2 * camel.size());
  for (const char c : camel) {
    if (IsUpper(c)) {
      *p++ = '_';
      *p++ = static_cast<char>(c | 0x20);
    } else if (IsLower(c) || IsDigit(c) || c == '.') {
      *p++ = c;
    } else {
      return false;
    }
  }
  out->Commit(p);
  return !camel.empty();
}

bool AppendCamelPath(std::string_view snake, ByteBuffer* out) {
  char* p = out->Reserve(snake.size());
  bool after_underscore = false;
  for (const char c : snake) {
    if (after_underscore) {
      if (!IsLower(c)) return false;
      *p++ = static_cast<char>(c & ~0x20);
      after_underscore = false;
    } else if (c == '_') {
      after_underscore = true;
    } else if (IsLower(c) || IsDigit(c) || c == '.') {
      *p++ = c;
    } else {
      return false;
    }
  }
  out->Commit(p);
  return !after_underscore && !snake.empty();
}

}  // namespace bridge::transcode
