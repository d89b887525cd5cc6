// The lexical rules of HTTP fields (RFC 9110 5, RFC 9112 5). Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bridge/http/message.h"
#include "bridge/http/refusal.h"

namespace bridge::http {

Field ClassifyField(std::string_view name);

// Length of the longest prefix of `text` made of token characters (RFC 9110 5.6.2).
size_t TokenPrefix(std::string_view text);
// Length of the longest prefix without control characters other than HTAB.
size_t FieldValuePrefix(std::string_view text);
// Length of the longest prefix of characters a request target may have: visible ASCII without '#'.
size_t TargetPrefix(std::string_view text);

std::string_view TrimBlanks(std::string_view text);

// ASCII only, as HTTP compares names.
bool EqualsIgnoreCaseOfSize(size_t size, const char* a, const char* b);
inline bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && EqualsIgnoreCaseOfSize(a.size(), a.data(), b.data());
}

// host[:port] with a reg-name, an IPv4 address or an IPv6 literal (RFC 3986 3.2.2); not empty.
bool IsHost(std::string_view host);

// One field line without its line end. Sets `header` to views into `line`, the value trimmed.
std::optional<Refusal> ParseFieldLine(std::string_view line, Header& header);

}  // namespace bridge::http
