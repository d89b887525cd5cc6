#include "bridge/http/exchange.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace bridge::http {
namespace {

// Room behind the largest head, so that a chunked body can always be read.
constexpr size_t kReadAhead = 4096;
// A body takes room in proportion to what has come of it, so that a large Content-Length alone
// takes none.
constexpr size_t kBodyStep = 256 * 1024;
// A recycled exchange keeps no larger string than this.
constexpr size_t kKeptBytes = 16 * 1024;

constexpr Refusal kNoRoom = {503, "the server has too many request bodies: try again later"};

void Recycle(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptBytes) text.shrink_to_fit();
}

}  // namespace

std::array<boost::asio::const_buffer, 4> Outgoing::Left() const {
  std::array<boost::asio::const_buffer, 4> pieces = {
      boost::asio::buffer(head), boost::asio::buffer(body),
      shared ? boost::asio::buffer(*shared) : boost::asio::const_buffer(),
      boost::asio::buffer(tail)};
  size_t skip = sent;
  for (boost::asio::const_buffer& piece : pieces) {
    const size_t here = std::min(skip, piece.size());
    piece += here;
    skip -= here;
  }
  return pieces;
}

void Outgoing::Append(std::string_view bytes) {
  if (sent > kKeptBytes && sent > head.size() / 2) {
    head.erase(0, sent);
    dropped += std::exchange(sent, 0);
  }
  head.append(bytes);
}

void Outgoing::Clear() {
  Recycle(head);
  Recycle(body);
  shared.reset();
  Recycle(tail);
  sent = dropped = 0;
}

Exchange::Exchange(const Limits& limits, ByteBudget& budget)
    : limits_(limits),
      budget_(budget),
      capacity_(limits.head_bytes + kReadAhead),
      buffer_(std::make_unique_for_overwrite<char[]>(capacity_)) {
  budget_.Take(capacity_);
}

boost::asio::mutable_buffer Exchange::Room() {
  if (!direct_) return {buffer_.get() + filled_, capacity_ - filled_};
  return {body_.data() + body_received_, body_.size() - body_received_};
}

void Exchange::Received(size_t bytes) {
  if (!direct_) {
    filled_ += bytes;
    return;
  }
  body_received_ += bytes;
}

bool Exchange::TakeBody(std::optional<Refusal>& refusal) {
  const Framing& framing = head_.framing();
  used_ = std::max(used_, head_.head_bytes());
  if (framing.chunked) return TakeChunkedBody(refusal);
  const size_t length = framing.content_length;
  if (head_.head_bytes() + length <= capacity_) {
    if (filled_ - used_ < length) return false;
    request_.body = buffered().substr(used_, length);
    used_ += length;
    return true;
  }
  if (!direct_) {
    body_.assign(buffered().substr(used_));
    filled_ = used_;  // makes room for what comes behind the body
    direct_ = true;
    body_received_ = body_.size();
  }
  if (body_received_ < length) {
    if (body_received_ == body_.size() && !MakeRoom()) refusal = kNoRoom;
    return false;
  }
  direct_ = false;
  request_.body = body_;
  return true;
}

bool Exchange::MakeRoom() {
  const size_t missing = head_.framing().content_length - body_received_;
  const size_t size = body_received_ + std::min({missing, body_received_ + kReadAhead, kBodyStep});
  if (!Charge(size)) return false;
  body_.resize(size);
  return true;
}

size_t Exchange::body_received() const {
  if (direct_) return body_received_;
  return head_.framing().chunked ? body_.size() : filled_ - used_;
}

bool Exchange::TakeChunkedBody(std::optional<Refusal>& refusal) {
  size_t consumed = 0;
  refusal = chunks_.Decode(buffered().substr(used_), limits_.body_bytes, consumed, body_);
  used_ += consumed;
  if (!refusal && !Charge(body_.size())) refusal = kNoRoom;
  if (refusal) return false;
  if (!chunks_.complete()) {
    used_ = filled_ = head_.head_bytes();
    return false;
  }
  request_.body = body_;
  return true;
}

void Exchange::ReleaseBody() {
  if (body_.empty()) return;
  request_.body = {};
  Charge(charged_ - body_.size());
  Recycle(body_);
}

void Exchange::Reset() {
  used_ = filled_;
  StartNext();
}

void Exchange::StartNext() {
  filled_ -= used_;
  if (filled_ > 0) std::memmove(buffer_.get(), buffer_.get() + used_, filled_);
  used_ = 0;
  head_.Reset();
  chunks_ = ChunkedBody();
  direct_ = false;
  Recycle(body_);
  Charge(0);
  request_.headers.clear();
  request_.places = {};
  request_.repeated = {};
  request_.body = {};
  out_.Clear();
}

}  // namespace bridge::http
