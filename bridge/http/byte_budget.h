// How many bytes one server keeps for its peers at once. Counts only: a holder says how much it
// keeps before it keeps it. One thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bridge::http {

class ByteBudget final {
 public:
  explicit ByteBudget(size_t bytes) : left_(static_cast<int64_t>(bytes)) {}

  // For what is kept in any case: others then get less.
  void Take(size_t bytes) { left_ -= static_cast<int64_t>(bytes); }
  void GiveBack(size_t bytes) { left_ += static_cast<int64_t>(bytes); }

  // Changes `share`, a part that was got here before, to `bytes`. False: that much is not left, and
  // nothing has changed.
  bool Resize(size_t& share, size_t bytes) {
    const auto more = static_cast<int64_t>(bytes) - static_cast<int64_t>(share);
    if (more > 0 && more > left_) return false;
    left_ -= more;
    share = bytes;
    return true;
  }

 private:
  int64_t left_;
};

}  // namespace bridge::http
