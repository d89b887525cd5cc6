// JSON-RPC 2.0 messages as MCP uses them: one object, or (MCP 2025-03-26 only) an array of them.
//
// Parsing makes views: everything a Message holds points into the text it was parsed from (or into
// the message itself), which must outlive it. One pass, strict JSON, duplicate members refused at
// every level that is looked at, so that no two readers can disagree about a request.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/base/json_cursor.h"

namespace bridge::jsonrpc {

// Error codes of JSON-RPC 2.0 and of MCP 2026-07-28 (basic, "Error Codes").
enum class ErrorCode : int {
  kParseError = -32700,
  kInvalidRequest = -32600,
  kMethodNotFound = -32601,
  kInvalidParams = -32602,
  kInternalError = -32603,
  kHeaderMismatch = -32020,
  kMissingCapability = -32021,
  kUnsupportedVersion = -32022,
};

// One member of params. `key` is decoded, `raw` is the exact JSON text of the value.
struct Param {
  std::string_view key;
  JsonType type = JsonType::kNull;
  std::string_view raw;
};

// Of the JSON text of an id, quotes included. An id is kept until its answer is sent, and comes
// back in it: of a length that others choose it would be a way to fill the memory.
inline constexpr size_t kMaxIdBytes = 256;

enum class Kind : uint8_t { kRequest, kNotification, kResponse };

class Message final {
 public:
  static constexpr size_t kMaxParams = 24;

  Message() = default;
  Message(const Message&) = delete;  // it holds views of itself
  Message& operator=(const Message&) = delete;

  Kind kind = Kind::kRequest;
  std::string_view id;      // exact JSON text of a string or integer, of at most kMaxIdBytes; empty
                            // if there is none
  std::string_view method;  // decoded; empty for a response
  std::string_view result;  // JSON text, of a response that has one
  std::string_view error;   // the same

  // Null if params has no such member. One whose value is null is as if absent: many clients write
  // out the members they do not use.
  const Param* Find(std::string_view key) const;

 private:
  friend class Parser;
  const Param* FindAny(std::string_view key) const;

  std::array<Param, kMaxParams> params_{};
  size_t param_count_ = 0;
  std::string key_storage_;  // decoded keys that had escapes
  std::string method_storage_;
};

// Why a body is not a message. `id` is its exact text where it could be read, so that the answer
// can echo it.
struct ParseFailure {
  ErrorCode code = ErrorCode::kParseError;
  std::string message;
  std::string id;
};

// Parses one message. False fills `failure`: kParseError when `text` is not JSON, kInvalidRequest
// when it is no message (an id that is neither string nor 64-bit integer or too long, params that
// are neither an object nor null, a response with both result and error, more than kMaxParams
// params ...).
bool ParseMessage(std::string_view text, Message* message, ParseFailure* failure);

// The same text for all JSON texts that write one id: "a" and "\u0061", 1 and 1.0. Empty for what
// is no id.
std::string IdKey(std::string_view raw);

// True if the first character that is not white space is '['.
bool IsBatch(std::string_view text);

// Appends {"jsonrpc":"2.0","id":<id>,"error":{...}}; the id is left out when empty. `data` is JSON
// text or empty.
void AppendError(std::string* out, std::string_view id, ErrorCode code, std::string_view message,
                 std::string_view data = {});
// Appends {"jsonrpc":"2.0","id":<id>,"result": and leaves the result and the last brace to follow.
void AppendResultHead(std::string* out, std::string_view id);

}  // namespace bridge::jsonrpc
