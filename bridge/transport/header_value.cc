#include "bridge/transport/header_value.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "absl/strings/escaping.h"
#include "bridge/base/utf8.h"
#include "bridge/http/field.h"

namespace bridge::transport {
namespace {

// What the official clients send. Nothing else in a request can make it less: no range is more
// specific, and of equal ones the greatest weight counts.
constexpr std::string_view kAcceptOfMost = "application/json, text/event-stream";

struct Range {
  std::string_view type;  // "text/*"
  uint16_t weight = 1000;
  bool parameters = false;  // others than q
};

Range ParseRange(std::string_view text) {
  Range range;
  range.type = NextPart(&text, ';');
  while (!text.empty()) {
    const std::string_view parameter = NextPart(&text, ';');
    if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
      range.weight = ParseWeight(parameter.substr(2));
    } else if (!parameter.empty()) {
      range.parameters = true;
    }
  }
  return range;
}

// The weight of one form so far, and how specific the range is that gave it.
struct Choice {
  std::string_view essence;  // "text/event-stream"
  std::string_view any;      // "text/*"
  int specific = 0;
  uint16_t weight = 0;

  void Take(const Range& range) {
    int fits = 0;
    if (range.type == "*/*") fits = 2;
    if (http::EqualsIgnoreCase(range.type, any)) fits = 4;
    if (http::EqualsIgnoreCase(range.type, essence)) fits = 6;
    if (range.parameters) --fits;
    if (fits <= 0 || (range.parameters && range.weight == 0) || fits < specific) return;
    weight = fits == specific ? std::max(weight, range.weight) : range.weight;
    specific = fits;
  }
};

// Canonical base64 only: padded, nothing foreign, spare bits zero.
std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string out;
  if (!absl::Base64Unescape({text.data(), text.size()}, &out) || absl::Base64Escape(out) != text)
    return {};
  return out;
}

}  // namespace

std::string_view NextPart(std::string_view* rest, char separator) {
  size_t at = rest->find(separator);
  if (rest->substr(0, at).find('"') != std::string_view::npos) {
    bool quoted = false;
    for (at = 0; at < rest->size() && (quoted || (*rest)[at] != separator); ++at) {
      if ((*rest)[at] == '"') quoted = !quoted;
      if (quoted && (*rest)[at] == '\\') ++at;
    }
  }
  const std::string_view part = rest->substr(0, at);
  *rest = at >= rest->size() ? std::string_view() : rest->substr(at + 1);
  return http::TrimBlanks(part);
}

uint16_t ParseWeight(std::string_view text) {
  constexpr uint16_t kFull = 1000;
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return kFull;
  if (text.size() > 1 && text[1] != '.') return kFull;
  auto weight = static_cast<uint16_t>((text[0] - '0') * kFull);
  uint16_t unit = kFull / 10;
  for (const char c : text.substr(std::min<size_t>(2, text.size()))) {
    if (c < '0' || c > '9') return kFull;
    weight = static_cast<uint16_t>(weight + (c - '0') * unit);
    unit = static_cast<uint16_t>(unit / 10);
  }
  return std::min(weight, kFull);
}

bool IsMediaType(std::string_view value, std::string_view essence) {
  if (value == essence) return true;
  return http::EqualsIgnoreCase(http::TrimBlanks(value.substr(0, value.find(';'))), essence);
}

Accepted FindAccepted(const http::Request& request) {
  Choice json{.essence = "application/json", .any = "application/*"};
  Choice event_stream{.essence = "text/event-stream", .any = "text/*"};
  const size_t first = request.places[static_cast<size_t>(http::Field::kAccept)];
  if (first == 0) return {1000, 1000};
  for (const http::Header& header : std::span(request.headers).subspan(first - 1)) {
    if (!http::EqualsIgnoreCase(header.name, "accept")) continue;
    if (header.value == kAcceptOfMost) return {1000, 1000};
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const Range range = ParseRange(NextPart(&rest, ','));
      json.Take(range);
      event_stream.Take(range);
    }
  }
  return {json.weight, event_stream.weight};
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
