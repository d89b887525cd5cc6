// All that one process counts: a part for each reactor, and what their series mean.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bridge/metrics/http_metrics.h"
#include "bridge/metrics/label_sets.h"
#include "bridge/metrics/mcp_metrics.h"
#include "bridge/metrics/page.h"

namespace bridge::metrics {

struct Options {
  size_t tools = 50;  // that have series of their own, at most
  size_t reactors = 1;
  std::vector<std::string> upstreams;  // their names, in the order of CallRecord::upstream_index
};

// Of one reactor; its thread alone writes.
struct ReactorMetrics {
  explicit ReactorMetrics(LabelSets* sets)
      : http(&sets->http, &rejections), mcp(sets, &rejections) {}
  Rejections rejections;
  HttpMetrics http;
  McpMetrics mcp;
};

class Metrics final {
 public:
  explicit Metrics(Options options);

  LabelSets& sets() { return sets_; }
  ReactorMetrics& reactor(size_t index) { return *reactors_[index]; }

  // Any thread. `names`: with the series whose labels name tools or upstreams.
  void Append(bool names, Page* page) const;

 private:
  LabelSets sets_;
  std::vector<std::unique_ptr<ReactorMetrics>> reactors_;
};

}  // namespace bridge::metrics
