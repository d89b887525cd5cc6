// Who may talk to us from where: Host and Origin checks against DNS rebinding (MCP 2026-07-28,
// streamable HTTP, "Security"). Immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/http/message.h"

namespace bridge::transport {

// The host of HOST or HOST:PORT (RFC 3986, 3.2.2), in lower case, without port and without the dot
// that may end a name: a name of letters, digits, '-', '_' and '.', or an IPv6 address in brackets,
// in its shortest form. Nothing for any other text: no user, no blank, no escape, no empty port.
std::optional<std::string> ParseHost(std::string_view text);

// Whether a host, as ParseHost returns it, is an IP address and no name.
bool IsAddress(std::string_view host);

// An origin as browsers write it (RFC 6454, 6.2), "https://app.example.com:8443": in lower case,
// without the port that its scheme has anyway. Nothing for any other text: what has a path, a user
// or the value "null".
std::optional<std::string> ParseOrigin(std::string_view text);

class OriginPolicy final {
 public:
  // `hosts` and `origins` as the operator gave them: HOST or "*" for every one, ORIGIN (also "null"
  // or of another scheme than http) or "*". What is no host or origin allows nothing. A page of an
  // allowed host may call too, of any port.
  //
  // The loopback names (localhost, 127.0.0.1, [::1]) are always allowed as Host: no page can make a
  // browser send one of them to somewhere else than its own machine. As Origin they are only if
  // `listen`, the address served, is a loopback address: then the page and the server are of one
  // machine; else that a page is of a machine's own says nothing, since each has one.
  OriginPolicy(const std::vector<std::string>& hosts, const std::vector<std::string>& origins,
               std::string_view listen);

  // Empty when the request may proceed, else one sentence with the remedy.
  std::string Refusal(const http::Request& request) const;

 private:
  bool OriginAllowed(std::string_view origin) const;

  bool any_host_ = false;
  bool any_origin_ = false;
  bool loopback_origins_ = false;
  std::vector<std::string> hosts_;    // as of ParseHost
  std::vector<std::string> origins_;  // as of ParseOrigin, else in lower case
};

}  // namespace bridge::transport
