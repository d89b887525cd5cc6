#include "bridge/http/connection.h"

#include <algorithm>
#include <utility>

#include "bridge/http/listener.h"
#include "bridge/http/server.h"

namespace bridge::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kLingerTime{2};
// Of one connection, handed over in one turn.
constexpr int kRequestsPerTurn = 8;

// A socket for both families tells IPv4 peers as ::ffff:127.0.0.1.
std::string ToText(const boost::asio::ip::address& address) {
  namespace ip = boost::asio::ip;
  const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  return mapped ? ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string()
                : address.to_string();
}

}  // namespace

Connection::Connection(std::shared_ptr<Listener> listener, Socket socket,
                       const boost::asio::ip::tcp::endpoint& peer)
    : listener_(std::move(listener)),
      socket_(std::make_unique<Socket>(std::move(socket))),
      peer_address_(ToText(peer.address())),
      peer_port_(peer.port()) {}

void Connection::Start() {
  deadline_ = steady_clock::now() + listener_->limits().idle_timeout;
  Watch();
}

void Connection::Watch() {
  if (!socket_ || watching_readable_ || input_ended_) return;
  const bool discards =
      phase_ == Phase::kLingering || phase_ == Phase::kHandling || phase_ == Phase::kStreaming;
  if (exchange_ && !discards && !exchange_->has_room()) return;
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
  if (phase_ == Phase::kLingering) return Discard();
  if (!exchange_) exchange_ = listener_->Borrow();
  if (!exchange_->has_room()) return Discard();
  error_code error;
  const size_t bytes = socket_->receive(asio::buffer(exchange_->Room()), 0, error);
  if (WouldBlock(error)) {
    if (phase_ == Phase::kIdle && !exchange_->has_unread()) ReleaseExchange();
    return;
  }
  if (error) return OnEndOfInput(error);
  exchange_->Received(bytes);
  if (phase_ <= Phase::kBody && !advance_posted_) Advance();
}

// Reads what cannot be kept, for the sake of the end behind it.
void Connection::Discard() {
  if (phase_ == Phase::kIdle || phase_ == Phase::kSending) return;
  error_code error;
  const size_t bytes = socket_->receive(listener_->discard(), 0, error);
  if (WouldBlock(error)) return;
  if (error) return OnEndOfInput(error);
  if (phase_ == Phase::kLingering) return;
  close_after_ = true;
  discarded_ += bytes;
  if (discarded_ > listener_->limits().discarded_bytes) PeerGone();
}

void Connection::OnEndOfInput(const error_code& error) {
  input_ended_ = true;
  if (phase_ == Phase::kSending && error == asio::error::eof) {
    close_after_ = true;
  } else {
    PeerGone();
  }
}

// Goes through as many of the bytes received as it can without waiting or keeping others waiting.
void Connection::Advance() {
  const auto self = shared_from_this();
  int handed_over = 0;
  while (true) {
    switch (phase_) {
      case Phase::kIdle:
        if (!exchange_->has_unread()) return listener_->GiveBack(std::move(exchange_));
        if (handed_over == kRequestsPerTurn) return AdvanceLater();
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
        ++handed_over;
        exchange_->StartNext();
        break;
      default:
        return;
    }
  }
}

void Connection::AdvanceLater() {
  advance_posted_ = true;
  asio::post(listener_->executor(), [self = shared_from_this()] {
    self->advance_posted_ = false;
    if (self->phase_ != Phase::kIdle || !self->exchange_) return;
    self->Advance();
    self->Watch();
  });
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
  StartBodyDeadline();
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

void Connection::StartBodyDeadline() {
  if (deadline_ != MonotonicTime::max()) return;
  const Limits& limits = listener_->limits();
  const MonotonicTime now = steady_clock::now();
  body_end_ = now + limits.body_timeout;
  moved_ = static_cast<int64_t>(exchange_->body_received());
  deadline_ = std::min(body_end_, now + limits.body_interval);
}

void Connection::Handle() {
  phase_ = Phase::kHandling;
  deadline_ = MonotonicTime::max();
  const Framing& framing = exchange_->head().framing();
  Request& request = exchange_->request();
  request.peer_address = peer_address_;
  request.peer_port = peer_port_;
  request.peer_key = peer_key;
  close_after_ = !framing.keep_alive;
  body_allowed_ = request.method != "HEAD";
  CountRequest();
  answering_ = in_handler_ = true;
  discarded_ = 0;
  listener_->handler()(request, Responder(shared_from_this()));
  in_handler_ = false;
  if (exchange_) exchange_->ReleaseBody();
  if (phase_ == Phase::kLingering || phase_ == Phase::kClosed) ReleaseExchange();
}

// The request is all there, or as much of it as will be; of half a head nothing is known.
void Connection::CountRequest() {
  if (listener_->metrics() == nullptr) return;
  const Request& request = exchange_->request();
  const bool known = phase_ != Phase::kHead;
  record_.method = known ? metrics::HttpMethodOf(request.method) : metrics::HttpMethod::kOther;
  record_.endpoint = known && listener_->IsRoute(request.path);
  record_.begun = request.received;
  record_.request_bytes = request.body.size();
  record_.response_bytes = 0;
  record_.status = 0;
  counted_ = true;
  listener_->metrics()->OnRequest(record_.method);
}

void Connection::CountEnd(int status, uint64_t bytes) {
  if (!std::exchange(counted_, false)) return;
  if (phase_ == Phase::kStreaming) listener_->metrics()->OnStreamEnd();
  record_.status = status;
  record_.response_bytes = bytes;
  record_.ended = std::chrono::system_clock::now();
  listener_->metrics()->OnRequestEnd(record_);
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
  CountEnd(record_.status, record_.response_bytes);
  phase_ = Phase::kClosed;
  socket_.reset();
  gone_ = nullptr;
  drained_ = nullptr;
  ReleaseExchange();
  listener_->Remove(*this);
}

void Connection::ReleaseExchange() {
  if (exchange_ && !answering_ && !in_handler_) {
    exchange_->Reset();
    listener_->GiveBack(std::move(exchange_));
  }
}

// At a deadline: whether enough has moved since the last one. If so, the next one is set.
bool Connection::KeepsPace(MonotonicTime now) {
  const Limits& limits = listener_->limits();
  const bool body = phase_ == Phase::kBody;
  if (!body && phase_ != Phase::kSending && phase_ != Phase::kStreaming) return false;
  if (body && now >= body_end_) return false;
  const size_t enough =
      body ? limits.body_progress : std::max(limits.write_progress, exchange_->out().size() / 10);
  const auto moved = body ? static_cast<int64_t>(exchange_->body_received()) : Taken();
  if (moved - moved_ < static_cast<int64_t>(enough)) return false;
  moved_ = moved;
  deadline_ = body ? std::min(body_end_, now + limits.body_interval) : now + limits.write_timeout;
  return true;
}

void Connection::EnforceDeadline(MonotonicTime now) {
  if (now < deadline_ || KeepsPace(now)) return KeepAlive(now);
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
