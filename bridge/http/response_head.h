// The head of a response as bytes (RFC 9112 4), written straight into the buffer that is sent.
// Stateless but for the cached date; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace bridge::http {

// The value of the Date header, formatted once a second (RFC 9110 5.6.7).
class DateClock final {
 public:
  // Valid until the next call.
  std::string_view Format(std::time_t now);

 private:
  std::time_t second_ = -1;
  std::array<char, 29> text_{};
};

enum class Persistence : uint8_t { kUnsaid, kKeepAlive, kClose };

struct ResponseHead {
  int status = 200;
  std::string_view content_type;  // may be empty: no such header
  std::string_view headers;       // lines, each ended by CR LF
  std::optional<uint64_t> content_length;
  bool chunked = false;
  Persistence persistence = Persistence::kUnsaid;
};

void AppendHead(std::string& out, const ResponseHead& head, std::string_view date);

// Responses to HEAD have none either, whatever their status.
bool MayHaveBody(int status);

}  // namespace bridge::http
