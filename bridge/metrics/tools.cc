#include "bridge/metrics/tools.h"

namespace bridge::metrics {

uint16_t Tools::Number(const ToolLabels& labels, bool* added) {
  *added = false;
  const std::lock_guard lock(mutex_);
  if (const auto known = numbers_.find(labels.tool); known != numbers_.end()) {
    tools_[known->second - 1] = labels;
    return known->second;
  }
  if (tools_.size() == most_) return 0;
  *added = true;
  tools_.push_back(labels);
  const auto number = static_cast<uint16_t>(tools_.size());
  numbers_.emplace(labels.tool, number);
  return number;
}

std::vector<ToolLabels> Tools::List() const {
  const std::lock_guard lock(mutex_);
  return tools_;
}

}  // namespace bridge::metrics
