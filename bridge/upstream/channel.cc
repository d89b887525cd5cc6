#include "bridge/upstream/channel.h"

#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/credentials.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "bridge/upstream/call_end.h"
#include "bridge/upstream/packed_answers.h"
#include "bridge/upstream/rpc.h"
#include "bridge/upstream/stream_call.h"
#include "bridge/upstream/unary_call.h"

namespace bridge::upstream {
namespace {

constexpr std::chrono::seconds kPingInterval{300};
constexpr std::chrono::seconds kSilence{20};

// What a service may send ahead of what is read, in bytes of each stream. By default gRPC lets it
// grow to 4 MiB and more. That is good for a large answer that somebody waits for; for streams it
// would be memory for each client that is slow. So streams have a connection of their own, and
// unary calls do not wait behind their bytes either.
constexpr int kStreamWindow = 16 * 1024;

int Milliseconds(std::chrono::seconds time) {
  return static_cast<int>(std::chrono::milliseconds(time).count());
}

::grpc::ChannelArguments Arguments() {
  ::grpc::ChannelArguments arguments;
  // Each reactor has its own connection; shared ones would be polled by several threads.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Nothing that works on each call and that we do ourselves: retries cost 10 to 18 % of a call's
  // CPU and deadlines a timer each (rpc.cc); sizes are compared in rpc.h and packed_answers.cc,
  // since gRPC does that too only when it has the whole of a message.
  arguments.SetInt(GRPC_ARG_MINIMAL_STACK, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  // A peer that vanished without a word is noticed while calls wait for it. Every server permits a
  // ping each five minutes.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kPingInterval));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(kSilence));
  AcceptPackedAnswers(&arguments);
  // No ResourceQuota, though gRPC gathers a message whole: with one, a flood of frames made an
  // assertion of the packaged gRPC end the process far more often.
  return arguments;
}

::grpc::ChannelArguments StreamArguments() {
  ::grpc::ChannelArguments arguments = Arguments();
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // it is what makes windows grow
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamWindow);
  return arguments;
}

::grpc::GenericStub Connect(const std::string& address, const ::grpc::ChannelArguments& arguments) {
  return ::grpc::GenericStub(
      ::grpc::CreateCustomChannel(address, ::grpc::InsecureChannelCredentials(), arguments));
}

// What no peer's name looks like, so that it can be told whether a connection took a call: gRPC
// names the target until then ("ipv4:" and "unix:" are written alike in both otherwise).
std::string Address(const Target& target) {
  const std::string_view address = target.address;
  if (address.starts_with("unix:")) {
    std::error_code ignored;
    const std::filesystem::path path = std::filesystem::absolute(address.substr(5), ignored);
    return "unix://" + path.lexically_normal().string();
  }
  for (const std::string_view scheme : {"ipv4:", "ipv6:"}) {
    if (address.starts_with(scheme))
      return std::string(scheme).append("///").append(address.substr(5));
  }
  return target.address;
}

}  // namespace

std::string CallResult::Peer() const {
  return context == nullptr || !peer.empty() ? std::string(peer) : ConnectionOf(*context);
}

Channel::Channel(const Target& target, const ChannelOptions& options, Completions* completions)
    : connection_(new Connection{Address(target), Connect(Address(target), Arguments()),
                                 completions, options}) {}

Channel::~Channel() = default;

UnaryCall* Channel::StartUnary(const CallSpec& spec, CallDone done) {
  auto* call = new UnaryCall(spec, connection_.get(), std::move(done));
  call->Start();
  return call;
}

StreamCall* Channel::StartStream(const CallSpec& spec, Shape shape, Messages requests,
                                 StreamSink* sink) {
  if (!streams_) {
    streams_ = std::make_unique<Connection>(
        Connection{connection_->address, Connect(connection_->address, StreamArguments()),
                   connection_->completions, connection_->options});
  }
  auto* call = new StreamCall(spec, shape, std::move(requests), streams_.get(), sink);
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
