// Names to small numbers, built once and then only read: members of an object, values of an enum.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "bridge/transcode/key_set.h"

namespace bridge::transcode {

class NameTable final {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  // False if the name is already there; the first one stays. The name must outlive the table;
  // it has less than 4 GiB.
  bool Add(std::string_view name, uint32_t value);

  uint32_t Find(std::string_view name) const {
    if (slots_.empty()) return kNone;
    for (size_t i = Hash(name) & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.value == kNone) return kNone;
      if (slot.name() == name) return slot.value;
    }
  }

 private:
  struct Slot {
    const char* data = nullptr;
    uint32_t size = 0;
    uint32_t value = kNone;

    std::string_view name() const { return {data, size}; }
  };

  // Seeded: names come from descriptors, which come from servers.
  static size_t Hash(std::string_view name) { return static_cast<size_t>(HashKey(name)); }

  void Grow();

  std::vector<Slot> slots_;
  size_t mask_ = 0;
  size_t used_ = 0;
};

}  // namespace bridge::transcode
