// HTTP/1.1 requests and responses as the rest of the bridge sees them (RFC 9110, RFC 9112).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::http {

// The fields that something here asks for by name, so that nobody searches for them: the parser
// notes where each one is. Those up to kMcpSessionId the server itself acts on, or their repetition
// could make a gateway and the bridge see different requests: each of them may occur once in a
// request where nothing else is said, and none in a trailer.
enum class Field : uint8_t {
  kOther,
  kAuthorization,
  kConnection,  // may repeat: it is a list
  kContentEncoding,
  kContentLength,
  kContentType,
  kExpect,
  kHost,
  kOrigin,
  kTrailer,  // may repeat: it is a list
  kTransferEncoding,
  kMcp,  // any other name that begins with "Mcp-"; one that occurs twice is left to MCP, as are
         // these
  kMcpMethod,
  kMcpName,
  kMcpProtocolVersion,
  kMcpSessionId,
  // May repeat.
  kAccept,
  kTraceparent,
  kTracestate,
  kUserAgent,
};
inline constexpr size_t kFields = 20;

struct Header {
  std::string_view name;   // as received
  std::string_view value;  // trimmed of SP and HTAB
};

// One complete request. All views point into the connection's buffers. `body` is valid until the
// handler returns, the others until the response has been sent completely or the request's
// Responder is destroyed.
struct Request {
  std::string_view method;
  std::string_view path;   // of the target, not decoded, without the query
  std::string_view query;  // after '?', may be empty
  std::vector<Header> headers;
  std::array<uint16_t, kFields> places{};  // of the first one with each name, from 1; 0: none
  std::string_view repeated;  // name of an Mcp-* header that occurs twice; empty: none does
  std::string_view body;
  std::string_view peer_address;  // "127.0.0.1", "::1"
  uint16_t peer_port = 0;
  // Tells clients apart where one must not take the room of the others: an IPv4 address, or of IPv6
  // the network of 64 bits that one site has, since it can make up addresses in it.
  uint64_t peer_key = 0;
  std::chrono::system_clock::time_point received;  // first byte of the request

  void Add(const Header& header, Field field) {
    headers.push_back(header);
    uint16_t& place = places[static_cast<size_t>(field)];
    if (place == 0) place = static_cast<uint16_t>(headers.size());
  }
  void Add(const Header& header);

  // First header of that name; nothing if absent.
  std::optional<std::string_view> Find(Field field) const {
    const size_t place = places[static_cast<size_t>(field)];
    if (place == 0) return std::nullopt;
    return headers[place - 1].value;
  }
  // The same for any name, compared without case. Looks at all of them.
  std::optional<std::string_view> Find(std::string_view name) const;
  // How many headers have that name.
  size_t Count(std::string_view name) const;
};

// A whole response. The body is `body`, then `shared` (prepared bytes that are not copied), then
// `tail`; Content-Length is computed. `headers` is raw text, each line ended by CRLF, without
// Content-Type, Content-Length, Date and Connection, which the server writes.
struct Response {
  int status = 200;
  std::string_view content_type;  // empty: no such header
  std::string headers;
  std::string body;
  std::shared_ptr<const std::string> shared;
  std::string tail;
  bool close = false;  // end the connection after it
};

// "Not Found" for 404; "Unknown" for what RFC 9110 and RFC 6585 do not name.
std::string_view ReasonPhrase(int status);

}  // namespace bridge::http
