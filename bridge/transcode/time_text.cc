#include "bridge/transcode/time_text.h"

#include "bridge/base/json_text.h"

namespace bridge::transcode {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kMinTimestamp = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr int64_t kMaxTimestamp = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr int64_t kMaxDuration = 315'576'000'000;
constexpr int32_t kNanosPerSecond = 1'000'000'000;

// Reads text from the left; every method is false once something did not fit.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool Char(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool Digits(size_t count, int64_t* value) {
    if (text_.size() < count) return false;
    *value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (!IsDigit(text_[i])) return false;
      *value = 10 * *value + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return true;
  }
  size_t CountDigits() const {
    size_t count = 0;
    while (count < text_.size() && IsDigit(text_[count])) ++count;
    return count;
  }
  // An optional fraction of a second: a point and one to nine digits.
  bool Fraction(int32_t* nanos) {
    *nanos = 0;
    if (!Char('.')) return true;
    const size_t count = CountDigits();
    int64_t value;
    if (count < 1 || count > 9 || !Digits(count, &value)) return false;
    for (size_t i = count; i < 9; ++i) value *= 10;
    *nanos = static_cast<int32_t>(value);
    return true;
  }
  bool done() const { return text_.empty(); }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
  std::string_view text_;
};

bool IsLeap(int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int64_t DaysInMonth(int64_t year, int64_t month) {
  if (month == 2) return IsLeap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Proleptic Gregorian calendar, counted in eras of 400 years that begin on 1 March.
int64_t DaysFromDate(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = year / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

struct Date {
  int64_t year, month, day;
};

Date DateFromDays(int64_t days) {
  days += 719'468;
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted + (shifted < 10 ? 3 : -9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted + 2) / 5 + 1};
}

char* WriteDigits(char* out, int64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + count;
}

char* WriteFraction(char* out, int32_t nanos) {
  if (nanos == 0) return out;
  *out++ = '.';
  if (nanos % 1'000'000 == 0) return WriteDigits(out, nanos / 1'000'000, 3);
  if (nanos % 1000 == 0) return WriteDigits(out, nanos / 1000, 6);
  return WriteDigits(out, nanos, 9);
}

char* WriteInYear(char* out, const Date& date, int64_t second, int32_t nanos) {
  *out++ = '-';
  out = WriteDigits(out, date.month, 2);
  *out++ = '-';
  out = WriteDigits(out, date.day, 2);
  *out++ = 'T';
  out = WriteDigits(out, second / 3600, 2);
  *out++ = ':';
  out = WriteDigits(out, second / 60 % 60, 2);
  *out++ = ':';
  out = WriteDigits(out, second % 60, 2);
  out = WriteFraction(out, nanos);
  *out++ = 'Z';
  return out;
}

// Seconds and nanoseconds of any message in one.
__extension__ using Wide = __int128;

Wide FloorDivide(Wide value, int64_t divisor) {
  return (value >= 0 ? value : value - (divisor - 1)) / divisor;
}

}  // namespace

bool ParseTimestamp(std::string_view text, SecondsAndNanos* value) {
  Reader reader(text);
  int64_t year, month, day, hour, minute, second;
  if (!reader.Digits(4, &year) || !reader.Char('-') || !reader.Digits(2, &month) ||
      !reader.Char('-') || !reader.Digits(2, &day) || !reader.Char('T') ||
      !reader.Digits(2, &hour) || !reader.Char(':') || !reader.Digits(2, &minute) ||
      !reader.Char(':') || !reader.Digits(2, &second) || !reader.Fraction(&value->nanos)) {
    return false;
  }
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month) ||
      hour > 23 || minute > 59 || second > 59) {
    return false;
  }
  value->seconds =
      DaysFromDate(year, month, day) * kSecondsPerDay + hour * 3600 + minute * 60 + second;
  if (!reader.Char('Z')) {
    const bool east = reader.Char('+');
    int64_t offset_hours, offset_minutes;
    if ((!east && !reader.Char('-')) || !reader.Digits(2, &offset_hours) || !reader.Char(':') ||
        !reader.Digits(2, &offset_minutes) || offset_hours > 23 || offset_minutes > 59) {
      return false;
    }
    const int64_t offset = offset_hours * 3600 + offset_minutes * 60;
    value->seconds += east ? -offset : offset;
  }
  return reader.done() && value->seconds >= kMinTimestamp && value->seconds <= kMaxTimestamp;
}

