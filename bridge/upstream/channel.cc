#include "bridge/upstream/channel.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "bridge/upstream/call_end.h"
#include "bridge/upstream/connection.h"
#include "bridge/upstream/stream_call.h"
#include "bridge/upstream/unary_call.h"

namespace bridge::upstream {

std::string CallResult::Peer() const {
  return context == nullptr || !peer.empty() ? std::string(peer) : ConnectionOf(*context);
}

Channel::Channel(const Target& target, const ChannelOptions& options, Completions* completions)
    : connections_(std::make_unique<Connections>(target, options, completions)) {}

Channel::~Channel() = default;

UnaryCall* Channel::StartUnary(const CallSpec& spec, CallDone done) {
  auto* call = new UnaryCall(spec, connections_->ForUnary(), std::move(done));
  call->Start();
  return call;
}

StreamCall* Channel::StartStream(const CallSpec& spec, Shape shape, Messages requests,
                                 StreamSink* sink) {
  auto* call = new StreamCall(spec, shape, std::move(requests), connections_->ForStream(), sink);
  call->Start();
  return call;
}

void Cancel(UnaryCall* call) {
  call->Cancel();
}

void Cancel(StreamCall* call) {
  call->Cancel();
}

void Next(StreamCall* call) {
  call->Next();
}

std::string GrpcVersion() {
  return ::grpc::Version();
}

}  // namespace bridge::upstream
