// gzip (RFC 1952) from outside, unpacked to no more than a bound: 400 KB of it can become 400 MB.
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bridge {

enum class Unpacked { kPlain, kDone, kDamaged, kTooLarge };

// kPlain when `bytes` do not begin like gzip. (No encoded protobuf message does: 0x1f would be a
// field of wire type 7.) kDone fills `out`; kTooLarge stops at `max_bytes`.
Unpacked Unpack(std::string_view bytes, size_t max_bytes, std::string* out);

}  // namespace bridge
