// The chunked transfer coding of a request body (RFC 9112 7.1), decoded as it arrives.
//
// Strict: sizes are 1 to 16 hexadecimal digits followed at once by ';' or CR LF; extensions are
// skipped, 1 KiB of them in one request at most; the trailer section is at most 4 KiB, its fields
// are checked and dropped, never merged into the headers, and fields the server or a gateway acts
// on (field.h) are refused in it. Sans I/O; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/http/refusal.h"

namespace bridge::http {

class ChunkedBody final {
 public:
  // Decodes the start of `raw`, appends content to `body` (up to `body_limit` bytes in all) and
  // sets `consumed`. Everything is consumed unless the body is complete: what follows it belongs to
  // the next request.
  std::optional<Refusal> Decode(std::string_view raw, size_t body_limit, size_t& consumed,
                                std::string& body);

  bool complete() const { return state_ == State::kComplete; }

 private:
  enum class State : uint8_t { kSize, kContent, kContentEnd, kTrailer, kComplete };

  std::optional<Refusal> TakeLine(std::string_view line);
  std::optional<Refusal> TakeSize(std::string_view line);
  std::optional<Refusal> TakeTrailer(std::string_view line);

  State state_ = State::kSize;
  uint64_t left_ = 0;  // of the current chunk
  size_t extension_bytes_ = 0;
  size_t trailer_bytes_ = 0;
  std::string line_;  // the line read so far, without its end
};

}  // namespace bridge::http
