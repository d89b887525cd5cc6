// Text for spans: OTLP carries only well-formed UTF-8 (a collector rejects a whole request for one
// bad byte). Pure functions; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace bridge::telemetry {

std::string ToLowerAscii(std::string_view text);

// Without spaces and tabs at either end.
std::string_view TrimBlanks(std::string_view text);

// At most `max_bytes` of `text`, without cutting a character in two.
std::string_view CutUtf8(std::string_view text, size_t max_bytes);

// `text` with every byte that is not part of a well-formed character replaced by U+FFFD.
std::string ToValidUtf8(std::string_view text);

// RFC 3339 in UTC with milliseconds, as 2026-11-20T08:15:00.123Z.
void AppendUtcTime(std::string* out, std::chrono::system_clock::time_point time);

}  // namespace bridge::telemetry
