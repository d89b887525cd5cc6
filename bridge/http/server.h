// HTTP/1.1 server (RFC 9110, RFC 9112) on Boost.Asio sockets, behind our own guard (guard.h): what
// the guard refuses never reaches a handler. Knows nothing of MCP.
//
// A refused request is answered by the server itself with one line of text/plain that names what is
// wrong and the remedy; then the connection is closed. Pipelined requests are answered in order,
// each handed over after the response before it has been sent; those not handed over yet when the
// peer closes its sending side are dropped.
//
// One Server belongs to one io_context that is run by one thread; everything here happens on that
// thread, so nothing is locked.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "bridge/base/byte_budget.h"
#include "bridge/http/limits.h"
#include "bridge/http/message.h"
#include "bridge/metrics/http_metrics.h"

namespace bridge::http {

class Connection;
class Listener;

// The one answer to one request. Move-only; used on the server's thread only. Destroyed unanswered
// it sends 500, so that no client waits for a forgotten request. After the peer has gone every call
// is a no-op.
class Responder final {
 public:
  Responder() = default;
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;
  ~Responder();

  // The whole response, written by one system call where the socket takes it. One of more than
  // 64 KiB for which the budget has no room becomes a 503: where that would be wrong, ask the
  // budget before.
  void Send(Response response);

  // For a response that is gathered bit by bit: counts `bytes` of it, all so far, against the
  // budget. False if there is no room, or nobody waits any more.
  bool Reserve(size_t bytes);

  // A response of unknown length, such as text/event-stream: StartStream, any number of Write,
  // Close. `headers` as in Response. Chunked; to HTTP/1.0 it ends with the connection. When nothing
  // has been written for Limits::stream_keep_alive, the server writes `keep_alive`, a text that
  // lives for ever; empty: nothing.
  void StartStream(int status, std::string_view content_type, std::string_view headers,
                   std::string_view keep_alive = {});
  enum class Written : uint8_t {
    kTaken,
    kFull,  // taken, but the socket has not taken all of it: wait for OnDrained
    kGone,  // not taken: the peer is gone, or more than 1 MiB waits already. Close, or forget it
  };
  // A chunk is taken whole or not at all.
  Written Write(std::string_view chunk);
  // `drained` runs once, soon after nothing waits to be sent any more. Not after Close, nor if the
  // peer goes. Replaces the one before.
  void OnDrained(absl::AnyInvocable<void()> drained);
  // Sends `last` together with the end of the stream. After kGone, or destroyed without Close, the
  // stream is cut off, so that the client does not take it for whole.
  void Close(std::string_view last = {});

  // `gone` runs at most once, on the server's thread, when the peer closes (half-close counts),
  // resets or stops reading (Limits::write_timeout) before Send or Close. If it has gone already,
  // `gone` runs soon. It may destroy this Responder's owner. It does not run after this Responder
  // is destroyed or its server is.
  void OnDisconnect(absl::AnyInvocable<void()> gone);

  bool connected() const;

 private:
  friend class Connection;
  explicit Responder(std::shared_ptr<Connection> connection);
  std::shared_ptr<Connection> connection_;
};

using Handler = std::function<void(const Request&, Responder)>;

// Headers, each line ended by CRLF, for the answers that the server gives by itself: too large, too
// slow, not well-formed. Of the request there is what has been read so far, maybe nothing.
using RefusalHeaders = std::function<std::string(const Request&)>;

struct ListenOptions {
  // Several servers that all ask for it listen on one port; the kernel spreads the connections.
  bool share_port = false;
  // What is kept for peers counts against it. It must outlive the Server and every Responder. Null:
  // Limits::buffered_bytes of the server's own.
  ByteBudget* budget = nullptr;
  RefusalHeaders refusal_headers = nullptr;  // may be null
  // What is counted, or null. It must outlive the Server and every Responder.
  metrics::HttpMetrics* metrics = nullptr;
  std::string_view route = {};  // a literal: the path that requests are counted for, and PATH/
};

class Server final {
 public:
  // Binds `host`:`port` (port 0: a free one; host is an address, not a name) and starts accepting
  // on `io`. Errors: InvalidArgument for a bad address, Unavailable when it cannot be bound; both
  // name it.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(boost::asio::io_context& io,
                                                        const std::string& host, uint16_t port,
                                                        const Limits& limits, Handler handler,
                                                        ListenOptions options = {});
  // Closes everything at once. Must run before the io_context is destroyed; Responders may be
  // destroyed after both.
  ~Server();

  uint16_t port() const;
  // Stops accepting and closes idle connections; others close after their response, which then
  // carries "Connection: close".
  void Drain();
  // After Drain: nobody is left who is or will be served.
  bool drained() const;
  // Open now, including those that are being closed.
  size_t connections() const;

 private:
  explicit Server(std::shared_ptr<Listener> listener);
  std::shared_ptr<Listener> listener_;
};

}  // namespace bridge::http
