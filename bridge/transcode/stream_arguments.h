// The arguments of a tool whose method streams (docs/conversion.md): those of one message and
// beside them, or a list of messages and beside it, the limit that ends the answer early.
//
// All messages are converted before the first is sent, so that a mistake in the last of them has no
// effect. Of the answer each message is Codec::WireToStructured by itself; who collects them writes
// {"messages":[...]} around what that appends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/descriptor/streaming.h"
#include "bridge/transcode/codec.h"

namespace bridge::transcode {

// How a method's arguments are read; references to what outlives the call.
struct StreamMethod {
  const Codec& codec;
  const Plan& input;  // of its request
  const descriptor::Streaming& streaming;
};

struct StreamArguments {
  std::string wire;          // the encoded messages, one behind the other
  std::vector<size_t> ends;  // where each of them ends in `wire`
  // The limit that a model asks for; each at least 1.
  std::optional<uint32_t> max_messages, max_seconds;

  std::string_view message(size_t i) const {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(wire).substr(begin, ends[i] - begin);
  }
};

// As Codec::ArgumentsToWire, in the codec's form, for a method of any shape but kUnary. Of a server
// stream `ends` has one element. A path has the index of its message: "$.messages[3].quantity".
// What is wrong with the limit is told last. CodecLimits count for each message, max_wire_bytes and
// max_faults also for all together.
//
// ParseOptions::given is about the one message of a server stream; else it becomes 0. On failure
// `out` is empty. Any thread.
bool StreamArgumentsToWire(const StreamMethod& method, std::string_view json,
                           const ParseOptions& options, StreamArguments* out, CodecError* error);

}  // namespace bridge::transcode
