// What conversions of one thread reuse, so that in steady state none of them allocates. The vectors
// are stacks: every level of a conversion takes its part off the end and gives it back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/transcode/byte_buffer.h"

namespace bridge::transcode {

// One field as found on the wire. For a number `bits` is its payload; for length-delimited fields
// and groups `data` and `size` are the payload; for repeated fields they are a run of whole
// records, tags included.
struct Record {
  uint32_t field;  // index in Plan::fields
  uint32_t size;
  union {
    uint64_t bits;
    const char* data;
  };

  std::string_view bytes() const { return {data, size}; }
};

struct MapEntry {
  std::string_view payload;
  std::string_view key;  // string keys
  uint64_t key_bits;     // all others
  bool live;
};

struct Scratch {
  ByteBuffer out;
  std::string text;
  std::vector<Record> records;
  std::vector<MapEntry> entries;
  std::vector<uint64_t> key_slots;

  // Gives memory back that only an unusually large message needed.
  void Shrink() {
    constexpr size_t kKept = 1u << 16;
    out.Shrink();
    if (text.capacity() > kKept) text = std::string();
    if (records.capacity() > kKept) records = {};
    if (entries.capacity() > kKept) entries = {};
    if (key_slots.capacity() > kKept) key_slots = {};
  }
};

// Cuts a stack back to its height at construction.
template <typename T>
class StackScope final {
 public:
  explicit StackScope(std::vector<T>* stack) : stack_(stack), base_(stack->size()) {}
  StackScope(const StackScope&) = delete;
  StackScope& operator=(const StackScope&) = delete;
  ~StackScope() { stack_->erase(stack_->begin() + static_cast<ptrdiff_t>(base_), stack_->end()); }

  size_t base() const { return base_; }

 private:
  std::vector<T>* stack_;
  size_t base_;
};

}  // namespace bridge::transcode
