#include "bridge/transcode/any_types.h"

#include "bridge/transcode/plan.h"

namespace bridge::transcode {

void AnyTypes::Add(const descriptor::Graph& graph, PlanSet* plans) {
  for (const descriptor::Message& message : graph.messages()) {
    if (!message.map_entry) places_.try_emplace(message.full_name, Place{&message, plans});
  }
}

bool AnyTypes::Has(std::string_view full_name) const {
  return places_.contains(full_name) || (next_ != nullptr && next_->Has(full_name));
}

const Plan* AnyTypes::Find(std::string_view full_name, PlanRole role) const {
  const auto found = places_.find(full_name);
  if (found != places_.end()) return found->second.plans->Compile(*found->second.message, role);
  return next_ == nullptr ? nullptr : next_->Find(full_name, role);
}

}  // namespace bridge::transcode
