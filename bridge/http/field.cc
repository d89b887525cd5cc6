#include "bridge/http/field.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace bridge::http {
namespace {

enum CharClass : uint8_t {
  kToken = 1,
  kFieldValue = 2,
  kTarget = 4,
  kRegName = 8,
  kHexOrColon = 16,
};

constexpr std::array<uint8_t, 256> MakeCharClasses() {
  std::array<uint8_t, 256> classes{};
  auto add = [&classes](std::string_view chars, uint8_t bits) {
    for (char c : chars) classes[static_cast<uint8_t>(c)] |= bits;
  };
  for (int c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    uint8_t bits = 0;
    if (digit || letter) bits |= kToken | kRegName;
    if (hex) bits |= kHexOrColon;
    if (c == '\t' || (c >= ' ' && c != 0x7f)) bits |= kFieldValue;
    if (c > ' ' && c < 0x7f && c != '#') bits |= kTarget;
    classes[c] = bits;
  }
  add("!#$%&'*+-.^_`|~", kToken);
  add("-._~%!$&'()*+,;=", kRegName);
  add(":.", kHexOrColon);
  return classes;
}

constexpr std::array<uint8_t, 256> kCharClasses = MakeCharClasses();

size_t PrefixOf(std::string_view text, uint8_t bits) {
  size_t n = 0;
  while (n < text.size() && (kCharClasses[static_cast<uint8_t>(text[n])] & bits) != 0) ++n;
  return n;
}

// Whether one of eight bytes is below 0x20 or is 0x7f: values are long, and nearly none has one.
bool MayHaveControl(const char* text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t bytes = 0;
  std::memcpy(&bytes, text, sizeof(bytes));
  const uint64_t delete_is_zero = bytes ^ (kOnes * 0x7f);
  const uint64_t below = (bytes - kOnes * 0x20) & ~bytes;
  const uint64_t deleted = (delete_is_zero - kOnes) & ~delete_is_zero;
  return ((below | deleted) & (kOnes * 0x80)) != 0;
}

constexpr char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// `lower` is a literal in lower case.
bool Is(std::string_view name, std::string_view lower) {
  for (size_t i = 0; i < lower.size(); ++i) {
    if (ToLower(name[i]) != lower[i]) return false;
  }
  return true;
}

// Eight bytes as one number, ASCII letters folded.
uint64_t EightInLowerCase(const char* text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t bytes = 0;
  std::memcpy(&bytes, text, sizeof(bytes));
  const uint64_t low = bytes & (kOnes * 0x7f);
  const uint64_t from_a = low + kOnes * (0x80 - 'A');        // high bit: at least 'A'
  const uint64_t beyond_z = low + kOnes * (0x80 - 'Z' - 1);  // high bit: more than 'Z'
  return bytes | ((from_a & ~beyond_z & ~bytes & (kOnes * 0x80)) >> 2);
}

bool IsPort(std::string_view port) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  return error == std::errc() && end == port.data() + port.size() && value <= 65535;
}

}  // namespace

namespace {

Field ClassifyMcp(std::string_view name) {
  switch (name.size()) {
    case 8:
      return Is(name, "mcp-name") ? Field::kMcpName : Field::kMcp;
    case 10:
      return Is(name, "mcp-method") ? Field::kMcpMethod : Field::kMcp;
    case 14:
      return Is(name, "mcp-session-id") ? Field::kMcpSessionId : Field::kMcp;
    case 20:
      return Is(name, "mcp-protocol-version") ? Field::kMcpProtocolVersion : Field::kMcp;
    default:
      return Field::kMcp;
  }
}

}  // namespace

Field ClassifyField(std::string_view name) {
  if (name.size() >= 4 && Is(name, "mcp-")) return ClassifyMcp(name);
  switch (name.size()) {
    case 4:
      return Is(name, "host") ? Field::kHost : Field::kOther;
    case 6:
      if (Is(name, "accept")) return Field::kAccept;
      if (Is(name, "origin")) return Field::kOrigin;
      return Is(name, "expect") ? Field::kExpect : Field::kOther;
    case 7:
      return Is(name, "trailer") ? Field::kTrailer : Field::kOther;
    case 10:
      if (Is(name, "user-agent")) return Field::kUserAgent;
      if (Is(name, "connection")) return Field::kConnection;
      return Is(name, "tracestate") ? Field::kTracestate : Field::kOther;
    case 11:
      return Is(name, "traceparent") ? Field::kTraceparent : Field::kOther;
    case 12:
      return Is(name, "content-type") ? Field::kContentType : Field::kOther;
    case 13:
      return Is(name, "authorization") ? Field::kAuthorization : Field::kOther;
    case 14:
      return Is(name, "content-length") ? Field::kContentLength : Field::kOther;
    case 16:
      return Is(name, "content-encoding") ? Field::kContentEncoding : Field::kOther;
    case 17:
      return Is(name, "transfer-encoding") ? Field::kTransferEncoding : Field::kOther;
    default:
      return Field::kOther;
  }
}

size_t TokenPrefix(std::string_view text) {
  return PrefixOf(text, kToken);
}
size_t FieldValuePrefix(std::string_view text) {
  size_t n = 0;
  while (n < text.size()) {
    if (text.size() - n >= sizeof(uint64_t) && !MayHaveControl(text.data() + n)) {
      n += sizeof(uint64_t);
    } else if ((kCharClasses[static_cast<uint8_t>(text[n])] & kFieldValue) != 0) {
      ++n;
    } else {
      break;
    }
  }
  return n;
}
size_t TargetPrefix(std::string_view text) {
  return PrefixOf(text, kTarget);
}

std::string_view TrimBlanks(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool EqualsIgnoreCaseOfSize(size_t size, const char* a, const char* b) {
  if (size < sizeof(uint64_t)) {
    return std::equal(a, a + size, b, [](char x, char y) { return ToLower(x) == ToLower(y); });
  }
  for (size_t i = 0;; i += sizeof(uint64_t)) {
    i = std::min(i, size - sizeof(uint64_t));  // the last eight may overlap those before
    if (EightInLowerCase(a + i) != EightInLowerCase(b + i)) return false;
    if (i + sizeof(uint64_t) == size) return true;
  }
}

bool IsHost(std::string_view host) {
  size_t end = 0;
  if (!host.empty() && host.front() == '[') {
    end = 1 + PrefixOf(host.substr(1), kHexOrColon);
    if (end < 4 || end >= host.size() || host[end] != ']') return false;
    ++end;
  } else {
    end = PrefixOf(host, kRegName);
    if (end == 0) return false;
  }
  return end == host.size() || (host[end] == ':' && IsPort(host.substr(end + 1)));
}

std::optional<Refusal> ParseFieldLine(std::string_view line, Header& header) {
  const size_t name_size = TokenPrefix(line);
  if (name_size == 0 || name_size == line.size() || line[name_size] != ':') {
    if (line.front() == ' ' || line.front() == '\t') {
      return Refusal{400, "a header line is folded: send each header on one line"};
    }
    const bool blank = name_size < line.size() && TrimBlanks(line.substr(name_size, 1)).empty();
    if (name_size > 0 && blank) {
      return Refusal{400, "a space stands before the colon of a header: remove it"};
    }
    return Refusal{400, "a header line has no legal name before its colon"};
  }
  const std::string_view value = line.substr(name_size + 1);
  if (FieldValuePrefix(value) != value.size()) {
    return Refusal{400, "a header value has a control character: encode it"};
  }
  header = {line.substr(0, name_size), TrimBlanks(value)};
  return std::nullopt;
}

}  // namespace bridge::http
