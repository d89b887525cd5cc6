#include "bridge/transcode/key_set.h"

#include <cstring>
#include <random>

namespace bridge::transcode {
namespace {

uint64_t Mix(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t MakeSeed() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32 | device()) | 1;
}

}  // namespace

uint64_t HashKey(std::string_view key) {
  static const uint64_t seed = MakeSeed();
  uint64_t hash = seed ^ key.size();
  const char* p = key.data();
  size_t left = key.size();
  for (; left > 8; left -= 8, p += 8) {
    uint64_t block;
    std::memcpy(&block, p, sizeof(block));
    hash = Mix(hash ^ block, seed ^ 0x9E3779B97F4A7C15u);
  }
  uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, p, left);
  return Mix(hash ^ tail, seed ^ 0xD1B54A32D192ED03u);
}

void KeySet::Grow() {
  const size_t old_capacity = capacity();
  if (old_capacity == 0) {
    slots_->resize(base_ + kInitialCapacity);
    return;
  }
  // The old slots are rehashed into a fresh part behind them, which then moves into their place.
  const size_t new_capacity = 4 * old_capacity;
  slots_->resize(base_ + old_capacity + new_capacity);
  const auto old_begin = slots_->begin() + static_cast<ptrdiff_t>(base_);
  const auto new_begin = old_begin + static_cast<ptrdiff_t>(old_capacity);
  for (auto old = old_begin; old != new_begin; ++old) {
    if (*old == 0) continue;
    size_t i = (*old >> 32) & (new_capacity - 1);
    while (new_begin[static_cast<ptrdiff_t>(i)] != 0) i = (i + 1) & (new_capacity - 1);
    new_begin[static_cast<ptrdiff_t>(i)] = *old;
  }
  slots_->erase(old_begin, new_begin);
}

}  // namespace bridge::transcode
