// Text forms of google.protobuf.Timestamp (the RFC 3339 profile of ProtoJSON: capital T and Z, up
// to nine fraction digits, years 0001 to 9999) and Duration (seconds with the suffix "s").
// No allocation; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bridge::transcode {

// Seconds since 1970-01-01T00:00:00Z; nanos count forward and are below 1e9.
// A duration's nanos have the sign of its seconds.
struct SecondsAndNanos {
  int64_t seconds = 0;
  int32_t nanos = 0;
};

inline constexpr size_t kMaxTimeText = 48;

bool ParseTimestamp(std::string_view text, SecondsAndNanos* value);
bool ParseDuration(std::string_view text, SecondsAndNanos* value);

// Writes 0, 3, 6 or 9 fraction digits; returns the end, or null if the value is out of range.
char* WriteTimestamp(char* out, SecondsAndNanos value);
char* WriteDuration(char* out, SecondsAndNanos value);

// Any value, for people: what is in range as above; a year beyond has a sign, as ISO 8601 extends
// it (+10000-01-01T00:00:00Z); parts that do not fit each other are summed.
char* WriteFarTimestamp(char* out, SecondsAndNanos value);
char* WriteFarDuration(char* out, SecondsAndNanos value);

}  // namespace bridge::transcode
