// Finds repeated keys of one map: a hash set of small numbers that stand for the keys. The hash is
// seeded for the process, so that keys from outside can not be made to collide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bridge::transcode {

uint64_t HashKey(std::string_view key);
// Of a small number, such as the index of a field.
inline uint64_t HashNumber(uint32_t number) {
  return number * uint64_t{0x9E3779B97F4A7C15} >> 20;
}

class KeySet final {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  // `slots` is a stack: a set that is made while another one is in use must be gone before that
  // one is added to again.
  explicit KeySet(std::vector<uint64_t>* slots) : slots_(slots), base_(slots->size()) {}
  KeySet(const KeySet&) = delete;
  KeySet& operator=(const KeySet&) = delete;
  ~KeySet() { slots_->resize(base_); }

  // Adds `id`, or returns an id that is there already and for which same(that id) holds.
  template <typename Same>
  uint32_t Add(uint32_t id, uint64_t hash, const Same& same) {
    if (2 * used_ >= capacity()) Grow();
    const size_t mask = capacity() - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
      uint64_t& slot = (*slots_)[base_ + i];
      if (slot == 0) {
        slot = MakeSlot(id, hash);
        ++used_;
        return kNone;
      }
      if (slot >> 32 == static_cast<uint32_t>(hash) && same(static_cast<uint32_t>(slot) - 1)) {
        return static_cast<uint32_t>(slot) - 1;
      }
    }
  }

 private:
  static constexpr size_t kInitialCapacity = 16;

  static uint64_t MakeSlot(uint32_t id, uint64_t hash) {
    return hash << 32 | (static_cast<uint64_t>(id) + 1);
  }
  size_t capacity() const { return slots_->size() - base_; }
  void Grow();

  std::vector<uint64_t>* slots_;
  size_t base_;
  size_t used_ = 0;
};

}  // namespace bridge::transcode
