#include "bridge/metrics/metrics.h"

#include <utility>

namespace bridge::metrics {

Metrics::Metrics(Options options) : sets_(options.tools, std::move(options.upstreams)) {
  for (size_t i = 0; i < options.reactors; ++i) {
    reactors_.push_back(std::make_unique<ReactorMetrics>(&sets_));
  }
}

void Metrics::Append(bool names, Page* page) const {
  std::vector<const HttpMetrics*> http;
  std::vector<const McpMetrics*> mcp;
  std::vector<const Rejections*> rejections;
  for (const auto& reactor : reactors_) {
    http.push_back(&reactor->http);
    mcp.push_back(&reactor->mcp);
    rejections.push_back(&reactor->rejections);
  }
  HttpMetrics::Append(http, sets_.http, page);
  Rejections::Append(rejections, page);
  McpMetrics::Append(mcp, sets_, names, page);
}

}  // namespace bridge::metrics
