#include "bridge/telemetry/text.h"

#include <ctime>

#include "bridge/base/utf8.h"

namespace bridge::telemetry {

std::string ToLowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view TrimBlanks(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view CutUtf8(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  const auto is_continuation = [](char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; };
  size_t end = max_bytes;
  while (end > 0 && max_bytes - end < 3 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

std::string ToValidUtf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const size_t prefix = Utf8PrefixLength(text);
    valid += text.substr(0, prefix);
    text.remove_prefix(prefix);
    if (text.empty()) break;
    valid += "\xef\xbf\xbd";
    text.remove_prefix(1);
  }
  return valid;
}

void AppendUtcTime(std::string* out, std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(time - seconds).count();
  const std::time_t unix_seconds = std::chrono::system_clock::to_time_t(seconds);
  std::tm parts{};
  gmtime_r(&unix_seconds, &parts);
  const auto put = [out](long value, int digits) {
    char text[8];
    for (int i = digits - 1; i >= 0; --i, value /= 10)
      text[i] = static_cast<char>('0' + value % 10);
    out->append(text, static_cast<size_t>(digits));
  };
  put(parts.tm_year + 1900L, 4);
  *out += '-';
  put(parts.tm_mon + 1, 2);
  *out += '-';
  put(parts.tm_mday, 2);
  *out += 'T';
  put(parts.tm_hour, 2);
  *out += ':';
  put(parts.tm_min, 2);
  *out += ':';
  put(parts.tm_sec, 2);
  *out += '.';
  put(millis, 3);
  *out += 'Z';
}

}  // namespace bridge::telemetry
