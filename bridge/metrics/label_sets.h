// Which labels the series of all reactors have. Shared by the reactors; written when a catalog is
// published, and when a set of labels is needed for the first time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bridge/metrics/claims.h"
#include "bridge/metrics/http_metrics.h"
#include "bridge/metrics/tools.h"

namespace bridge::metrics {

class LabelSets final {
 public:
  // Room for the calls of `most_tools` tools and for some more sets of those that fail; of fewer
  // tools more failures have series of their own.
  LabelSets(size_t most_tools, std::vector<std::string> upstreams);

  // The number of a tool that is about to be published; 0 is "_other". One thread at a time; before
  // a reactor may use the number.
  uint16_t Publish(const ToolLabels& labels);

  // Where calls of this tool that go well are counted.
  size_t OperationPlace(uint16_t tool) const { return places_[tool].operation; }
  size_t RpcPlace(uint16_t tool) const { return places_[tool].rpc; }
  // Where those are that end with `how`, a small number that is 0 if all is well.
  static uint32_t Key(uint16_t tool, uint32_t how) { return kUsed | uint32_t{tool} << 8 | how; }
  static uint16_t ToolOf(uint32_t key) { return static_cast<uint16_t>((key & ~kUsed) >> 8); }
  static uint32_t HowOf(uint32_t key) { return key & 0xff; }

  Tools tools;
  Claims operations;  // of (tool, OperationError)
  Claims rpcs;        // of (tool, status)
  Claims http{HttpMetrics::kSets};
  const std::vector<std::string> upstreams;  // their names

 private:
  static constexpr uint32_t kUsed = uint32_t{1} << 31;

  struct Places {
    size_t operation, rpc;
  };
  std::vector<Places> places_;  // by number
};

}  // namespace bridge::metrics
