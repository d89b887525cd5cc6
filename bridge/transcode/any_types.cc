#include "bridge/transcode/any_types.h"

#include <algorithm>

#include "bridge/transcode/plan.h"

namespace bridge::transcode {

bool AnyTypes::ByName(const Place& a, const Place& b) {
  return a.message->full_name < b.message->full_name;
}

void AnyTypes::Add(const descriptor::Graph& graph, PlanSet* plans) {
  const auto old_size = static_cast<std::ptrdiff_t>(places_.size());
  for (const descriptor::Message& message : graph.messages()) {
    if (!message.map_entry) places_.push_back({&message, plans});
  }
  const auto added = places_.begin() + old_size;
  std::sort(added, places_.end(), ByName);
  std::inplace_merge(places_.begin(), added, places_.end(), ByName);  // stable: the old come first
  const auto is_same = [](const Place& a, const Place& b) {
    return a.message->full_name == b.message->full_name;
  };
  places_.erase(std::unique(places_.begin(), places_.end(), is_same), places_.end());
  places_.shrink_to_fit();
}

const AnyTypes::Place* AnyTypes::FindPlace(std::string_view full_name) const {
  const auto found = std::lower_bound(
      places_.begin(), places_.end(), full_name,
      [](const Place& place, std::string_view name) { return place.message->full_name < name; });
  return found == places_.end() || found->message->full_name != full_name ? nullptr : &*found;
}

bool AnyTypes::Has(std::string_view full_name) const {
  return FindPlace(full_name) != nullptr || (next_ != nullptr && next_->Has(full_name));
}

const Plan* AnyTypes::Find(std::string_view full_name, PlanRole role) const {
  const Place* const place = FindPlace(full_name);
  if (place != nullptr) return place->plans->Compile(*place->message, role);
  return next_ == nullptr ? nullptr : next_->Find(full_name, role);
}

}  // namespace bridge::transcode
