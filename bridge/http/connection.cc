#include "bridge/http/connection.h"

#include <array>
#include <boost/asio/post.hpp>
#include <charconv>
#include <ctime>
#include <utility>

#include "bridge/http/listener.h"
#include "bridge/http/response_head.h"
#include "bridge/http/server.h"

namespace bridge::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kLingerTime{2};
// A body up to this size is cheaper to copy behind the head than to gather.
constexpr size_t kCopiedBytes = 4096;
constexpr size_t kMaxWaitingBytes = 1024 * 1024;

bool WouldBlock(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::interrupted;
}

}  // namespace

Connection::Connection(std::shared_ptr<Listener> listener, Socket socket, std::string peer)
    : listener_(std::move(listener)),
      socket_(std::make_unique<Socket>(std::move(socket))),
      peer_(std::move(peer)) {}

void Connection::Start() {
  deadline_ = steady_clock::now() + listener_->limits().idle_timeout;
  Watch();
}

void Connection::Watch() {
  if (!socket_ || watching_readable_ || input_ended_) return;
  if (exchange_ && phase_ != Phase::kLingering && !exchange_->has_room()) return;
  watching_readable_ = true;
  socket_->async_wait(Socket::wait_read, [self = shared_from_this()](const error_code&) {
    self->watching_readable_ = false;
    self->OnReadable();
  });
}

void Connection::OnReadable() {
  if (phase_ == Phase::kClosed) return;
  Receive();
  Watch();
}

void Connection::Receive() {
  asio::mutable_buffer room;
  if (phase_ == Phase::kLingering) {
    room = listener_->discard();
  } else {
    if (!exchange_) exchange_ = listener_->Borrow();
    if (!exchange_->has_room()) return;
    room = exchange_->Room();
  }
  error_code error;
  const size_t bytes = socket_->receive(asio::buffer(room), 0, error);
  if (WouldBlock(error)) {
    if (phase_ == Phase::kIdle && !exchange_->has_unread()) ReleaseExchange();
    return;
  }
  if (error && error != asio::error::eof) return PeerGone();
  if (error) return OnEndOfInput();
  if (phase_ == Phase::kLingering) return;
  exchange_->Received(bytes);
  if (phase_ <= Phase::kBody) Advance();
}

void Connection::OnEndOfInput() {
  input_ended_ = true;
  if (phase_ == Phase::kSending) {
    close_after_ = true;
  } else {
    PeerGone();
  }
}

// Goes through as many of the bytes received as it can without waiting.
void Connection::Advance() {
  const auto self = shared_from_this();
  while (true) {
    switch (phase_) {
      case Phase::kIdle:
        if (!exchange_->has_unread()) return ReleaseExchange();
        phase_ = Phase::kHead;
        exchange_->request().received = std::chrono::system_clock::now();
        deadline_ = MonotonicTime::max();
        break;
      case Phase::kHead:
        if (!AdvanceHead()) return;
        break;
      case Phase::kBody:
        if (!AdvanceBody()) return;
        Handle();
        if (phase_ != Phase::kIdle) return;
        exchange_->StartNext();
        break;
      default:
        return;
    }
  }
}

bool Connection::AdvanceHead() {
  switch (exchange_->ParseHead()) {
    case HeadParser::Progress::kIncomplete:
      StartDeadline(listener_->limits().head_timeout);
      return false;
    case HeadParser::Progress::kRefused:
      Refuse(exchange_->head().refusal());
      return false;
    case HeadParser::Progress::kComplete:
      break;
  }
  phase_ = Phase::kBody;
  deadline_ = MonotonicTime::max();
  continue_expected_ = exchange_->head().framing().expect_continue;
  return true;
}

bool Connection::AdvanceBody() {
  std::optional<Refusal> refusal;
  if (exchange_->TakeBody(refusal)) return true;
  if (refusal) {
    Refuse(*refusal);
    return false;
  }
  StartDeadline(listener_->limits().body_timeout);
  if (std::exchange(continue_expected_, false)) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    error_code error;
    // Nothing else waits to be sent, so a socket without room for this line is not read from.
    if (socket_->send(asio::buffer(kContinue), 0, error) != kContinue.size()) Close();
  }
  return false;
}

// Most requests arrive whole, so the clock is only read for those that do not.
void Connection::StartDeadline(std::chrono::milliseconds timeout) {
  if (deadline_ == MonotonicTime::max()) deadline_ = steady_clock::now() + timeout;
}

void Connection::Handle() {
  phase_ = Phase::kHandling;
  deadline_ = MonotonicTime::max();
  const Framing& framing = exchange_->head().framing();
  Request& request = exchange_->request();
  request.peer = peer_;
  close_after_ = !framing.keep_alive;
  body_allowed_ = request.method != "HEAD";
  answering_ = in_handler_ = true;
  listener_->handler()(request, Responder(shared_from_this()));
  in_handler_ = false;
  if (phase_ == Phase::kLingering || phase_ == Phase::kClosed) ReleaseExchange();
}

