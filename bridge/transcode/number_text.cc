#include "bridge/transcode/number_text.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "bridge/base/json_cursor.h"

namespace bridge::transcode {
namespace {

constexpr int64_t kMaxExponent = 1'000'000'000;  // beyond any text we accept

bool IsDigit(char c) {
  return static_cast<unsigned char>(c - '0') < 10;
}

// Adds a digit; false if the value leaves 64 bits.
bool Push(uint64_t digit, uint64_t* value) {
  return !__builtin_mul_overflow(*value, uint64_t{10}, value) &&
         !__builtin_add_overflow(*value, digit, value);
}

// The exponent behind 'e', clamped: "1e536870000" must not be a loop of that length.
int64_t ParseExponent(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int64_t value = 0;
  for (const char c : text) {
    if (value < kMaxExponent) value = 10 * value + (c - '0');
  }
  return negative ? -value : value;
}

IntegerError ParseScaled(std::string_view text, uint64_t* magnitude) {
  std::string_view mantissa = text;
  int64_t exponent = 0;
  const size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    mantissa = text.substr(0, e);
    exponent = ParseExponent(text.substr(e + 1));
  }
  const size_t dot = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, dot);
  const std::string_view fraction =
      dot == std::string_view::npos ? std::string_view() : mantissa.substr(dot + 1);

  // Digits before the point once it has moved by the exponent.
  const int64_t integral = static_cast<int64_t>(whole.size()) + exponent;
  const auto total = static_cast<int64_t>(whole.size() + fraction.size());
  *magnitude = 0;
  bool overflow = false;
  for (int64_t i = 0; i < total; ++i) {
    const auto at = static_cast<size_t>(i);
    const char c = at < whole.size() ? whole[at] : fraction[at - whole.size()];
    if (i >= integral) {
      if (c != '0') return IntegerError::kFraction;
    } else if (!overflow) {
      overflow = !Push(static_cast<uint64_t>(c - '0'), magnitude);
    }
  }
  for (int64_t i = total; i < integral && !overflow && *magnitude != 0; ++i) {
    overflow = !Push(0, magnitude);
  }
  return overflow ? IntegerError::kOutOfRange : IntegerError::kNone;
}

// True if a nonzero number is too small for the type rather than too large.
bool Underflows(std::string_view text) {
  int64_t first = 0;  // power of ten of the first digit that is not zero
  int64_t position = 0;
  bool point = false;
  bool found = false;
  size_t i = 0;
  for (; i < text.size() && (text[i] | 0x20) != 'e'; ++i) {
    if (text[i] == '.') point = true;
    if (!IsDigit(text[i])) continue;
    if (point) --position;
    if (!found && text[i] != '0') {
      found = true;
      first = position;
    } else if (found && !point) {
      ++first;
    }
  }
  const int64_t exponent = i < text.size() ? ParseExponent(text.substr(i + 1)) : 0;
  return first + exponent < 0;
}

template <typename Float>
bool ParseNearest(std::string_view text, Float* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  if (error == std::errc()) return std::isfinite(*value);
  if (!Underflows(text)) return false;
  *value = text[0] == '-' ? -Float{0} : Float{0};
  return true;
}

}  // namespace

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
}

std::string_view TrimmedNumber(std::string_view text) {
  std::string_view number = Trimmed(text);
  const bool plus = number.starts_with('+');
  if (plus) number.remove_prefix(1);
  return IsJsonNumber(number) && !(plus && number.starts_with('-')) ? number : std::string_view();
}

bool IsJsonNumber(std::string_view text) {
  JsonCursor cursor(text);
  std::string_view raw;
  return cursor.ReadNumber(&raw) && raw.size() == text.size();
}

IntegerError ParseInteger(std::string_view text, bool* negative, uint64_t* magnitude) {
  *negative = text[0] == '-';
  if (*negative) text.remove_prefix(1);
  if (text.size() > 19) return ParseScaled(text, magnitude);
  uint64_t value = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return ParseScaled(text, magnitude);
    value = 10 * value + static_cast<uint64_t>(c - '0');
  }
  *magnitude = value;
  return IntegerError::kNone;
}

bool ParseFloating(std::string_view text, double* value) {
  return ParseNearest(text, value);
}

bool ParseFloating(std::string_view text, float* value) {
  return ParseNearest(text, value);
}

}  // namespace bridge::transcode
