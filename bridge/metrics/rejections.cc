#include "bridge/metrics/rejections.h"

#include <string_view>

namespace bridge::metrics {
namespace {

constexpr std::string_view kNames[kRejections] = {"malformed_http",  "head_too_large",
                                                  "body_too_large",  "too_slow",
                                                  "no_room",         "path",
                                                  "http_method",     "host_or_origin",
                                                  "media_type",      "not_acceptable",
                                                  "not_json",        "invalid_request",
                                                  "header_mismatch", "unsupported_version",
                                                  "unknown_session", "unknown_method",
                                                  "invalid_params",  "unknown_tool"};

}  // namespace

void Rejections::Append(std::span<const Rejections* const> reactors, Page* page) {
  page->Begin({"mcp_bridge_requests_rejected_total", Type::kCounter,
               "Requests that got no result, by the reason; tool errors are none."});
  for (size_t i = 0; i < kRejections; ++i) {
    uint64_t sum = 0;
    for (const Rejections* reactor : reactors) sum += reactor->counts_[i].value();
    page->Value({{"reason", kNames[i]}}, sum);
  }
}

}  // namespace bridge::metrics
