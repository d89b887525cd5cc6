// Messages that an upstream sends packed (gRPC over HTTP/2, "Message-Encoding: gzip").
//
// The packaged gRPC unpacks a message whole before it compares its size with the limit, so channels
// leave the unpacking to us (bridge/base/gzip.h).
#pragma once

namespace grpc {
class ChannelArguments;
}

namespace bridge::upstream {

// Lets servers send gzip (and nothing else: only gzip can be told from a message) and keeps gRPC
// from unpacking it.
void AcceptPackedAnswers(::grpc::ChannelArguments* arguments);

}  // namespace bridge::upstream
