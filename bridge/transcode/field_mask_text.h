// One path of a google.protobuf.FieldMask: "foo_bar.baz" in the message, "fooBar.baz" in JSON.
// Both directions refuse what the other could not restore. Any thread.
#pragma once

#include <string_view>

#include "bridge/transcode/byte_buffer.h"

namespace bridge::transcode {

// Appends the path to `out`, or returns false and leaves any part of it there.
bool AppendSnakePath(std::string_view camel, ByteBuffer* out);
bool AppendCamelPath(std::string_view snake, ByteBuffer* out);

}  // namespace bridge::transcode
