#include "bridge/transport/origin.h"

#include <algorithm>
#include <utility>

#include "bridge/base/text.h"
#include "bridge/transport/header_value.h"

namespace bridge::transport {
namespace {

// "[::1]:8080" -> "[::1]", "localhost:80" -> "localhost".
std::string_view WithoutPort(std::string_view host) {
  if (host.starts_with('[')) {
    const size_t bracket = host.find(']');
    return bracket == std::string_view::npos ? host : host.substr(0, bracket + 1);
  }
  return host.substr(0, host.find(':'));
}

}  // namespace

OriginPolicy::OriginPolicy(std::vector<std::string> hosts, std::vector<std::string> origins)
    : hosts_(std::move(hosts)), origins_(std::move(origins)) {
  for (const char* loopback : {"localhost", "127.0.0.1", "[::1]"}) hosts_.emplace_back(loopback);
}

bool OriginPolicy::HostAllowed(std::string_view host_and_port) const {
  const std::string_view host = WithoutPort(host_and_port);
  return std::any_of(hosts_.begin(), hosts_.end(), [host](const std::string& allowed) {
    return allowed == "*" || EqualIgnoringCase(allowed, host);
  });
}

std::string OriginPolicy::Refusal(const http::Request& request) const {
  const std::string_view host = request.Find("host").value_or("");
  if (!HostAllowed(host)) {
    return "Host \"" + CutText(VisibleText(host), 100) +
           "\" is not allowed; start the bridge with --allow-host NAME to serve it";
  }
  const auto origin = request.Find("origin");
  if (!origin.has_value()) return "";
  for (const std::string& allowed : origins_) {
    if (allowed == "*" || EqualIgnoringCase(allowed, *origin)) return "";
  }
  const bool web = origin->starts_with("http://") || origin->starts_with("https://");
  if (web && HostAllowed(origin->substr(origin->find("://") + 3)) &&
      std::find(hosts_.begin(), hosts_.end(), "*") == hosts_.end()) {
    return "";
  }
  return "Origin \"" + CutText(VisibleText(*origin), 100) +
         "\" is not allowed; start the bridge with --allow-origin ORIGIN to serve it";
}

}  // namespace bridge::transport