void Connection::Refuse(const Refusal& refusal) {
  if (!exchange_) exchange_ = listener_->Borrow();
  body_allowed_ = true;
  close_after_ = true;
  SendText(refusal.status, refusal.reason);
}

void Connection::SendText(int status, std::string_view line) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  if (status == 503) response.headers = "Retry-After: 1\r\n";
  response.body.append(line).append("\n");
  SendWhole(std::move(response));
}

void Connection::Send(Response response) {
  EndAnswer();
  if (phase_ == Phase::kHandling) SendWhole(std::move(response));
}

void Connection::SendWhole(Response&& response) {
  phase_ = Phase::kSending;
  close_after_ = close_after_ || response.close;
  Outgoing& out = exchange_->out();
  const bool body_allowed = MayHaveBody(response.status);
  const size_t length =
      response.body.size() + (response.shared ? response.shared->size() : 0) + response.tail.size();
  WriteHead(response.status, response.content_type, response.headers,
            body_allowed ? std::optional<uint64_t>(length) : std::nullopt);
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

void Connection::StartStream(int status, std::string_view content_type, std::string_view headers) {
  if (phase_ != Phase::kHandling) return;
  phase_ = Phase::kStreaming;
  broken_ = false;
  body_allowed_ = body_allowed_ && MayHaveBody(status);
  chunked_ = !exchange_->head().framing().http_1_0 && MayHaveBody(status);
  if (exchange_->head().framing().http_1_0) close_after_ = true;
  WriteHead(status, content_type, headers, std::nullopt);
  broken_ = !Flush();
}

bool Connection::Write(std::string_view chunk) {
  if (phase_ != Phase::kStreaming || broken_) return false;
  if (chunk.empty() || !body_allowed_) return true;
  if (exchange_->out().left() > kMaxWaitingBytes) {
    broken_ = true;
    return false;
  }
  WriteChunk(chunk, "");
  return !broken_;
}

// Sends `chunk`, framed if the stream is, and then `end`. What the socket does not take waits.
void Connection::WriteChunk(std::string_view chunk, std::string_view end) {
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

// Sends what waits; false if the peer is gone. What the socket does not take now is sent when it
// becomes writable.
bool Connection::Flush() {
  Outgoing& out = exchange_->out();
  bool progress = false;
  while (out.left() > 0) {
    error_code error;
    const size_t bytes = out.in_one_piece()
                             ? socket_->send(asio::buffer(out.head) + out.sent, 0, error)
                             : socket_->send(out.Left(), 0, error);
    if (error && !WouldBlock(error)) return false;
    if (!error) {
      out.sent += bytes;
      progress = true;
      continue;
    }
    if (progress || !watching_writable_) {
      deadline_ = steady_clock::now() + listener_->limits().write_timeout;
    }
    if (!watching_writable_) {
      watching_writable_ = true;
      socket_->async_wait(Socket::wait_write, [self = shared_from_this()](const error_code&) {
        self->watching_writable_ = false;
        if (self->phase_ == Phase::kSending) self->FlushRest();
        if (self->phase_ == Phase::kStreaming && !self->Flush()) self->PeerGone();
      });
    }
    return true;
  }
  out.Clear();
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
  deadline_ = steady_clock::now() + listener_->limits().idle_timeout;
  if (in_handler_) return;
  exchange_->StartNext();
  if (exchange_->has_unread()) {
    asio::post(listener_->executor(), [self = shared_from_this()] {
      if (self->phase_ == Phase::kIdle && self->exchange_) self->Advance();
    });
  } else {
    ReleaseExchange();
  }
  Watch();
}

void Connection::Linger() {
  error_code error;
  if (input_ended_ || socket_->shutdown(Socket::shutdown_send, error)) return Close();
  phase_ = Phase::kLingering;
  deadline_ = steady_clock::now() + kLingerTime;
  ReleaseExchange();
  Watch();
}

void Connection::PeerGone() {
  const auto self = shared_from_this();
  auto gone = std::exchange(gone_, nullptr);
  Close();
  if (gone) gone();
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  const auto self = shared_from_this();
  phase_ = Phase::kClosed;
  socket_.reset();
  gone_ = nullptr;
  ReleaseExchange();
  listener_->Remove(*this);
}

void Connection::ReleaseExchange() {
  if (exchange_ && !answering_ && !in_handler_) {
    exchange_->Reset();
    listener_->GiveBack(std::move(exchange_));
  }
}

void Connection::EnforceDeadline(MonotonicTime now) {
  if (now < deadline_) return;
  deadline_ = MonotonicTime::max();
  switch (phase_) {
    case Phase::kHead:
      return Refuse({408, "the request head took too long to arrive"});
    case Phase::kBody:
      return Refuse({408, "the request body took too long to arrive"});
    default:
      return PeerGone();
  }
}

void Connection::Drain() {
  if (phase_ != Phase::kIdle || in_handler_) return;
  // A request may be waiting in the socket already.
  if (!exchange_) Receive();
  if (phase_ == Phase::kIdle && !exchange_) Close();
}

}  // namespace bridge::http
