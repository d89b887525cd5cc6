// One attempt to hand an encoded batch to a collector: OTLP 1.11 over gRPC or over HTTP.
//
// Send is called by one thread, which it blocks; Cancel by any: it makes the present and every
// later Send return soon.
#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/telemetry/otlp_options.h"

namespace bridge::telemetry {

struct SendResult {
  enum class Outcome : uint8_t { kAccepted, kRetry, kRefused };

  Outcome outcome = Outcome::kAccepted;
  // kRetry: how long the collector asked to wait, instead of our own backoff.
  std::optional<std::chrono::milliseconds> retry_after;
  int64_t rejected_spans = 0;  // kAccepted: a partial success
  std::string message;         // what went wrong, for the log; made of the collector's words
};

class OtlpSender {
 public:
  virtual ~OtlpSender() = default;
  // No deadline: time_point::max().
  virtual SendResult Send(const std::string& request,
                          std::chrono::steady_clock::time_point deadline) = 0;
  virtual void Cancel() = 0;
};

std::unique_ptr<OtlpSender> MakeGrpcSender(const OtlpOptions& options);
std::unique_ptr<OtlpSender> MakeHttpSender(const OtlpOptions& options);

// What an answer means for the batch. The lists of retryable codes are OTLP's.
SendResult JudgeGrpcStatus(const grpc::Status& status);
// `retry_after`: zero if the answer had no such header.
SendResult JudgeHttpStatus(int status, std::chrono::seconds retry_after);
// The body of a success: full, or partial.
SendResult JudgeResponse(std::string_view body);

// "grpc-mcp-bridge/1.2 OTel-OTLP-Exporter-Cpp/1.2"
std::string OtlpUserAgent();

}  // namespace bridge::telemetry
