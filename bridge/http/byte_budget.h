// How many bytes one server keeps for its peers at once. Counts only: a holder says how much it
// keeps before it keeps it. One thread.
#pragma once

#include <cstddef>

namespace bridge::http {

class ByteBudget final {
 public:
  explicit ByteBudget(size_t bytes) : left_(bytes) {}

  // Changes `share`, a part that was taken before, to `bytes`. False: that much is not left, and
  // nothing has changed.
  bool Resize(size_t& share, size_t bytes) {
    if (bytes > share && bytes - share > left_) return false;
    left_ = left_ + share - bytes;
    share = bytes;
    return true;
  }

 private:
  size_t left_;
};

}  // namespace bridge::http
