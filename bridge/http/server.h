// HTTP/1.1 server on Boost.Asio sockets and the Boost.Beast parser, behind our own guard (guard.h):
// what the guard refuses never reaches a handler. Knows nothing of MCP.
//
// One Server belongs to one io_context that is run by one thread; everything here happens on that
// thread, so nothing is locked. Several servers may listen on one port (SO_REUSEPORT).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "bridge/http/message.h"

namespace bridge::http {

// Each limit has one clear answer; the connection is closed after it.
struct Limits {
  size_t head_bytes = 16 * 1024;             // request line and headers: 431
  size_t headers = 100;                      // fields: 431
  size_t body_bytes = 4 * 1024 * 1024;       // 413
  size_t connections = 10'000;               // of one server: 503
  std::chrono::milliseconds head_timeout{10'000};   // first byte to end of head: 408
  std::chrono::milliseconds body_timeout{30'000};   // end of head to end of body: 408
  std::chrono::milliseconds idle_timeout{75'000};   // between requests: closed silently
  std::chrono::milliseconds write_timeout{30'000};  // no progress of a response: closed
};

class Connection;

// The one answer to one request. Move-only; used on the server's thread only. Destroyed unanswered
// it sends 500, so that no client waits for a forgotten request. After the peer has gone every call
// is a no-op.
class Responder final {
 public:
  Responder() = default;
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;
  ~Responder();

  // The whole response, written by one system call where the socket takes it.
  void Send(Response response);

  // A text/event-stream response: StartStream, any number of Write, Close. `headers` as in
  // Response. Chunked. Write returns false when the peer is gone or more than 1 MiB waits to be
  // sent (the caller then closes: the reader is too slow).
  void StartStream(int status, std::string_view content_type, std::string_view headers);
  bool Write(std::string_view chunk);
  void Close();

  // `gone` runs at most once, on the server's thread, when the peer closes or resets the connection
  // before the response has been sent. It may destroy this Responder's owner.
  void OnDisconnect(absl::AnyInvocable<void()> gone);

  bool connected() const;

 private:
  friend class Connection;
  explicit Responder(std::shared_ptr<Connection> connection);
  std::shared_ptr<Connection> connection_;
};

using Handler = std::function<void(const Request&, Responder)>;

class Server final {
 public:
  // Binds `host`:`port` (port 0: a free one; host is an address, not a name) and starts accepting on `io`.
  // Errors: InvalidArgument for a bad address, Unavailable when it cannot be bound; both name it.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(boost::asio::io_context& io,
                                                        const std::string& host, uint16_t port,
                                                        const Limits& limits, Handler handler);
  // Closes everything at once.
  ~Server();

  uint16_t port() const;
  // Stops accepting and closes idle connections; others close after their response, which then
  // carries "Connection: close".
  void Drain();
  size_t connections() const;

 private:
  Server();
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace bridge::http
