// The half of a connection that answers.
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <array>
#include <boost/asio/post.hpp>
#include <charconv>
#include <ctime>
#include <utility>

#include "bridge/http/connection.h"
#include "bridge/http/listener.h"
#include "bridge/http/response_head.h"

namespace bridge::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

// A body up to this size is cheaper to copy behind the head than to gather.
constexpr size_t kCopiedBytes = 4096;
constexpr size_t kMaxWaitingBytes = 1024 * 1024;
// A larger answer must have its place in the budget before it begins; a smaller one is let in and
// counted when it waits, since mostly the socket takes it whole.
constexpr size_t kUncountedBytes = 64 * 1024;

metrics::Rejection RejectionOf(int status) {
  using metrics::Rejection;
  switch (status) {
    case 408:
      return Rejection::kTooSlow;
    case 413:
      return Rejection::kBodyTooLarge;
    case 414:
    case 431:
      return Rejection::kHeadTooLarge;
    case 503:
      return Rejection::kNoRoom;
    default:
      return Rejection::kMalformedHttp;
  }
}

}  // namespace

void Connection::Refuse(const Refusal& refusal) {
  if (!exchange_) exchange_ = listener_->Borrow();
  body_allowed_ = true;
  close_after_ = true;
  deadline_ = MonotonicTime::max();
  if (phase_ == Phase::kHead || phase_ == Phase::kBody) CountRequest();
  if (counted_) listener_->metrics()->OnRejection(RejectionOf(refusal.status));
  SendText(refusal.status, refusal.reason);
}

void Connection::SendText(int status, std::string_view line) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  if (listener_->refusal_headers()) {
    response.headers = listener_->refusal_headers()(exchange_->request());
  }
  if (status == 503) response.headers.append("Retry-After: 1\r\n");
  response.body.append(line).append("\n");
  SendWhole(std::move(response));
}

void Connection::Send(Response response) {
  EndAnswer();
  if (phase_ == Phase::kHandling) SendWhole(std::move(response));
}

bool Connection::Reserve(size_t bytes) {
  return phase_ == Phase::kHandling && exchange_->ChargeAnswer(bytes);
}

void Connection::SendWhole(Response&& response) {
  const size_t kept = response.body.size() + response.tail.size();
  if (kept > kUncountedBytes && !exchange_->ChargeAnswer(kept)) {
    return Refuse({503, "the server keeps too many answers that nobody reads: try again later"});
  }
  phase_ = Phase::kSending;
  close_after_ = close_after_ || response.close;
  Outgoing& out = exchange_->out();
  const bool body_allowed = MayHaveBody(response.status);
  const size_t length =
      response.body.size() + (response.shared ? response.shared->size() : 0) + response.tail.size();
  WriteHead(response.status, response.content_type, response.headers,
            body_allowed ? std::optional<uint64_t>(length) : std::nullopt);
  CountEnd(response.status, length);
  if (body_allowed && body_allowed_ && length <= kCopiedBytes) {
    out.head.append(response.body);
    if (response.shared) out.head.append(*response.shared);
    out.head.append(response.tail);
  } else if (body_allowed && body_allowed_) {
    out.body = std::move(response.body);
    out.shared = std::move(response.shared);
    out.tail = std::move(response.tail);
  }
  FlushRest();
}

void Connection::WriteHead(int status, std::string_view content_type, std::string_view headers,
                           std::optional<uint64_t> content_length) {
  close_after_ = close_after_ || listener_->draining();
  ResponseHead head;
  head.status = status;
  head.content_type = content_type;
  head.headers = headers;
  head.content_length = content_length;
  head.chunked = phase_ == Phase::kStreaming && chunked_;
  if (close_after_) {
    head.persistence = Persistence::kClose;
  } else if (exchange_->head().framing().http_1_0) {
    head.persistence = Persistence::kKeepAlive;
  }
  AppendHead(exchange_->out().head, head, listener_->date().Format(std::time(nullptr)));
}

