// What the bridge itself says of a failed call: what happened, whether it took effect, what to do.
// Total over all codes, causes and deliveries. No word of the service is in it.
#pragma once

#include <cstdint>
#include <string>

#include "bridge/descriptor/graph.h"
#include "bridge/mcp/error_details.h"
#include "bridge/upstream/channel.h"

namespace bridge::mcp {

// Whether the call changed something.
enum class Effect : uint8_t { kNone, kUnknown, kDone };

struct Verdict {
  std::string what;    // sentences, or empty where the service says it better
  std::string remedy;  // sentences
  Effect effect = Effect::kUnknown;
  bool retryable = false;  // the same call again is safe, and may succeed
};

// Of a call to `method` with the deadline `timeout_ms` whose result is not OK. `says_why`: the
// service does, in words that are shown. `begun`: it was in the middle of a stream, so that even a
// refusal may come after effects.
Verdict JudgeFailure(const upstream::CallResult& result, const descriptor::Method& method,
                     const ErrorDetails& details, bool says_why, int64_t timeout_ms, bool begun);

// Of a stream with CallResult::untaken. A sentence.
inline constexpr char kUntaken[] =
    "The service had not taken the request: it may have as many calls under way as it allows on a "
    "connection.";

// How a model goes on after a stream that the bridge ended before the service did, and does nothing
// twice. Sentences.
std::string HowToGoOn(const descriptor::Method& method);

// Why an answer that is there cannot be passed on.
enum class AnswerFault : uint8_t { kUnreadable, kTooLarge, kNoRoom };

// Of such a call; `what` says the reason.
Verdict JudgeAnswer(const std::string& what, const descriptor::Method& method, AnswerFault fault);

}  // namespace bridge::mcp
