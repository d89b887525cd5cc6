// Everything one request and its response need while they last: read buffer, parsers, outgoing
// bytes. Connections borrow an Exchange from their listener when bytes arrive and give it back when
// the response has been sent, so an idle connection holds none and a busy server allocates none.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/base/byte_budget.h"
#include "bridge/http/chunked.h"
#include "bridge/http/guard.h"
#include "bridge/http/limits.h"
#include "bridge/http/message.h"
#include "bridge/http/refusal.h"

namespace bridge::http {

// Bytes on their way out: four pieces that are sent by one system call where the socket takes them.
struct Outgoing {
  std::string head;  // or the waiting bytes of a stream
  std::string body;
  std::shared_ptr<const std::string> shared;
  std::string tail;
  size_t sent = 0;     // of all pieces together
  size_t dropped = 0;  // of a stream: sent before that and no longer kept

  // Kept for this peer alone.
  size_t kept() const { return head.size() + body.size() + tail.size(); }
  size_t size() const { return kept() + (shared ? shared->size() : 0); }
  size_t left() const { return size() - sent; }
  std::array<boost::asio::const_buffer, 4> Left() const;
  bool in_one_piece() const { return body.empty() && !shared && tail.empty(); }
  // Appends to the waiting bytes of a stream. Takes room in proportion to what waits, not to what
  // was ever sent.
  void Append(std::string_view bytes);
  void Clear();
};

class Exchange final {
 public:
  // The references must outlive it.
  Exchange(const Limits& limits, ByteBudget& budget);
  ~Exchange() { budget_.GiveBack(capacity_ + charged_); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Whether more bytes can be kept; where they belong; how many came.
  bool has_room() const { return direct_ || filled_ < capacity_; }
  boost::asio::mutable_buffer Room();
  void Received(size_t bytes);

  // Bytes that are not part of the current request.
  bool has_unread() const { return used_ < filled_; }

  HeadParser::Progress ParseHead() { return head_.Parse(buffered(), limits_, request_); }
  const HeadParser& head() const { return head_; }
  // After ParseHead is complete. True once the whole body is there.
  bool TakeBody(std::optional<Refusal>& refusal);
  // How much of an incomplete body has come.
  size_t body_received() const;

  Request& request() { return request_; }
  Outgoing& out() { return out_; }

  // Counts the body and `bytes` of an answer against the budget; false if that is too much.
  bool ChargeAnswer(size_t bytes) { return Charge(body_.size() + bytes); }
  // The same for an answer that is let in in any case.
  void TakeAnswer(size_t bytes) { budget_.Set(charged_, body_.size() + bytes); }

  // The body has been read: nothing of a large one is kept.
  void ReleaseBody();

  // Forgets the request and moves the bytes behind it to the front.
  void StartNext();
  // Forgets everything.
  void Reset();

 private:
  bool TakeChunkedBody(std::optional<Refusal>& refusal);
  bool MakeRoom();
  bool Charge(size_t bytes) { return budget_.Resize(charged_, bytes); }
  std::string_view buffered() const { return {buffer_.get(), filled_}; }

  const Limits& limits_;
  ByteBudget& budget_;
  size_t charged_ = 0;  // beside the buffer
  const size_t capacity_;
  std::unique_ptr<char[]> buffer_;  // never moves: the request points into it
  size_t filled_ = 0;
  size_t used_ = 0;  // of these, taken by the current request
  HeadParser head_;
  ChunkedBody chunks_;
  bool direct_ = false;       // a body too large for the buffer is received into body_
  size_t body_received_ = 0;  // then: how much of body_ is real
  std::string body_;
  Request request_;
  Outgoing out_;
};

}  // namespace bridge::http