void Connection::StartStream(int status, std::string_view content_type, std::string_view headers,
                             std::string_view keep_alive) {
  if (phase_ != Phase::kHandling) return;
  phase_ = Phase::kStreaming;
  keep_alive_ = keep_alive;
  written_at_ = listener_->swept();
  record_.status = status;
  if (counted_) listener_->metrics()->OnStream();
  broken_ = false;
  body_allowed_ = body_allowed_ && MayHaveBody(status);
  chunked_ = !exchange_->head().framing().http_1_0 && MayHaveBody(status);
  if (exchange_->head().framing().http_1_0) close_after_ = true;
  WriteHead(status, content_type, headers, std::nullopt);
  broken_ = !Flush();
}

Responder::Written Connection::Write(std::string_view chunk) {
  using Written = Responder::Written;
  if (phase_ != Phase::kStreaming || broken_) return Written::kGone;
  if (chunk.empty() || !body_allowed_) return Written::kTaken;
  written_at_ = listener_->swept();
  if (exchange_->out().left() > kMaxWaitingBytes) {
    broken_ = true;
  } else {
    WriteChunk(chunk, "");
  }
  if (broken_) {
    // Whoever waits for the peer is told, as if it had gone.
    asio::post(listener_->executor(), [self = shared_from_this()] {
      if (self->phase_ == Phase::kStreaming) self->PeerGone();
    });
    return Written::kGone;
  }
  return exchange_->out().left() > 0 ? Written::kFull : Written::kTaken;
}

void Connection::OnDrained(absl::AnyInvocable<void()> drained) {
  drained_ = std::move(drained);
  if (phase_ != Phase::kStreaming || exchange_->out().left() > 0) return;
  asio::post(listener_->executor(), [self = shared_from_this()] { self->Drained(); });
}

void Connection::Drained() {
  if (phase_ != Phase::kStreaming || exchange_->out().left() > 0) return;
  if (auto drained = std::exchange(drained_, nullptr)) drained();
}

void Connection::KeepAlive(MonotonicTime now) {
  if (phase_ != Phase::kStreaming || keep_alive_.empty() || exchange_->out().left() > 0) return;
  if (now - written_at_ < listener_->limits().stream_keep_alive) return;
  if (Write(keep_alive_) == Responder::Written::kGone) PeerGone();
}

// Sends `chunk`, framed if the stream is, and then `end`. What the socket does not take waits.
void Connection::WriteChunk(std::string_view chunk, std::string_view end) {
  record_.response_bytes += chunk.size();
  std::array<char, 18> size_line;
  char* size_end = size_line.data();
  std::string_view chunk_end;
  if (chunked_ && !chunk.empty()) {
    size_end = std::to_chars(size_line.data(), size_line.data() + 16, chunk.size(), 16).ptr;
    *size_end++ = '\r';
    *size_end++ = '\n';
    chunk_end = "\r\n";
  }
  const std::array<std::string_view, 4> pieces = {
      std::string_view(size_line.data(), size_end - size_line.data()), chunk, chunk_end, end};
  Outgoing& out = exchange_->out();
  size_t sent = 0;
  if (out.left() == 0) {
    std::array<asio::const_buffer, 4> buffers;
    for (size_t i = 0; i < pieces.size(); ++i) buffers[i] = asio::buffer(pieces[i]);
    error_code error;
    sent = socket_->send(buffers, 0, error);
    if (error && !WouldBlock(error)) {
      broken_ = true;
      return;
    }
  }
  for (std::string_view piece : pieces) {
    const size_t here = std::min(sent, piece.size());
    out.Append(piece.substr(here));
    sent -= here;
  }
  if (!Flush()) broken_ = true;
}

