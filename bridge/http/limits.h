// What one HTTP server accepts from outside. Plain values; docs/limits.md lists them for operators.
#pragma once

#include <chrono>
#include <cstddef>

namespace bridge::http {

// Each limit has one clear answer; the connection is closed after it. Timeouts are enforced by a
// sweep, so they fire up to a second late.
struct Limits {
  size_t head_bytes = 16 * 1024;        // request line and headers: 431 (414: the line alone)
  size_t headers = 100;                 // fields: 431
  size_t body_bytes = 4 * 1024 * 1024;  // 413
  size_t connections = 10'000;          // of one server: 503
  // Of these from one address, an IPv6 network of 64 bits counting as one: 503. Where clients come
  // through a proxy, all of them have its address.
  size_t connections_per_address = 2'500;
  // What a client may send behind a request that is being answered, when the buffer is full: it is
  // discarded, and the connection closes after the answer. More: closed at once.
  size_t discarded_bytes = 16 * 1024 * 1024;
  // Of all connections together: a buffer for each request under way, bodies until the handler has
  // read them, and what of the answers no peer has taken yet (shared bytes do not count). 503, but
  // never for want of a buffer.
  size_t buffered_bytes = 256 * 1024 * 1024;

  std::chrono::milliseconds head_timeout{10'000};   // first byte to end of head: 408
  std::chrono::milliseconds body_timeout{30'000};   // end of head to end of body: 408
  std::chrono::milliseconds idle_timeout{75'000};   // between requests: closed silently
  std::chrono::milliseconds body_interval{10'000};  // in each, body_progress bytes must come: 408
  size_t body_progress = 10 * 1024;
  // In each, the peer must take write_progress bytes of an answer that waits or a tenth of it,
  // whichever is more, or all that is left: else closed.
  std::chrono::milliseconds write_timeout{30'000};
  size_t write_progress = 256 * 1024;
  // On a stream, since the last chunk: then its text to keep it alive is sent. Proxies give up on
  // silent connections after 30 to 60 s.
  std::chrono::milliseconds stream_keep_alive{15'000};
};

}  // namespace bridge::http
