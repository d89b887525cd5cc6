// Why a conversion stops. Nothing is stored and nothing is built while a conversion succeeds: the
// place that fails sets the message, and every level on the way out adds its step of the path.
//
// A pass that collects goes on behind a fault. What failed within the value that is being read is
// "open": it still needs the steps of the levels above.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/base/json_cursor.h"
#include "bridge/transcode/codec.h"

namespace bridge::transcode {

class Failure final {
 public:
  // Each returns false, so that a failing function can return it. While a fault is open its message
  // stays; a step goes to all that are open.
  bool Set(std::string message);
  // The same for what nothing can be read behind.
  bool SetLast(std::string message);
  // Says more of the open faults.
  void Append(std::string_view text);
  bool InMember(std::string_view name);
  bool InElement(size_t index);
  // A step whose name must not be shown.
  bool InHiddenMember();

  // The first open fault, and where the faults of the next value will begin.
  size_t open() const { return open_; }
  void Close() { open_ = faults_.size(); }
  void Reopen(size_t open) { open_ = open; }

  size_t count() const { return faults_.size(); }
  bool last() const { return last_; }

  // The first fault, with the others in it: `most` in all.
  CodecError ToError(int most) const;

 private:
  struct Fault {
    std::string message;
    std::vector<std::string> steps;  // innermost first
  };

  bool AddStep(const std::string& step);

  std::vector<Fault> faults_;
  size_t open_ = 0;
  bool last_ = false;
};

// At most 64 bytes of `text`, visible and in quotes.
std::string QuoteInput(std::string_view text);
// The whole name of a field or an enum value, which the descriptor's limits bound.
std::string QuoteName(std::string_view name);

// "a", "b" or "c"; the rest is counted beyond `limit`.
std::string ListNames(const std::vector<std::string_view>& names, size_t limit);
inline constexpr size_t kMaxListedNames = 10;

// Which of `names` may have been meant by `name`; empty: none, or there are too many to look.
std::string_view Nearest(std::string_view name, const std::vector<std::string_view>& names);
// What to write in its place: "; did you mean "a"?", or else all `names`.
std::string NearestOrAll(std::string_view name, const std::vector<std::string_view>& names);

// "an array"
std::string_view NameOf(JsonType type);
// The same with the value of a scalar: "a number (5)". Of a string `text` is what it says, else it
// is JSON text.
std::string DescribeValue(JsonType type, std::string_view text);

}  // namespace bridge::transcode
