// The guard: reads the head of an HTTP/1.1 request (RFC 9112) and refuses every request that two
// readers could understand differently. It is strict where the RFC leaves a choice, and it is
// written by hand instead of checking after Boost.Beast 1.81, because that parser merges trailers
// into headers, ignores unknown transfer codings and accepts folded lines and lists of lengths: all
// of it would have to be parsed a second time. One pass over the bytes is safer to read, and it
// saves an allocation per field on the path of every call.
//
// Refused: bare CR or LF, NUL and other controls, folded lines, a space before the colon, illegal
// names; versions other than 1.0 and 1.1; missing, repeated or malformed Host; Content-Length that
// is repeated or not plain digits; Transfer-Encoding that is not exactly `chunked`, is repeated,
// has a Content-Length beside it or comes with HTTP/1.0; repeated Authorization, Content-Encoding,
// Content-Type, Expect and Origin; expectations other than 100-continue; CONNECT and TRACE; `*`
// except for OPTIONS; an absolute target whose authority is not the Host; heads over the limits.
// Accepted on purpose: one empty line before the request (RFC 9112 2.2), an absolute http(s) target
// that agrees with Host (RFC 9112 3.2.2), header values with bytes above 0x7f. A repeated Mcp-*
// header is only noted (Request::repeated): MCP has an error of its own for it.
//
// Sans I/O: no sockets, no clock. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bridge/http/field.h"
#include "bridge/http/limits.h"
#include "bridge/http/message.h"
#include "bridge/http/refusal.h"

namespace bridge::http {

// How the rest of the message is laid out, and what becomes of the connection.
struct Framing {
  uint64_t content_length = 0;  // 0 when chunked
  bool chunked = false;
  bool http_1_0 = false;
  bool keep_alive = true;        // the client wants to go on
  bool expect_continue = false;  // it waits for 100 before it sends the body
};

class HeadParser final {
 public:
  enum class Progress : uint8_t { kIncomplete, kComplete, kRefused };

  // `bytes` is everything received since the start of the request. It may only grow between calls,
  // at the same address: `request` gets views into it. A line is examined once, when it is whole.
  Progress Parse(std::string_view bytes, const Limits& limits, Request& request);

  // After kComplete: where the body begins, and how it is laid out.
  size_t head_bytes() const { return line_; }
  const Framing& framing() const { return framing_; }
  // After kRefused.
  const Refusal& refusal() const { return refusal_; }

  // Ready for the next request.
  void Reset() { *this = HeadParser(); }

 private:
  std::optional<Refusal> ParseRequestLine(std::string_view line, Request& request);
  std::optional<Refusal> ParseTarget(std::string_view target, Request& request);
  std::optional<Refusal> ParseField(std::string_view line, const Limits& limits, Request& request);
  std::optional<Refusal> CheckField(Field field, const Header& header, Request& request);
  std::optional<Refusal> CheckWhole(const Limits& limits);
  Progress RefuseSize();
  Progress Refuse(const Refusal& refusal);

  size_t line_ = 0;     // start of the first line not parsed yet
  size_t scanned_ = 0;  // no line feed between line_ and here
  bool empty_line_skipped_ = false;
  bool request_line_parsed_ = false;
  bool close_asked_ = false;
  bool keep_alive_asked_ = false;
  uint32_t seen_ = 0;           // one bit a Field
  std::string_view authority_;  // of an absolute target
  std::string_view host_;
  std::string_view content_length_;
  Framing framing_;
  Refusal refusal_{};
};

}  // namespace bridge::http
