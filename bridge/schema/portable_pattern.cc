#include "bridge/schema/portable_pattern.h"

#include "bridge/base/text.h"

namespace bridge::schema {
namespace {

constexpr size_t kMaxPatternBytes = 500;
constexpr int kMaxRepeat = 1000;  // of RE2
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

// Reads a number of at most four digits at `*at`, if there is one.
bool TakeNumber(std::string_view pattern, size_t* at, int* number) {
  const size_t start = *at;
  *number = 0;
  while (*at < pattern.size() && pattern[*at] >= '0' && pattern[*at] <= '9' && *at - start < 4) {
    *number = *number * 10 + (pattern[(*at)++] - '0');
  }
  return *at > start;
}

// Reads `{2}`, `{2,}` or `{2,5}`, whose brace is at `*at`, and moves behind it.
bool TakeRepeat(std::string_view pattern, size_t* at) {
  int low = 0;
  ++*at;
  if (!TakeNumber(pattern, at, &low)) return false;
  int high = low;
  if (*at < pattern.size() && pattern[*at] == ',') {
    ++*at;
    if (!TakeNumber(pattern, at, &high)) high = low;
  }
  if (*at >= pattern.size() || pattern[*at] != '}') return false;
  ++*at;
  return low <= high && high <= kMaxRepeat;
}

// Reads one member of a class; `letter` is 0 for a class of its own, as \d.
bool TakeMember(std::string_view pattern, size_t* at, char* letter) {
  const char c = pattern[(*at)++];
  *letter = c;
  if (c == '[') return false;  // [[:alpha:]]
  if (c != '\\') return true;
  *letter = 0;
  return TakeEscape(pattern, true, at);
}

bool TakeClass(std::string_view pattern, size_t* at) {
  ++*at;
  if (*at < pattern.size() && pattern[*at] == '^') ++*at;
  if (*at < pattern.size() && pattern[*at] == ']') return false;  // a literal in RE2 only
  while (*at < pattern.size() && pattern[*at] != ']') {
    char first = 0;
    char last = 0;
    if (!TakeMember(pattern, at, &first)) return false;
    if (*at + 1 >= pattern.size() || pattern[*at] != '-' || pattern[*at + 1] == ']') continue;
    ++*at;
    if (!TakeMember(pattern, at, &last) || first == 0 || last == 0) return false;
    if (static_cast<unsigned char>(first) > static_cast<unsigned char>(last)) return false;
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
  int open = 0;
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
      ++open;
    } else if (c == ')') {
      if (--open < 0) return false;
      ++at;
    } else if (std::string_view("{}]*+?").find(c) != std::string_view::npos) {
      return false;  // nothing to repeat, or a brace that means itself in one language only
    } else {
      repeats = c != '|' && c != '^' && c != '$';
      ++at;
    }
    if (repeats && !TakeQuantifier(pattern, &at)) return false;
  }
  return open == 0;
}

}  // namespace

bool IsPortablePattern(std::string_view pattern) {
  // What nobody sees may be meant for a model.
  return !pattern.empty() && pattern.size() <= kMaxPatternBytes &&
         VisibleText(pattern) == pattern && HasCommonSyntax(pattern);
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
