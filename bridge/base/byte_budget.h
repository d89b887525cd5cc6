// How many bytes one reactor keeps for its peers at once. Counts only: a holder says how much it
// keeps before it keeps it. One thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bridge {

class ByteBudget final {
 public:
  explicit ByteBudget(size_t bytes) : left_(static_cast<int64_t>(bytes)) {}

  // For what is kept in any case: others then get less.
  void Take(size_t bytes) { left_ -= static_cast<int64_t>(bytes); }
  void GiveBack(size_t bytes) { left_ += static_cast<int64_t>(bytes); }

  bool HasRoomFor(size_t bytes) const { return static_cast<int64_t>(bytes) <= left_; }

  // Changes `share`, a part that was got here before, to `bytes`. False: that much is not left, and
  // nothing has changed.
  bool Resize(size_t& share, size_t bytes) {
    if (bytes > share && !HasRoomFor(bytes - share)) return false;
    Set(share, bytes);
    return true;
  }
  // The same for what is kept in any case.
  void Set(size_t& share, size_t bytes) {
    left_ -= static_cast<int64_t>(bytes) - static_cast<int64_t>(share);
    share = bytes;
  }

 private:
  int64_t left_;
};

}  // namespace bridge