void Connection::EndStream(std::string_view last) {
  EndAnswer();
  if (phase_ != Phase::kStreaming) {
    // Closed without a beginning.
    if (phase_ == Phase::kHandling) Abandon();
    return;
  }
  if (broken_) return Close();
  if (!body_allowed_) last = {};
  const bool terminated = chunked_ && body_allowed_;
  if (!last.empty() || terminated) WriteChunk(last, terminated ? "0\r\n\r\n" : "");
  if (broken_) return Close();
  CountEnd(record_.status, record_.response_bytes);
  phase_ = Phase::kSending;
  FlushRest();
}

void Connection::Abandon() {
  EndAnswer();
  if (phase_ == Phase::kHandling) {
    SendText(500, "the request was not answered: this is a defect of the server");
  } else if (phase_ == Phase::kStreaming) {
    Close();
  }
}

// The Responder is done: nobody waits for the peer any more, nor looks at the request.
void Connection::EndAnswer() {
  answering_ = false;
  gone_ = nullptr;
  drained_ = nullptr;
  if (phase_ == Phase::kClosed) ReleaseExchange();
}

void Connection::OnDisconnect(absl::AnyInvocable<void()> gone) {
  gone_ = std::move(gone);
  if (phase_ != Phase::kClosed || listener_->stopped()) return;
  asio::post(listener_->executor(), [self = shared_from_this()] {
    if (auto waiting = std::exchange(self->gone_, nullptr)) waiting();
  });
}

bool Connection::connected() const {
  return phase_ == Phase::kHandling || (phase_ == Phase::kStreaming && !broken_);
}

// What the peer has taken of the answer: what is still in the kernel's buffer is not there yet.
int64_t Connection::Taken() const {
  int waiting = 0;
  ::ioctl(socket_->native_handle(), SIOCOUTQ, &waiting);
  const Outgoing& out = exchange_->out();
  return static_cast<int64_t>(out.dropped + out.sent) - waiting;
}

// Sends what waits; false if the peer is gone, or the server keeps too much already for a stream to
// go on. What the socket does not take now is sent when it becomes writable.
bool Connection::Flush() {
  Outgoing& out = exchange_->out();
  while (out.left() > 0) {
    error_code error;
    const size_t bytes = out.in_one_piece()
                             ? socket_->send(asio::buffer(out.head) + out.sent, 0, error)
                             : socket_->send(out.Left(), 0, error);
    if (error && !WouldBlock(error)) return false;
    if (!error) {
      out.sent += bytes;
      continue;
    }
    if (phase_ == Phase::kSending) {
      exchange_->TakeAnswer(out.kept());
    } else if (!exchange_->ChargeAnswer(out.kept())) {
      return false;
    }
    if (deadline_ == MonotonicTime::max()) {
      moved_ = Taken();
      deadline_ = steady_clock::now() + listener_->limits().write_timeout;
    }
    if (!watching_writable_) {
      watching_writable_ = true;
      socket_->async_wait(Socket::wait_write, [self = shared_from_this()](const error_code&) {
        self->watching_writable_ = false;
        if (self->phase_ == Phase::kSending) self->FlushRest();
        if (self->phase_ != Phase::kStreaming) return;
        if (!self->Flush()) return self->PeerGone();
        self->Drained();
      });
    }
    return true;
  }
  if (phase_ == Phase::kStreaming) {
    out.Clear();
    exchange_->ChargeAnswer(0);
  }
  deadline_ = MonotonicTime::max();
  return true;
}

void Connection::FlushRest() {
  if (!Flush()) return Close();
  if (exchange_->out().left() == 0) FinishResponse();
}

void Connection::FinishResponse() {
  if (close_after_ || listener_->draining()) return Linger();
  phase_ = Phase::kIdle;
  deadline_ = listener_->After(listener_->limits().idle_timeout);
  if (in_handler_) return;
  exchange_->StartNext();
  if (exchange_->has_unread()) {
    AdvanceLater();
  } else {
    listener_->GiveBack(std::move(exchange_));
  }
  Watch();
}

}  // namespace bridge::http
