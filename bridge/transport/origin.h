// Who may talk to us from where: Host and Origin checks against DNS rebinding (MCP 2026-07-28,
// streamable HTTP, "Security"). Immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/http/message.h"

namespace bridge::transport {

class OriginPolicy final {
 public:
  // Host names without ports, compared without case; "*" allows every one. Loopback names
  // (localhost, 127.0.0.1, [::1]) are always allowed. `origins` are further full origins
  // ("https://app.example.com"), "*" for all; the origin of any allowed host is allowed too.
  OriginPolicy(std::vector<std::string> hosts, std::vector<std::string> origins);

  // Empty when the request may proceed, else one sentence with the remedy.
  std::string Refusal(const http::Request& request) const;

 private:
  bool HostAllowed(std::string_view host_and_port) const;

  std::vector<std::string> hosts_;
  std::vector<std::string> origins_;
};

}  // namespace bridge::transport
