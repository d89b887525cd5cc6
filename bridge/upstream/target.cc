#include "bridge/upstream/target.h"

#include <charconv>
#include <utility>

#include "absl/status/status.h"

namespace bridge::upstream {
namespace {

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

absl::Status Bad(std::string_view text, const std::string& why) {
  return absl::InvalidArgumentError("target \"" + std::string(text.substr(0, 200)) + "\": " + why +
                                    "; write [NAME=]HOST:PORT or [NAME=]unix:PATH");
}

// Splits "host:port" or "[v6]:port"; false if there is no legal port.
bool SplitHostPort(std::string_view text, Target* target) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return false;
  }
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535) {
    return false;
  }
  target->host = std::string(host);
  target->port = number;
  return !host.empty();
}

bool IsIpAddress(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos ||
         host.find(':') != std::string_view::npos;
}

// The first label of a host name, or the whole address with its port when it is a number.
std::string DefaultName(const Target& target, std::string_view address) {
  std::string name;
  if (target.port == 0) {
    name = std::string(address.substr(address.rfind('/') + 1));
  } else if (IsIpAddress(target.host)) {
    name = target.host + "_" + std::to_string(target.port);
  } else {
    name = target.host.substr(0, target.host.find('.'));
  }
  for (char& c : name) {
    if (!IsNameChar(c)) c = '_';
  }
  return name;
}

}  // namespace

absl::StatusOr<Target> ParseTarget(std::string_view text) {
  Target target;
  std::string_view address = text;
  if (const size_t equals = text.find('='); equals != std::string_view::npos) {
    target.name = std::string(text.substr(0, equals));
    address = text.substr(equals + 1);
    if (target.name.empty() || target.name.size() > 32) {
      return Bad(text, "the name must have 1 to 32 characters");
    }
    for (const char c : target.name) {
      if (!IsNameChar(c)) return Bad(text, "the name may have letters, digits, '-' and '_' only");
    }
  }
  for (const char c : address) {
    if (c <= ' ' || c == 0x7f) return Bad(text, "it has a space or a control character");
  }
  target.address = std::string(address);
  if (address.starts_with("unix:")) {
    if (address.size() == 5) return Bad(text, "the socket's path is missing");
    target.host = std::string(address.substr(5));
  } else {
    std::string_view endpoint = address;
    for (const std::string_view scheme : {"dns:///", "dns:", "ipv4:", "ipv6:"}) {
      if (endpoint.starts_with(scheme)) {
        endpoint.remove_prefix(scheme.size());
        break;
      }
    }
    if (endpoint.find("://") != std::string_view::npos) {
      return Bad(text, "gRPC targets have no http:// or https://");
    }
    if (!SplitHostPort(endpoint, &target)) return Bad(text, "host or port is missing or malformed");
  }
  if (target.name.empty()) target.name = DefaultName(target, address);
  if (target.name.empty()) return Bad(text, "the socket's path ends in '/'");
  return target;
}

absl::StatusOr<Target> ParsePeer(std::string_view peer) {
  std::string text(peer);
  for (const auto& [encoded, plain] : {std::pair("%5B", "["), std::pair("%5D", "]")}) {
    if (const size_t at = text.find(encoded); at != text.npos) text.replace(at, 3, plain);
  }
  return ParseTarget(text);
}

}  // namespace bridge::upstream
