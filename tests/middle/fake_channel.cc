#include "tests/middle/fake_channel.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace bridge::upstream {

// What is to be known of the real ones.
class Connections {
 public:
  std::string target;
};

Channel::Channel(const Target& target, const ChannelOptions& /*options*/,
                 Completions* /*completions*/)
    : connections_(new Connections{target.name}) {}

Channel::~Channel() = default;

UnaryCall* Channel::StartUnary(const CallSpec& spec, CallDone done) {
  auto* const call = new UnaryCall;
  call->target = connections_->target;
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

StreamCall* Channel::StartStream(const CallSpec& spec, Shape shape, Messages requests,
                                 StreamSink* sink) {
  auto* const call = new StreamCall;
  call->target = connections_->target;
  call->path = spec.path;
  call->shape = shape;
  size_t begin = 0;
  for (const size_t end : requests.ends) {
    call->requests.push_back(requests.bytes.substr(begin, end - begin));
    begin = end;
  }
  if (spec.trace != nullptr) {
    call->traceparent = telemetry::FormatTraceparent(*spec.trace);
    call->tracestate = spec.trace->tracestate;
  }
  call->timeout = spec.timeout;
  call->sink_ = sink;
  StreamsUnderWay().push_back(call);
  return call;
}

void Cancel(UnaryCall* call) {
  ++call->cancelled;
}

void Cancel(StreamCall* call) {
  ++call->cancelled;
}

void Next(StreamCall* call) {
  call->wanted = true;
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

void StreamCall::Send(std::string_view message) {
  EXPECT_TRUE(wanted) << "nobody asked for a message";
  wanted = false;
  ++received_;
  sink_->OnMessage(message);
}

void StreamCall::End(StreamResult result) {
  std::erase(StreamsUnderWay(), this);
  const std::unique_ptr<StreamCall> self(this);
  result.received = received_;
  result.sent = requests.size();
  for (const std::string& request : requests) result.sent_bytes += request.size();
  sink_->OnDone(result);
}

void StreamCall::EndCancelled() {
  StreamResult result;
  result.code = StatusCode::kCancelled;
  result.number = 1;
  result.cause = Cause::kCancelled;
  End(result);
}

std::vector<StreamCall*>& StreamsUnderWay() {
  static std::vector<StreamCall*> calls;
  return calls;
}

std::vector<UnaryCall*>& CallsUnderWay() {
  static std::vector<UnaryCall*> calls;
  return calls;
}

}  // namespace bridge::upstream
