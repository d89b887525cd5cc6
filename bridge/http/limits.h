// What one HTTP server accepts from outside. Plain values.
#pragma once

#include <chrono>
#include <cstddef>

namespace bridge::http {

// Each limit has one clear answer; the connection is closed after it. Timeouts are enforced by a
// sweep, so they fire up to half a second late, never early.
struct Limits {
  size_t head_bytes = 16 * 1024;        // request line and headers: 431 (414: the line alone)
  size_t headers = 100;                 // fields: 431
  size_t body_bytes = 4 * 1024 * 1024;  // 413
  size_t connections = 10'000;          // of one server: 503
  std::chrono::milliseconds head_timeout{10'000};   // first byte to end of head: 408
  std::chrono::milliseconds body_timeout{30'000};   // end of head to end of body: 408
  std::chrono::milliseconds idle_timeout{75'000};   // between requests: closed silently
  std::chrono::milliseconds write_timeout{30'000};  // no progress of a response: closed
};

}  // namespace bridge::http
