// Names to small numbers, built once and then only read: members of an object, values of an enum.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace bridge::transcode {

class NameTable final {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  // False if the name is already there; the first one stays. The name must outlive the table.
  bool Add(std::string_view name, uint32_t value);

  uint32_t Find(std::string_view name) const {
    if (slots_.empty()) return kNone;
    for (size_t i = Hash(name) & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.value == kNone) return kNone;
      if (slot.name == name) return slot.value;
    }
  }

 private:
  struct Slot {
    std::string_view name;
    uint32_t value = kNone;
  };

  // Length, first and last bytes tell names of one message apart; names are not attacker-chosen
  // in number, so nothing stronger is needed.
  static size_t Hash(std::string_view name) {
    const size_t size = name.size();
    uint64_t head = 0;
    uint64_t tail = 0;
    if (size >= 8) {
      std::memcpy(&head, name.data(), 8);
      std::memcpy(&tail, name.data() + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(&head, name.data(), 4);
      std::memcpy(&tail, name.data() + size - 4, 4);
    } else if (size > 0) {
      head = static_cast<unsigned char>(name[0]);
      tail = static_cast<unsigned char>(name[size - 1]) * 256u +
             static_cast<unsigned char>(name[size / 2]);
    }
    const uint64_t mixed = (head ^ (tail << 17 | tail >> 47) ^ size) * 0x9E3779B97F4A7C15u;
    return static_cast<size_t>(mixed ^ (mixed >> 32));
  }

  void Grow();

  std::vector<Slot> slots_;
  size_t mask_ = 0;
  size_t used_ = 0;
};

}  // namespace bridge::transcode
