// One accepted connection: a state machine over a non-blocking socket. It reads requests, hands
// them to the listener's handler one at a time and writes the responses.
//
// A wait for readability is armed whenever more bytes can be kept, and always while a handler works
// on a response: that is how a peer that goes away is noticed at once. Bytes that cannot be kept
// then are discarded, and that response is the last. One readable event reads once and hands over a
// few requests; those behind them wait until other connections have had their turn. Bytes are read
// and written by plain non-blocking calls, so no buffer is tied up by a wait. Owned by its listener
// and by the waits in flight; lives on the listener's thread.
#pragma once

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "bridge/http/exchange.h"
#include "bridge/http/message.h"
#include "bridge/http/refusal.h"
#include "bridge/http/server.h"
#include "bridge/metrics/http_metrics.h"

namespace bridge::http {

class Listener;

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
using MonotonicTime = std::chrono::steady_clock::time_point;

// Of a non-blocking call: nothing is wrong, only later.
inline bool WouldBlock(const boost::system::error_code& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::interrupted;
}

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Listener> listener, Socket socket,
             const boost::asio::ip::tcp::endpoint& peer);

  // Called by the listener.
  void Start();
  void Refuse(const Refusal& refusal);
  void EnforceDeadline(MonotonicTime now);
  void KeepAlive(MonotonicTime now);
  void Drain();
  void Close();

  // Called by the Responder; contracts there. Each of the three that end the response is called at
  // most once, and nothing after it.
  void Send(Response response);
  bool Reserve(size_t bytes);
  void EndStream(std::string_view last);
  void Abandon();
  void StartStream(int status, std::string_view content_type, std::string_view headers,
                   std::string_view keep_alive);
  Responder::Written Write(std::string_view chunk);
  void OnDrained(absl::AnyInvocable<void()> drained);
  void OnDisconnect(absl::AnyInvocable<void()> gone);
  bool connected() const;

  // Where the listener keeps it, and whom it counts it for.
  size_t slot = 0;
  uint64_t peer_key = 0;

 private:
  enum class Phase : uint8_t {
    kIdle,       // between requests
    kHead,       // part of a head has arrived
    kBody,       // part of a body has arrived
    kHandling,   // the handler has the request
    kStreaming,  // the response has begun, its end is not known
    kSending,    // the rest of the response is in the exchange
    kLingering,  // everything is said; waiting for the peer to read it and close
    kClosed,
  };

  void Watch();
  void OnReadable();
  void Receive();
  void Discard();
  void OnEndOfInput(const boost::system::error_code& error);
  void Advance();
  void AdvanceLater();
  bool AdvanceHead();
  bool AdvanceBody();
  void StartDeadline(std::chrono::milliseconds timeout);
  void StartBodyDeadline();
  bool KeepsPace(MonotonicTime now);
  int64_t Taken() const;
  void Handle();

  void SendText(int status, std::string_view line);
  void SendWhole(Response&& response);
  void WriteHead(int status, std::string_view content_type, std::string_view headers,
                 std::optional<uint64_t> content_length);
  void WriteChunk(std::string_view chunk, std::string_view end);
  bool Flush();
  void Drained();
  void FlushRest();
  void FinishResponse();
  void PeerGone();
  void Linger();
  void ReleaseExchange();
  void EndAnswer();
  void CountRequest();
  void CountEnd(int status, uint64_t bytes);

  std::shared_ptr<Listener> listener_;
  std::unique_ptr<Socket> socket_;  // none once closed
  const std::string peer_address_;
  const uint16_t peer_port_;
  std::unique_ptr<Exchange> exchange_;  // none while idle
  absl::AnyInvocable<void()> gone_;
  absl::AnyInvocable<void()> drained_;
  MonotonicTime deadline_ = MonotonicTime::max();
  MonotonicTime body_end_;             // the last moment for the body that is arriving
  std::string_view keep_alive_;        // of the stream
  MonotonicTime written_at_;           // the last chunk of it, as the sweep before it saw the time
  int64_t moved_ = 0;                  // of that body or of the answer, when it was last looked at
  size_t discarded_ = 0;               // sent behind the request that is being answered
  metrics::HttpRequestRecord record_;  // of the request that is being answered
  Phase phase_ = Phase::kIdle;
  bool watching_readable_ = false;
  bool watching_writable_ = false;
  bool advance_posted_ = false;
  bool in_handler_ = false;   // the request must outlive the handler
  bool answering_ = false;    // a Responder exists, so the request must live
  bool close_after_ = false;  // this response is the last
  bool input_ended_ = false;
  bool continue_expected_ = false;
  bool body_allowed_ = true;  // of the response: not for HEAD, 204, 304
  bool chunked_ = false;      // the stream
  bool broken_ = false;       // the stream lost bytes or its peer
  bool counted_ = false;      // the beginning of record_ is, its end is not
};

}  // namespace bridge::http
