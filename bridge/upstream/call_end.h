// What ended a call that failed, read from what the packaged gRPC (1.51) tells of it.
#pragma once

#include <string>

#include "bridge/upstream/channel.h"

namespace bridge::upstream {

// "ipv4:10.0.0.7:50051": the other end of the connection that took the call; empty if none did, or
// if gRPC has forgotten it. Any time after the call has started.
std::string ConnectionOf(const ::grpc::ClientContext& context);

// Sets cause and delivery of a failed `result`, whose code and message are as gRPC tells them. Its
// message is a view of `message`, whose words are replaced where they are gRPC's and mean nothing
// to people. `context` had a call; `has_answer`: a message came.
//
// True if the connection that took the call ended it and the service provably never saw it, so that
// it may be sent again.
bool JudgeEnd(::grpc::ClientContext* context, bool has_answer, std::string* message,
              CallResult* result);

}  // namespace bridge::upstream
