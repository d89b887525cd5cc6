// What a tracer is made from. Read from the standard OTEL_* variables, because operators and the
// OpenTelemetry Operator's injection expect exactly these to work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bridge/telemetry/env_reader.h"
#include "bridge/telemetry/otlp_options.h"
#include "bridge/telemetry/sampler.h"
#include "bridge/telemetry/span.h"

namespace bridge::telemetry {

// What the ring of recent traces may hold; the oldest trace goes first.
struct RingLimits {
  size_t traces = 256;
  size_t spans = 8192;
  size_t spans_per_trace = 1024;
  size_t bytes = 16 << 20;
};

// Where spans stay in the ring, and no sampler is named: the traces a second it is for.
constexpr int kRingTracesPerSecond = 20;

struct TracerOptions {
  Resource resource;
  SamplerOptions sampler;
  SpanLimits span_limits;
  RingLimits ring;
  // Nothing: spans stay in the ring.
  std::optional<OtlpOptions> otlp;
  // Each finished span as one line of JSON on stderr (stdout belongs to MCP's stdio transport).
  bool console = false;
  // OTEL_SDK_DISABLED: no span is recorded; the caller's context is passed on unchanged.
  bool disabled = false;
  // OTEL_PROPAGATORS names tracecontext. If not, callers neither read nor send traceparent: remote
  // parents are ignored by the tracer, and Tracer::propagates() says not to send any.
  bool propagate = true;
  // Spans that may wait for the background thread.
  size_t queue_spans = 8192;
};

// Every OTEL_* variable that concerns traces takes effect or is named in `warnings`, with the
// reason; values that may be secret are not repeated there. `service_name` is used when neither
// OTEL_SERVICE_NAME nor OTEL_RESOURCE_ATTRIBUTES gives one. Reads the certificate files once.
//
// With neither an exporter nor a sampler named, kRingTracesPerSecond bounds what is recorded.
//
// Spans are exported only if an OTLP endpoint variable is set or OTEL_TRACES_EXPORTER names otlp:
// OpenTelemetry's own default, localhost, would make a bridge that has no collector retry for ever.
TracerOptions ParseTelemetryOptions(EnvLookup env, std::string service_name,
                                    std::vector<std::string>* warnings);

}  // namespace bridge::telemetry
