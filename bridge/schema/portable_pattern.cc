#include "bridge/schema/portable_pattern.h"

#include <regex>

namespace bridge::schema {
namespace {

constexpr size_t kMaxPatternBytes = 500;
constexpr std::string_view kSyntax = "^$\\.*+?()[]{}|";

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Reads the escape whose letter is at `*at` and moves behind it.
bool TakeEscape(std::string_view pattern, bool in_class, size_t* at) {
  if (*at >= pattern.size()) return false;
  const char c = pattern[(*at)++];
  if (c == 'x') {
    if (*at + 2 > pattern.size() || !IsHex(pattern[*at]) || !IsHex(pattern[*at + 1])) return false;
    *at += 2;
    return true;
  }
  if (kSyntax.find(c) != std::string_view::npos || c == '/') return true;
  // \s differs in the characters beyond ASCII only; \b is a backspace inside a class.
  if (std::string_view("dDwWsStnrfv").find(c) != std::string_view::npos) return true;
  return in_class ? c == '-' : c == 'b' || c == 'B';
}

// Reads `{2}`, `{2,}` or `{2,5}`, whose brace is at `*at`, and moves behind it.
bool TakeRepeat(std::string_view pattern, size_t* at) {
  const size_t end = pattern.find('}', *at);
  if (end == std::string_view::npos || end == *at + 1) return false;
  const std::string_view body = pattern.substr(*at + 1, end - *at - 1);
  if (body.size() > 7 || body.front() == ',' ||
      body.find_first_not_of("0123456789,") != std::string_view::npos) {
    return false;
  }
  *at = end + 1;
  return true;
}

bool TakeClass(std::string_view pattern, size_t* at) {
  ++*at;
  if (*at < pattern.size() && pattern[*at] == '^') ++*at;
  if (*at < pattern.size() && pattern[*at] == ']') return false;  // a literal in RE2 only
  while (*at < pattern.size() && pattern[*at] != ']') {
    const char c = pattern[(*at)++];
    if (c == '[') return false;  // [[:alpha:]]
    if (c == '\\' && !TakeEscape(pattern, true, at)) return false;
  }
  if (*at >= pattern.size()) return false;
  ++*at;
  return true;
}

// Reads a quantifier, lazy or not, if there is one at `*at`; false if it is broken.
bool TakeQuantifier(std::string_view pattern, size_t* at) {
  if (*at >= pattern.size()) return true;
  const char c = pattern[*at];
  if (c == '{') {
    if (!TakeRepeat(pattern, at)) return false;
  } else if (c == '*' || c == '+' || c == '?') {
    ++*at;
  } else {
    return true;
  }
  if (*at < pattern.size() && pattern[*at] == '?') ++*at;
  return true;
}

bool HasCommonSyntax(std::string_view pattern) {
  for (size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    bool repeats = true;
    if (c == '\\') {
      ++at;
      repeats = at < pattern.size() && pattern[at] != 'b' && pattern[at] != 'B';
      if (!TakeEscape(pattern, false, &at)) return false;
    } else if (c == '[') {
      if (!TakeClass(pattern, &at)) return false;
    } else if (c == '(') {
      if (pattern.substr(at).starts_with("(?") && !pattern.substr(at).starts_with("(?:")) {
        return false;
      }
      at += pattern.substr(at).starts_with("(?:") ? 3 : 1;
      repeats = false;
    } else if (std::string_view("{}]*+?").find(c) != std::string_view::npos) {
      return false;  // nothing to repeat, or a brace that means itself in one language only
    } else {
      repeats = c != '|' && c != '^' && c != '$';
      ++at;
    }
    if (repeats && !TakeQuantifier(pattern, &at)) return false;
  }
  return true;
}

}  // namespace

bool IsPortablePattern(std::string_view pattern) {
  if (pattern.empty() || pattern.size() > kMaxPatternBytes || !HasCommonSyntax(pattern)) {
    return false;
  }
  try {
    const std::regex compiled(pattern.begin(), pattern.end(), std::regex::ECMAScript);
  } catch (const std::regex_error&) {
    return false;
  }
  return true;
}

std::string EscapePattern(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    if (kSyntax.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace bridge::schema
