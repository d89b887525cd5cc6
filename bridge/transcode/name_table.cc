#include "bridge/transcode/name_table.h"

namespace bridge::transcode {

bool NameTable::Add(std::string_view name, uint32_t value) {
  if (Find(name) != kNone) return false;
  if (4 * (used_ + 1) > slots_.size()) Grow();
  size_t i = Hash(name) & mask_;
  while (slots_[i].value != kNone) i = (i + 1) & mask_;
  slots_[i] = {name.data(), static_cast<uint32_t>(name.size()), value};
  ++used_;
  return true;
}

void NameTable::Grow() {
  std::vector<Slot> old(slots_.empty() ? 8 : 2 * slots_.size());
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.value == kNone) continue;
    size_t i = Hash(slot.name()) & mask_;
    while (slots_[i].value != kNone) i = (i + 1) & mask_;
    slots_[i] = slot;
  }
}

}  // namespace bridge::transcode
