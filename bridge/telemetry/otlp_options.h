// How spans leave the process: OTLP 1.11 (traces). Plain values, read from OTEL_EXPORTER_OTLP_* and
// OTEL_BSP_*.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/telemetry/env_reader.h"

namespace bridge::telemetry {

struct OtlpOptions {
  enum class Protocol : uint8_t { kHttpProtobuf, kGrpc };

  Protocol protocol = Protocol::kHttpProtobuf;
  // kHttpProtobuf: the whole URL of the POST. kGrpc: a gRPC target, such as "collector:4317".
  std::string endpoint = "http://localhost:4318/v1/traces";
  bool tls = false;  // kGrpc only; kHttpProtobuf goes by the URL
  // PEM text, empty if not given: then the system's roots, and no client certificate.
  std::string root_certificates, client_certificate, client_key;
  // Legal for the protocol. Secrets: never logged.
  std::vector<std::pair<std::string, std::string>> headers;
  bool gzip = false;

  // One batch with all its retries; zero means no limit.
  std::chrono::milliseconds timeout{10'000};
  // A batch leaves when it is full, or this long after its first span.
  std::chrono::milliseconds schedule_delay{5'000};
  // OpenTelemetry's default is 2,048, but spans arrive here in bursts of up to 50 ms.
  uint32_t max_queue_spans = 8192;
  uint32_t max_batch_spans = 512;
  // A batch that is larger leaves in parts. The default limit of gRPC servers.
  size_t max_request_bytes = 4 << 20;

  // Before the n-th retry: initial * 2^n, at most `max`, of which a random half is taken off.
  std::chrono::milliseconds initial_backoff{1'000};
  std::chrono::milliseconds max_backoff{30'000};
};

// Nothing, and a warning, if the endpoint or a certificate cannot be used: it is safer to send no
// spans than to send them, and the secrets in the headers, to the wrong place.
std::optional<OtlpOptions> ParseOtlpOptions(EnvReader* env);

}  // namespace bridge::telemetry
