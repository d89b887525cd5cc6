#include "bridge/http/response_head.h"

#include <charconv>
#include <ctime>

#include "bridge/http/message.h"

namespace bridge::http {
namespace {

// Two digits, as every number of a date but the year has.
char* WriteTwo(char* out, int value) {
  *out++ = static_cast<char>('0' + value / 10);
  *out++ = static_cast<char>('0' + value % 10);
  return out;
}

void AppendNumber(std::string& out, uint64_t value) {
  std::array<char, 20> digits;
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end - digits.data());
}

}  // namespace

std::string_view DateClock::Format(std::time_t now) {
  if (now != second_) {
    second_ = now;
    std::tm t{};
    gmtime_r(&now, &t);
    constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const int year = t.tm_year + 1900;
    char* out = text_.data();
    out += kDays.copy(out, 3, 3 * t.tm_wday);
    *out++ = ',';
    *out++ = ' ';
    out = WriteTwo(out, t.tm_mday);
    *out++ = ' ';
    out += kMonths.copy(out, 3, 3 * t.tm_mon);
    *out++ = ' ';
    out = WriteTwo(out, year / 100);
    out = WriteTwo(out, year % 100);
    *out++ = ' ';
    out = WriteTwo(out, t.tm_hour);
    *out++ = ':';
    out = WriteTwo(out, t.tm_min);
    *out++ = ':';
    out = WriteTwo(out, t.tm_sec);
    std::string_view(" GMT").copy(out, 4);
  }
  return {text_.data(), text_.size()};
}

void AppendHead(std::string& out, const ResponseHead& head, std::string_view date) {
  out.append("HTTP/1.1 ");
  AppendNumber(out, head.status);
  out.append(" ").append(ReasonPhrase(head.status)).append("\r\nDate: ").append(date);
  if (!head.content_type.empty()) out.append("\r\nContent-Type: ").append(head.content_type);
  if (head.content_length) {
    out.append("\r\nContent-Length: ");
    AppendNumber(out, *head.content_length);
  }
  if (head.chunked) out.append("\r\nTransfer-Encoding: chunked");
  if (head.persistence == Persistence::kKeepAlive) out.append("\r\nConnection: keep-alive");
  if (head.persistence == Persistence::kClose) out.append("\r\nConnection: close");
  out.append("\r\n").append(head.headers).append("\r\n");
}

bool MayHaveBody(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace bridge::http
