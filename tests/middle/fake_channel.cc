#include "tests/middle/fake_channel.h"

#include <memory>
#include <utility>

namespace bridge::upstream {

// What the real one keeps of a connection.
struct Connection {
  std::string target;
};

Channel::Channel(const Target& target, const ChannelOptions& /*options*/,
                 Completions* /*completions*/)
    : connection_(new Connection{target.name}) {}

Channel::~Channel() = default;

UnaryCall* Channel::StartUnary(const CallSpec& spec, CallDone done) {
  auto* const call = new UnaryCall;
  call->target = connection_->target;
  call->path = spec.path;
  call->request = spec.request;
  if (spec.trace != nullptr) {
    call->traceparent = telemetry::FormatTraceparent(*spec.trace);
    call->tracestate = spec.trace->tracestate;
  }
  call->timeout = spec.timeout;
  call->done_ = std::move(done);
  CallsUnderWay().push_back(call);
  return call;
}

void Cancel(UnaryCall* call) {
  ++call->cancelled;
}

std::string CallResult::Peer() const {
  return kFakePeer;
}

void UnaryCall::End(const CallResult& result) {
  std::erase(CallsUnderWay(), this);
  const std::unique_ptr<UnaryCall> self(this);
  done_(result);
}

void UnaryCall::Answer(std::string_view response) {
  CallResult result;
  result.response = response;
  End(result);
}

void UnaryCall::EndCancelled() {
  CallResult result;
  result.code = StatusCode::kCancelled;
  result.number = 1;
  result.cause = Cause::kCancelled;
  End(result);
}

std::vector<UnaryCall*>& CallsUnderWay() {
  static std::vector<UnaryCall*> calls;
  return calls;
}

}  // namespace bridge::upstream
