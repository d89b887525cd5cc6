// OTLP 1.11 protobuf bytes from outside: spans that other processes send to the ring, and a
// collector's answers. Nothing is trusted: sizes, depth and text are checked. Pure functions; any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bridge/telemetry/span.h"

namespace bridge::telemetry {

struct OtlpDecodeLimits {
  size_t bytes = 4 << 20;
  size_t spans = 10'000;
  size_t decoded_bytes = 32 << 20;  // of memory: an empty attribute grows from 2 bytes to 150
  SpanLimits span;                  // what exceeds it is dropped and counted in the span
  // Longer names, keys and messages are cut.
  size_t name_bytes = 1024;
};

struct DecodedSpans {
  std::vector<ResourceSpans> resources;
  size_t spans = 0;           // in all resources
  size_t rejected_spans = 0;  // without a usable trace id or span id
};

// An ExportTraceServiceRequest. Lists and maps among the attribute values become JSON text, bytes
// become hex. Text that is not UTF-8 is mended.
// Errors: kResourceExhausted (too many bytes, spans or attributes), kInvalidArgument (not OTLP).
absl::StatusOr<DecodedSpans> DecodeOtlp(std::string_view bytes,
                                        const OtlpDecodeLimits& limits = {});

struct OtlpPartialSuccess {
  int64_t rejected_spans = 0;
  std::string message;
};

// An ExportTraceServiceResponse; all zero and empty means full success. kInvalidArgument if
// malformed.
absl::StatusOr<OtlpPartialSuccess> DecodeOtlpResponse(std::string_view bytes);

}  // namespace bridge::telemetry
