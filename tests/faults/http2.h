// As much of HTTP/2's server side (RFC 9113) as it takes to break it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bridge::testing::http2 {

enum FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kRstStream = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};
enum Flag : uint8_t { kEndStream = 1, kAck = 1, kEndHeaders = 4 };

std::string Frame(FrameType type, int flags, uint32_t stream, std::string_view payload);
// A 32-bit number as frames carry it.
std::string Number(uint32_t value);
// One header field for HPACK (RFC 7541), literal and without index.
std::string Field(std::string_view name, std::string_view value);
// ":status: 200" and gRPC's content type.
std::string ResponseHead();
// A gRPC message with its five bytes before it.
std::string Message(std::string_view bytes);
// A whole answer that is OK, with an empty message.
std::string EmptyAnswer(uint32_t stream);

// Takes a client's greeting and greets it. False when the connection is over.
bool Greet(int socket);
// Reads until the client has opened a stream; its id, 0 when the connection is over.
uint32_t AwaitCall(int socket);

// Begins to answer with a message of 2 GB and sends it as fast as the client's windows let it,
// until the client has had enough or `most` bytes are sent; how many.
size_t SendWithoutEnd(int socket, uint32_t stream, size_t most);

}  // namespace bridge::testing::http2
