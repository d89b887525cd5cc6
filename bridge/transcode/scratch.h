// What conversions of one thread reuse, so that in steady state none of them allocates. The vectors
// are stacks: every level of a conversion takes its part off the end and gives it back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/transcode/byte_buffer.h"
#include "bridge/transcode/group_ends.h"
#include "bridge/transcode/wire.h"

namespace bridge::transcode {

struct MapEntry {
  std::string_view payload;
  std::string_view key;  // string keys
  uint64_t key_bits;     // all others
  bool live;
};

// Which member of a oneof a message has; of the message that `message` counts.
struct OneofState {
  uint64_t message;
  size_t since;     // the record from which on it counts
  uint32_t member;  // index in Plan::fields
};

// A length in ToWire's output for which one byte is too little and that gets its room at the end.
struct LateLength {
  size_t at;
  size_t size;
};

struct Scratch {
  ByteBuffer out;
  std::string text;
  std::vector<Record> records;
  std::vector<MapEntry> entries;
  std::vector<uint64_t> key_slots;
  std::vector<LateLength> lengths;
  std::vector<OneofState> oneofs;  // of messages that have many
  uint64_t messages = 0;
  GroupEnds groups;

  // Gives memory back that only an unusually large message needed.
  void Shrink() {
    out.Shrink();
    if (text.capacity() > kKept) text = std::string();
    ShrinkOne(&records);
    ShrinkOne(&entries);
    ShrinkOne(&key_slots);
    ShrinkOne(&lengths);
    ShrinkOne(&oneofs);
    groups.Clear();
  }

  static constexpr size_t kKept = 1u << 16;  // elements, or bytes of text

 private:
  // Assigning {} would keep the memory: that assigns a list of no elements.
  template <typename T>
  static void ShrinkOne(std::vector<T>* vector) {
    if (vector->capacity() > kKept) *vector = std::vector<T>();
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
