#include "bridge/metrics/label_sets.h"

#include <algorithm>
#include <utility>

namespace bridge::metrics {
namespace {

size_t Room(size_t tools) {
  return tools + std::max<size_t>(8, tools / 8);
}

}  // namespace

LabelSets::LabelSets(size_t most_tools, std::vector<std::string> upstream_names)
    : tools(most_tools),
      operations(Room(most_tools)),
      rpcs(Room(most_tools)),
      upstreams(std::move(upstream_names)),
      places_(most_tools + 1, Places{operations.size(), rpcs.size()}) {}

uint16_t LabelSets::Publish(const ToolLabels& labels) {
  bool added = false;
  const uint16_t number = tools.Number(labels, &added);
  if (added) {
    places_[number] = {operations.Claim(Key(number, 0)), rpcs.Claim(Key(number, 0))};
  }
  return number;
}

}  // namespace bridge::metrics
