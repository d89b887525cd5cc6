#include "bridge/upstream/connection.h"

#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "bridge/upstream/packed_answers.h"

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

void Connection::Leave() {
  if (--calls > 0) return;
  if (owner != nullptr) return owner->OnEmpty(this);
  delete this;
}

Connections::Connections(const Target& target, const ChannelOptions& options,
                         Completions* completions)
    : address_(Address(target)),
      options_(options),
      completions_(completions),
      unary_(Open(Arguments())) {}

Connections::~Connections() {
  streams_.push_back(std::move(unary_));
  for (std::unique_ptr<Connection>& connection : streams_) {
    connection->owner = nullptr;
    if (connection->calls > 0) (void)connection.release();
  }
}

Connection* Connections::ForStream() {
  const auto least = std::min_element(
      streams_.begin(), streams_.end(),
      [](const auto& one, const auto& other) { return one->calls < other->calls; });
  if (least != streams_.end() && (*least)->calls < kStreamsPerConnection) return least->get();
  return streams_.emplace_back(Open(StreamArguments())).get();
}

std::unique_ptr<Connection> Connections::Open(const ::grpc::ChannelArguments& arguments) {
  return std::unique_ptr<Connection>(
      new Connection{address_, Connect(address_, arguments), completions_, options_, this});
}

void Connections::OnEmpty(const Connection* connection) {
  const auto at = std::find_if(streams_.begin(), streams_.end(),
                               [connection](const auto& one) { return one.get() == connection; });
  if (at != streams_.end() && streams_.size() > 1) streams_.erase(at);
}

}  // namespace bridge::upstream
