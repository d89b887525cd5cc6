// The connections to one upstream: gRPC channels, each with one, and the calls that have it. Of one
// reactor.
#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bridge/upstream/channel.h"
#include "bridge/upstream/completions.h"

namespace grpc {
class ChannelArguments;
}

namespace bridge::upstream {

class Connections;

struct Connection {
  std::string address;
  ::grpc::GenericStub stub;
  Completions* completions;
  ChannelOptions options;
  Connections* owner;   // null: it is gone, and the last call takes this with it
  size_t calls = 0;     // that gRPC has not let go of
  std::string scratch;  // gRPC wants metadata as strings and copies them

  void Join() { ++calls; }
  // May destroy it.
  void Leave();
};

// How many streams services allow on a connection at least, as a rule (HTTP/2,
// SETTINGS_MAX_CONCURRENT_STREAMS). One more would wait inside gRPC, where nobody sees it, until
// another ends.
inline constexpr size_t kStreamsPerConnection = 100;

class Connections final {
 public:
  Connections(const Target& target, const ChannelOptions& options, Completions* completions);
  // Calls may still be under way.
  ~Connections();

  Connection* ForUnary() { return unary_.get(); }
  // With room for one stream more.
  Connection* ForStream();

 private:
  friend struct Connection;

  std::unique_ptr<Connection> Open(const ::grpc::ChannelArguments& arguments);
  // Closes one that streams do not need any more: there is always one.
  void OnEmpty(const Connection* connection);

  const std::string address_;
  const ChannelOptions options_;
  Completions* const completions_;
  std::unique_ptr<Connection> unary_;
  std::vector<std::unique_ptr<Connection>> streams_;
};

}  // namespace bridge::upstream
