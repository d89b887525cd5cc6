#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include <algorithm>

#include "bridge/base/text.h"
#include "bridge/base/version.h"
#include "bridge/telemetry/otlp_decode.h"
#include "bridge/telemetry/otlp_sender.h"
#include "bridge/telemetry/text.h"

namespace bridge::telemetry {
namespace {

using Outcome = SendResult::Outcome;

constexpr size_t kMaxMessageBytes = 256;
// A collector that asks for more is asked again after this.
constexpr std::chrono::seconds kMaxRetryAfter{300};

std::string ToLogText(std::string_view message) {
  return VisibleText(CutUtf8(message, kMaxMessageBytes));
}

std::optional<std::chrono::milliseconds> FindRetryDelay(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::RetryInfo retry;
  if (!details.ParseFromString(status.error_details())) return std::nullopt;
  for (const google::protobuf::Any& detail : details.details()) {
    if (!detail.UnpackTo(&retry)) continue;
    const int64_t limit = kMaxRetryAfter.count();
    const int64_t seconds = std::clamp<int64_t>(retry.retry_delay().seconds(), 0, limit);
    const int64_t nanos = std::clamp<int64_t>(retry.retry_delay().nanos(), 0, 999'999'999);
    return std::chrono::milliseconds(seconds * 1000 + nanos / 1'000'000);
  }
  return std::nullopt;
}

}  // namespace

SendResult JudgeGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return {};
  SendResult result;
  result.message = "gRPC status " + std::to_string(status.error_code()) + ": " +
                   ToLogText(status.error_message());
  result.retry_after = FindRetryDelay(status);
  bool retry = false;
  switch (status.error_code()) {
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS:
      retry = true;
      break;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      retry = result.retry_after.has_value();
      break;
    default:
      break;
  }
  result.outcome = retry ? Outcome::kRetry : Outcome::kRefused;
  return result;
}

SendResult JudgeHttpStatus(int status, std::chrono::seconds retry_after) {
  if (status >= 200 && status < 300) return {};
  SendResult result;
  result.message = "HTTP status " + std::to_string(status);
  const bool retry = status == 429 || status == 502 || status == 503 || status == 504;
  result.outcome = retry ? Outcome::kRetry : Outcome::kRefused;
  if (retry_after.count() > 0) result.retry_after = std::min(retry_after, kMaxRetryAfter);
  return result;
}

SendResult JudgeResponse(std::string_view body) {
  SendResult result;
  const absl::StatusOr<OtlpPartialSuccess> response = DecodeOtlpResponse(body);
  if (!response.ok()) {
    // The batch was taken; only the words about it are lost.
    result.message = std::string(response.status().message());
    return result;
  }
  result.rejected_spans = std::max<int64_t>(response->rejected_spans, 0);
  result.message = ToLogText(response->message);
  return result;
}

std::string OtlpUserAgent() {
  return "grpc-mcp-bridge/" BRIDGE_VERSION " OTel-OTLP-Exporter-Cpp/" BRIDGE_VERSION;
}

}  // namespace bridge::telemetry