bool ParseDuration(std::string_view text, SecondsAndNanos* value) {
  Reader reader(text);
  const bool negative = reader.Char('-');
  const size_t digits = reader.CountDigits();
  if (digits < 1 || digits > 18 || !reader.Digits(digits, &value->seconds) ||
      !reader.Fraction(&value->nanos) || !reader.Char('s') || !reader.done()) {
    return false;
  }
  if (value->seconds > kMaxDuration) return false;
  if (negative) {
    value->seconds = -value->seconds;
    value->nanos = -value->nanos;
  }
  return true;
}

char* WriteTimestamp(char* out, SecondsAndNanos value) {
  if (value.seconds < kMinTimestamp || value.seconds > kMaxTimestamp || value.nanos < 0 ||
      value.nanos >= kNanosPerSecond) {
    return nullptr;
  }
  // Counted from year 1, so that every division below is of a number that is not negative.
  const int64_t since_year_one = value.seconds - kMinTimestamp;
  const Date date = DateFromDays(since_year_one / kSecondsPerDay + kMinTimestamp / kSecondsPerDay);
  out = WriteDigits(out, date.year, 4);
  return WriteInYear(out, date, since_year_one % kSecondsPerDay, value.nanos);
}

char* WriteFarTimestamp(char* out, SecondsAndNanos value) {
  const Wide nanos = Wide{value.seconds} * kNanosPerSecond + value.nanos;
  const Wide seconds = FloorDivide(nanos, kNanosPerSecond);
  const auto days = static_cast<int64_t>(FloorDivide(seconds, kSecondsPerDay));
  const Date date = DateFromDays(days);
  const int64_t magnitude = date.year < 0 ? -date.year : date.year;
  if (date.year < 0 || date.year > 9999) *out++ = date.year < 0 ? '-' : '+';
  int digits = 4;
  for (int64_t rest = magnitude / 10'000; rest > 0; rest /= 10) ++digits;
  out = WriteDigits(out, magnitude, digits);
  return WriteInYear(out, date, static_cast<int64_t>(seconds - Wide{days} * kSecondsPerDay),
                     static_cast<int32_t>(nanos - seconds * kNanosPerSecond));
}

char* WriteDuration(char* out, SecondsAndNanos value) {
  if (value.seconds < -kMaxDuration || value.seconds > kMaxDuration ||
      value.nanos <= -kNanosPerSecond || value.nanos >= kNanosPerSecond ||
      (value.seconds < 0 && value.nanos > 0) || (value.seconds > 0 && value.nanos < 0)) {
    return nullptr;
  }
  const bool negative = value.seconds < 0 || value.nanos < 0;
  if (negative) *out++ = '-';
  out = WriteJsonInt(out, negative ? -value.seconds : value.seconds);
  out = WriteFraction(out, negative ? -value.nanos : value.nanos);
  *out++ = 's';
  return out;
}

char* WriteFarDuration(char* out, SecondsAndNanos value) {
  Wide nanos = Wide{value.seconds} * kNanosPerSecond + value.nanos;
  if (nanos < 0) {
    *out++ = '-';
    nanos = -nanos;
  }
  out = WriteJsonUint(out, static_cast<uint64_t>(nanos / kNanosPerSecond));
  out = WriteFraction(out, static_cast<int32_t>(nanos % kNanosPerSecond));
  *out++ = 's';
  return out;
}

}  // namespace bridge::transcode
