#include "bridge/telemetry/trace_context.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "bridge/telemetry/text.h"

namespace bridge::telemetry {
namespace {

constexpr size_t kTraceparentSize = std::tuple_size_v<Traceparent>;
constexpr size_t kMaxTracestateMembers = 32;
constexpr size_t kMaxTracestateBytes = 512;
constexpr size_t kLongMemberBytes = 128;
constexpr size_t kMaxKeyBytes = 256;
constexpr size_t kMaxValueBytes = 256;

// Lower case only, as the specification asks.
int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool ReadHex(std::string_view hex, std::span<uint8_t> bytes) {
  if (hex.size() != bytes.size() * 2) return false;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = HexValue(hex[2 * i]);
    const int low = HexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

bool IsKeyStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsKeyCharacter(char c) {
  return IsKeyStart(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
}

bool IsMember(std::string_view member, std::string_view* key) {
  const size_t equals = member.find('=');
  if (equals == std::string_view::npos) return false;
  *key = member.substr(0, equals);
  const std::string_view value = member.substr(equals + 1);
  if (key->empty() || key->size() > kMaxKeyBytes || !IsKeyStart(key->front())) return false;
  if (!std::all_of(key->begin(), key->end(), IsKeyCharacter)) return false;
  if (value.empty() || value.size() > kMaxValueBytes) return false;
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c >= 0x20 && c <= 0x7e && c != ',' && c != '='; });
}

size_t JoinedSize(const std::vector<std::string_view>& members) {
  size_t size = members.empty() ? 0 : members.size() - 1;
  for (std::string_view member : members) size += member.size();
  return size;
}

std::string ParseTracestate(std::string_view text) {
  std::vector<std::string_view> members;
  std::vector<std::string_view> keys;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view member = TrimBlanks(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (member.empty()) continue;
    std::string_view key;
    if (members.size() == kMaxTracestateMembers || !IsMember(member, &key)) return {};
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return {};
    members.push_back(member);
    keys.push_back(key);
  }
  while (JoinedSize(members) > kMaxTracestateBytes) {
    const auto is_long = [](std::string_view member) { return member.size() > kLongMemberBytes; };
    const auto last_long = std::find_if(members.rbegin(), members.rend(), is_long);
    members.erase(last_long != members.rend() ? std::prev(last_long.base())
                                              : std::prev(members.end()));
  }
  std::string joined;
  for (std::string_view member : members) {
    if (!joined.empty()) joined += ',';
    joined += member;
  }
  return joined;
}

}  // namespace

std::optional<TraceContext> ParseTraceContext(std::string_view traceparent,
                                              std::string_view tracestate) {
  if (traceparent.size() < kTraceparentSize) return std::nullopt;
  std::array<uint8_t, 1> version;
  std::array<uint8_t, 1> flags;
  TraceContext context;
  if (!ReadHex(traceparent.substr(0, 2), version) || version[0] == 0xff) return std::nullopt;
  if (traceparent.size() > kTraceparentSize &&
      (version[0] == 0 || traceparent[kTraceparentSize] != '-')) {
    return std::nullopt;
  }
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-' ||
      !ReadHex(traceparent.substr(3, 32), context.trace_id) ||
      !ReadHex(traceparent.substr(36, 16), context.span_id) ||
      !ReadHex(traceparent.substr(53, 2), flags) || !context.valid()) {
    return std::nullopt;
  }
  context.flags = flags[0] & (TraceContext::kSampled | TraceContext::kRandom);
  context.tracestate = ParseTracestate(tracestate);
  return context;
}

namespace {

// Both digits of each byte, one after the other.
constexpr std::array<char, 512> kHexOfByte = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<char, 512> digits{};
  for (size_t byte = 0; byte < 256; ++byte) {
    digits[2 * byte] = kDigits[byte >> 4];
    digits[2 * byte + 1] = kDigits[byte & 15];
  }
  return digits;
}();

char* WriteHex(char* out, std::span<const uint8_t> bytes) {
  for (const uint8_t byte : bytes) {
    *out++ = kHexOfByte[size_t{2} * byte];
    *out++ = kHexOfByte[size_t{2} * byte + 1];
  }
  return out;
}

}  // namespace

void AppendHex(std::string* out, std::span<const uint8_t> bytes) {
  const size_t start = out->size();
  out->resize(start + 2 * bytes.size());
  WriteHex(out->data() + start, bytes);
}

Traceparent WriteTraceparent(const TraceContext& context) {
  Traceparent text;
  char* out = text.data();
  *out++ = '0';
  *out++ = '0';
  *out++ = '-';
  out = WriteHex(out, context.trace_id);
  *out++ = '-';
  out = WriteHex(out, context.span_id);
  *out++ = '-';
  WriteHex(out, std::span(&context.flags, 1));
  return text;
}

std::string FormatTraceparent(const TraceContext& context) {
  if (!context.valid()) return {};
  const Traceparent text = WriteTraceparent(context);
  return {text.data(), text.size()};
}

std::string FormatTraceId(const TraceId& id) {
  std::string text;
  AppendHex(&text, id);
  return text;
}

std::string FormatTraceId(const TraceContext& context) {
  return FormatTraceId(context.trace_id);
}

std::string FormatSpanId(const SpanId& id) {
  std::string text;
  AppendHex(&text, id);
  return text;
}

std::optional<TraceId> ParseTraceId(std::string_view hex) {
  TraceId id;
  if (!ReadHex(hex, id) || id == TraceId{}) return std::nullopt;
  return id;
}

}  // namespace bridge::telemetry
