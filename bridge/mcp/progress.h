// notifications/progress of one request (MCP 2026-07-28, basic, "Progress"): only with a token, and
// only where the client reads messages before the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/mcp/answer.h"
#include "bridge/upstream/completions.h"
#include "bridge/upstream/timer.h"

namespace bridge::mcp {

class Progress final {
 public:
  // `token` as in Call. `answer` must outlive this object.
  Progress(std::string_view token, Answer* answer)
      : token_(answer->streams() ? token : std::string_view()), answer_(*answer) {}

  bool wanted() const { return !token_.empty(); }
  // `count` must be more than the time before, or `beat` (at most 999) if it is the same. `words`
  // is UTF-8.
  Answer::Sent Tell(uint64_t count, std::string_view words, uint32_t beat = 0);

 private:
  const std::string token_;
  Answer& answer_;
};

// Tells every few seconds that a call goes on, so that a client's timer does not end it.
class Heartbeat final {
 public:
  static constexpr std::chrono::seconds kInterval{5};

  Heartbeat(std::string_view token, Answer* answer, upstream::Completions* completions);

 private:
  void Beat();

  Progress progress_;
  uint64_t seconds_ = 0;
  upstream::Timer timer_;
};

}  // namespace bridge::mcp
