// A strict pull reader of JSON text, for the path of a call: no DOM, no allocation, one pass.
//
// RFC 8259 over UTF-8. Anything else is an error: bad UTF-8, lone surrogates, raw control
// characters, a byte order mark, trailing commas, comments, leading zeros, trailing text, nesting
// deeper than `max_depth`. Duplicate member names are the caller's business: it sees every member.
//
// A cursor is a view: the text must outlive it and every slice it returns. Not thread-safe.
// After the first error every call returns false and error()/offset() tell what and where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bridge {

enum class JsonType : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

class JsonCursor final {
 public:
  static constexpr int kDefaultMaxDepth = 100;

  explicit JsonCursor(std::string_view text, int max_depth = kDefaultMaxDepth);

  // Type of the next value, judged by its first byte. False at an error or where no value can be.
  bool Peek(JsonType* type);

  // Object: EnterObject, then NextMember until it returns false. `key` is decoded; it points into
  // the text, or into the cursor's own buffer when it had escapes (valid until the next
  // NextMember). After each NextMember exactly one value must be read or skipped. A false
  // NextMember means "end of object" when ok(), else an error.
  bool EnterObject();
  bool NextMember(std::string_view* key);

  // Array: EnterArray, then NextElement until it returns false; one value is read after each.
  bool EnterArray();
  bool NextElement();

  // `value` is decoded: a view of the text where nothing was escaped, else of `scratch`.
  bool ReadString(std::string_view* value, std::string* scratch);
  bool ReadBool(bool* value);
  bool ReadNull();
  // The literal text of a number, checked against the grammar.
  bool ReadNumber(std::string_view* raw);
  // Skips one value of any type, checking all of it; `raw` (may be null) receives its exact text.
  bool SkipValue(std::string_view* raw);

  // True when only white space is left; otherwise sets the error.
  bool Finish();

  bool ok() const;
  // What is wrong, in a few words without a position, e.g. "unexpected character in object".
  const char* error() const;
  // Byte offset of the next unread byte, or of the error.
  size_t offset() const;
};

// True if all of `text` is exactly one strict JSON value.
bool IsValidJson(std::string_view text, int max_depth = JsonCursor::kDefaultMaxDepth);

}  // namespace bridge
