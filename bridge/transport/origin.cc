#include "bridge/transport/origin.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "bridge/base/text.h"
#include "bridge/http/field.h"

namespace bridge::transport {
namespace {

constexpr std::string_view kLoopback[] = {"localhost", "127.0.0.1", "[::1]"};

// A host as it was sent, and its port.
struct Authority {
  std::string_view host;
  std::optional<uint16_t> port;
};

bool IsName(std::string_view text) {
  bool in_label = false;
  for (const char c : text) {
    if (c == '.' ? !in_label : !IsIdentifierByte(c) && c != '-') return false;
    in_label = c != '.';
  }
  return in_label;
}

bool IsIpv6(std::string_view text) {
  if (text.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

// Without copies, since each request comes through here.
std::optional<Authority> ParseAuthority(std::string_view text) {
  Authority authority;
  size_t end = text.find(':');
  if (text.starts_with('[')) {
    const size_t bracket = text.find(']');
    if (bracket == std::string_view::npos || !IsIpv6(text.substr(1, bracket - 1))) return {};
    end = bracket + 1;
    authority.host = text.substr(0, end);
  } else {
    authority.host = text.substr(0, end);
    if (authority.host.ends_with('.')) authority.host.remove_suffix(1);
    if (!IsName(authority.host)) return {};
  }
  if (end >= text.size()) return authority;
  uint16_t port = 0;
  const char* const last = text.data() + text.size();
  if (text[end] != ':') return {};
  const auto [parsed, error] = std::from_chars(text.data() + end + 1, last, port);
  if (error != std::errc() || parsed != last) return {};
  authority.port = port;
  return authority;
}

std::string Canonical(std::string_view host) {
  if (!host.starts_with('[')) return absl::AsciiStrToLower({host.data(), host.size()});
  in6_addr address{};
  char text[INET6_ADDRSTRLEN] = {};
  inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address);
  inet_ntop(AF_INET6, &address, text, sizeof(text));
  return "[" + std::string(text) + "]";
}

// `host` as it was sent, `hosts` in canonical form.
template <typename Hosts>
bool Contains(const Hosts& hosts, std::string_view host) {
  std::string canonical;
  if (host.starts_with('[')) host = canonical = Canonical(host);
  return std::any_of(std::begin(hosts), std::end(hosts), [host](std::string_view allowed) {
    return http::EqualsIgnoreCase(allowed, host);
  });
}

// "http" and "https": the schemes of pages whose hosts mean something.
std::optional<uint16_t> DefaultPort(std::string_view scheme) {
  if (http::EqualsIgnoreCase(scheme, "http")) return 80;
  if (http::EqualsIgnoreCase(scheme, "https")) return 443;
  return std::nullopt;
}

std::optional<Authority> ParseWebOrigin(std::string_view text, std::string_view* scheme) {
  const size_t at = text.find("://");
  if (at == std::string_view::npos) return std::nullopt;
  *scheme = text.substr(0, at);
  if (!DefaultPort(*scheme).has_value()) return std::nullopt;
  return ParseAuthority(text.substr(at + 3));
}

bool IsLoopbackAddress(std::string_view address) {
  if (address.starts_with("::ffff:")) address.remove_prefix(7);
  in_addr v4{};
  if (inet_pton(AF_INET, std::string(address).c_str(), &v4) == 1) {
    return ntohl(v4.s_addr) >> 24 == 127;
  }
  in6_addr v6{};
  return inet_pton(AF_INET6, std::string(address).c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

std::optional<std::string> ParseHost(std::string_view text) {
  const auto authority = ParseAuthority(text);
  if (!authority.has_value()) return std::nullopt;
  return Canonical(authority->host);
}

bool IsAddress(std::string_view host) {
  in_addr v4{};
  return host.starts_with('[') || inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1;
}

std::optional<std::string> ParseOrigin(std::string_view text) {
  std::string_view scheme;
  const auto authority = ParseWebOrigin(text, &scheme);
  if (!authority.has_value()) return std::nullopt;
  std::string origin =
      absl::AsciiStrToLower({scheme.data(), scheme.size()}) + "://" + Canonical(authority->host);
  if (authority->port.has_value() && authority->port != DefaultPort(scheme)) {
    origin += ":" + std::to_string(*authority->port);
  }
  return origin;
}

OriginPolicy::OriginPolicy(const std::vector<std::string>& hosts,
                           const std::vector<std::string>& origins, std::string_view listen)
    : loopback_origins_(IsLoopbackAddress(listen)) {
  for (const std::string& host : hosts) {
    any_host_ = any_host_ || host == "*";
    if (auto parsed = ParseHost(host); parsed.has_value()) hosts_.push_back(*std::move(parsed));
  }
  for (const std::string& origin : origins) {
    any_origin_ = any_origin_ || origin == "*";
    origins_.push_back(
        ParseOrigin(origin).value_or(absl::AsciiStrToLower({origin.data(), origin.size()})));
  }
}

bool OriginPolicy::OriginAllowed(std::string_view origin) const {
  if (any_origin_) return true;
  std::string_view scheme;
  if (const auto authority = ParseWebOrigin(origin, &scheme); authority.has_value()) {
    if (Contains(hosts_, authority->host)) return true;
    if (loopback_origins_ && Contains(kLoopback, authority->host)) return true;
  }
  const std::string canonical =
      ParseOrigin(origin).value_or(absl::AsciiStrToLower({origin.data(), origin.size()}));
  return std::find(origins_.begin(), origins_.end(), canonical) != origins_.end();
}

std::string OriginPolicy::Refusal(const http::Request& request) const {
  const std::string_view host = request.Find(http::Field::kHost).value_or("");
  const auto authority = ParseAuthority(host);
  if (!authority.has_value()) {
    return "Host \"" + CutText(VisibleText(host), 100) +
           "\" is no host name; send HOST or HOST:PORT";
  }
  if (!any_host_ && !Contains(kLoopback, authority->host) && !Contains(hosts_, authority->host)) {
    return "Host \"" + CutText(VisibleText(host), 100) +
           "\" is not allowed; start the bridge with --allow-host NAME to serve it";
  }
  const auto origin = request.Find(http::Field::kOrigin);
  if (!origin.has_value() || OriginAllowed(*origin)) return "";
  return "Origin \"" + CutText(VisibleText(*origin), 100) +
         "\" is not allowed; start the bridge with --allow-origin ORIGIN to serve it";
}

}  // namespace bridge::transport
