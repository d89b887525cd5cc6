#include "bridge/mcp/progress.h"

#include "bridge/base/json_text.h"

namespace bridge::mcp {

Answer::Sent Progress::Tell(uint64_t count, std::string_view words, uint32_t beat) {
  std::string message =
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)";
  message.append(token_).append(R"(,"progress":)").append(std::to_string(count));
  // Progress must grow: a beat is a thousandth of what is counted.
  if (beat > 0) message.append(".").append(std::to_string(1000 + beat).substr(1));
  message.append(R"(,"message":)");
  AppendJsonString(&message, words);
  message.append("}}");
  return answer_.Send(message);
}

Heartbeat::Heartbeat(std::string_view token, Answer* answer, upstream::Completions* completions)
    : progress_(token, answer), timer_(upstream::Timer::Of<&Heartbeat::Beat>(completions, this)) {
  timer_.Set(kInterval);
}

// Whether or not the client keeps up: it is little that waits for it, and on stdio it may be full
// of the answers of others.
void Heartbeat::Beat() {
  seconds_ += kInterval.count();
  const std::string words = "the service has been working for " + std::to_string(seconds_) + " s";
  if (progress_.Tell(seconds_, words) != Answer::Sent::kGone) timer_.Set(kInterval);
}

}  // namespace bridge::mcp
