// gzip (RFC 1952) and zlib (RFC 1950) from outside, unpacked to no more than a bound: 400 KB can
// become 400 MB. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bridge {

enum class Packing { kGzip, kZlib };

enum class Unpacked {
  kDone,
  kPlain,          // not packed
  kCut,            // the end is missing
  kFollowed,       // by bytes that do not belong to it
  kWrongChecksum,  // or length
  kDamaged,
  kTooLarge,
};

// kDone fills `out`; kTooLarge stops at `max_bytes`; never kPlain.
Unpacked Unpack(Packing packing, std::string_view bytes, size_t max_bytes, std::string* out);

// The same for gzip; kPlain when `bytes` do not begin like it. (No encoded protobuf message does:
// 0x1f would be a field of wire type 7.)
Unpacked Unpack(std::string_view bytes, size_t max_bytes, std::string* out);

// "it is cut off": what is wrong, after the name of the packed thing.
std::string_view Describe(Unpacked outcome);

}  // namespace bridge
