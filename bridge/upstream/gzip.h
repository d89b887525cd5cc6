// Messages that an upstream sends packed (gRPC over HTTP/2, "Message-Encoding: gzip"; RFC 1952).
//
// The packaged gRPC unpacks a message whole before it compares its size with the limit: 400 KB
// could become 400 MB. So channels leave the unpacking to us. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace grpc {
class ChannelArguments;
}

namespace bridge::upstream {

// Lets servers send gzip (and nothing else: only gzip can be told from a message) and keeps gRPC
// from unpacking it.
void AcceptPackedAnswers(::grpc::ChannelArguments* arguments);

enum class Unpacked { kPlain, kDone, kDamaged, kTooLarge };

// kPlain when `answer` is not packed: no encoded message starts like gzip, 0x1f would be a field of
// wire type 7. kDone fills `message`; kTooLarge stops at `max_bytes`.
Unpacked Unpack(std::string_view answer, size_t max_bytes, std::string* message);

}  // namespace bridge::upstream
