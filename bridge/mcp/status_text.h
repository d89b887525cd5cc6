// Turns a failed call into words a model can act on: what happened, whether it took effect, and
// what to do. Total over all codes, causes and deliveries. What the service says stands in quotes
// behind words that say so (service_words.h, error_details.h); the bridge's own sentences are never
// cut.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/catalog/catalog.h"
#include "bridge/upstream/channel.h"

namespace bridge::mcp {

struct StatusText {
  std::string text;  // UTF-8, one line, at most about 2 KiB
  std::string meta;  // JSON object: code, name, retryable, effect, and what the details say
};

// What is known of a call beside its result. `tool` and `missing` must live as long as it is used.
struct CallFacts {
  const catalog::Tool& tool;
  std::string trace_id;    // what the person on call can look up; empty: none
  int64_t timeout_ms = 0;  // the deadline the call had
  bool begun = false;      // in the middle of a stream: see JudgeFailure
  // Names of arguments that the schema requires and the call lacked: told where the service may
  // have failed for them and does not say so.
  std::string_view missing;
  // Passes on what a service says with INTERNAL and UNKNOWN, often the text of an exception.
  bool show_internal_errors = false;
};

// `result.code` is not kOk.
StatusText ToStatusText(const upstream::CallResult& result, const CallFacts& call);

// The service answered OK, and its answer cannot be told as JSON.
StatusText UnreadableAnswer(const transcode::CodecError& error, const CallFacts& call);

// The same, of `bytes` bytes that the bridge has no memory for at the moment.
StatusText AnswerWithoutRoom(size_t bytes, const descriptor::Method& method);

}  // namespace bridge::mcp
