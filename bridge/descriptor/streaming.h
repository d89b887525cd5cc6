// How a tool shows the streams of its method: what a client sends is one list of messages, what it
// gets is one more, and an argument of its own ends the answer early (docs/conversion.md). schema,
// transcode and the call ask here. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/descriptor/graph.h"

namespace bridge::descriptor {

enum class Shape : uint8_t { kUnary, kServerStream, kClientStream, kBidi };

// Members of arguments and results that are no fields.
inline constexpr std::string_view kMessagesKey = "messages";  // both lists; in the limit: how many
inline constexpr std::string_view kSecondsKey = "seconds";    // in the limit
inline constexpr std::string_view kTruncatedKey = "truncated";  // why the answer is not whole

struct Streaming {
  Shape shape = Shape::kUnary;
  // The argument that ends the answer early: an object with kMessagesKey and kSecondsKey. It stands
  // beside the fields of the request, or beside kMessagesKey. Empty if the answer is no stream.
  std::string limit_key;

  bool sends() const { return shape == Shape::kClientStream || shape == Shape::kBidi; }
  bool answers() const { return shape == Shape::kServerStream || shape == Shape::kBidi; }
};

// `limit_key` is "stream_limit", or where a field has that name "stream_limit_", then
// "stream_limit_2" and so on: no name under which arguments may give a field.
Streaming StreamingOf(const Method& method);

}  // namespace bridge::descriptor
