#include "bridge/transport/header_value.h"

#include <algorithm>
#include <cstdint>

#include "bridge/base/utf8.h"

namespace bridge::transport {
namespace {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Of "0.25" 250; 1000 for what is no weight (RFC 9110, 12.4.2), as if there were none.
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
    if (EqualIgnoringCase(range.type, any)) fits = 4;
    if (EqualIgnoringCase(range.type, essence)) fits = 6;
    if (range.parameters) --fits;
    if (fits <= 0 || (range.parameters && range.weight == 0) || fits < specific) return;
    weight = fits == specific ? std::max(weight, range.weight) : range.weight;
    specific = fits;
  }
};

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
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

std::string LowerCase(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), Lower);
  return out;
}

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
  return Trim(part);
}

bool IsMediaType(std::string_view value, std::string_view essence) {
  return EqualIgnoringCase(Trim(value.substr(0, value.find(';'))), essence);
}

Accepted FindAccepted(const http::Request& request) {
  Choice json{.essence = "application/json", .any = "application/*"};
  Choice event_stream{.essence = "text/event-stream", .any = "text/*"};
  bool given = false;
  for (const http::Header& header : request.headers) {
    if (!EqualIgnoringCase(header.name, "accept")) continue;
    given = true;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const Range range = ParseRange(NextPart(&rest, ','));
      json.Take(range);
      event_stream.Take(range);
    }
  }
  if (!given) return {1000, 1000};
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
