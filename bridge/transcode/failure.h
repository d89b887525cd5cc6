// Why a conversion stops. Nothing is stored and nothing is built while a conversion succeeds: the
// place that fails sets the message, and every level on the way out adds its step of the path.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/transcode/codec.h"

namespace bridge::transcode {

class Failure final {
 public:
  // Each returns false, so that a failing function can return it. The first message stays.
  bool Set(std::string message);
  bool InMember(std::string_view name);
  bool InElement(size_t index);
  // A step whose name must not be shown.
  bool InHiddenMember();

  CodecError ToError() const;

 private:
  std::string message_;
  std::vector<std::string> steps_;  // innermost first
};

// At most 64 bytes of `text`, visible and in quotes.
std::string QuoteInput(std::string_view text);

// "a", "b" or "c"; the rest is counted beyond `limit`.
std::string ListNames(const std::vector<std::string_view>& names, size_t limit);

}  // namespace bridge::transcode
