#include "bridge/transport/header_value.h"

#include <array>
#include <cctype>
#include <cstdint>

#include "bridge/base/utf8.h"

namespace bridge::transport {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Cuts the part before `separator` off `rest`.
std::string_view NextPart(std::string_view* rest, char separator) {
  const size_t at = rest->find(separator);
  const std::string_view part = rest->substr(0, at);
  *rest = at == std::string_view::npos ? std::string_view() : rest->substr(at + 1);
  return Trim(part);
}

// "q=0", "q=0.0", "Q=0.000": not acceptable at all.
bool IsZeroWeight(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view parameter = NextPart(&parameters, ';');
    if (parameter.size() < 3 || (parameter[0] != 'q' && parameter[0] != 'Q') ||
        parameter[1] != '=') {
      continue;
    }
    return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

// Canonical base64 only: padded, nothing foreign, spare bits zero.
std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  for (size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    size_t padding = 0;
    if (last && text[i + 3] == '=') padding = text[i + 2] == '=' ? 2 : 1;
    uint32_t bits = 0;
    for (size_t j = 0; j < 4; ++j) {
      const int digit = j >= 4 - padding ? 0 : Base64Digit(text[i + j]);
      if (digit < 0) return std::nullopt;
      bits = (bits << 6) | static_cast<uint32_t>(digit);
    }
    if (padding > 0 && (bits & ((1u << (8 * padding)) - 1)) != 0) return std::nullopt;
    for (size_t j = 0; j < 3 - padding; ++j) out.push_back(static_cast<char>(bits >> (16 - 8 * j)));
  }
  return out;
}

}  // namespace

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; };
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

bool IsMediaType(std::string_view value, std::string_view essence) {
  return EqualIgnoringCase(Trim(value.substr(0, value.find(';'))), essence);
}

Accepted ParseAccept(std::optional<std::string_view> accept) {
  if (!accept.has_value()) return {true, true};
  Accepted accepted;
  std::string_view rest = *accept;
  while (!rest.empty()) {
    std::string_view parameters = NextPart(&rest, ',');
    const std::string_view range = NextPart(&parameters, ';');
    if (IsZeroWeight(parameters)) continue;
    const bool all = range == "*/*";
    if (all || EqualIgnoringCase(range, "application/json") ||
        EqualIgnoringCase(range, "application/*")) {
      accepted.json = true;
    }
    if (all || EqualIgnoringCase(range, "text/event-stream") ||
        EqualIgnoringCase(range, "text/*")) {
      accepted.event_stream = true;
    }
  }
  return accepted;
}

Accepted FindAccepted(const http::Request& request) {
  const size_t lines = request.Count("accept");
  if (lines <= 1) return ParseAccept(request.Find("accept"));
  Accepted accepted;
  for (const http::Header& header : request.headers) {
    if (!EqualIgnoringCase(header.name, "accept")) continue;
    const Accepted line = ParseAccept(header.value);
    accepted.json = accepted.json || line.json;
    accepted.event_stream = accepted.event_stream || line.event_stream;
  }
  return accepted;
}

std::optional<std::string> DecodeMirrored(std::string_view value) {
  constexpr std::string_view kPrefix = "=?base64?";
  constexpr std::string_view kSuffix = "?=";
  if (!value.starts_with(kPrefix) || !value.ends_with(kSuffix) ||
      value.size() < kPrefix.size() + kSuffix.size()) {
    return std::string(value);
  }
  value.remove_prefix(kPrefix.size());
  value.remove_suffix(kSuffix.size());
  std::optional<std::string> text = DecodeBase64(value);
  if (text.has_value() && !IsValidUtf8(*text)) return std::nullopt;
  return text;
}

}  // namespace bridge::transport
