// A process of the shop: gRPC server with reflection (v1alpha), health service and tracing, and a
// clean end on SIGTERM and SIGINT.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/impl/service_type.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "server/tracing.h"

namespace CLI {
class App;
}

namespace server {

struct ListenOptions {
  std::string address;                // "HOST:PORT"; port 0 takes a free one
  std::string certificate_file = {};  // PEM; without it plaintext
  std::string key_file = {};
  std::string client_ca_file = {};  // who has no certificate of it is refused
  std::string token_file = {};      // every call has to carry the token in it; only with TLS
  bool reflection = true;
};

// --listen, --tls-cert, --tls-key, --tls-client-ca, --token-file and --no-reflection. What
// `options` has already is the default.
void AddListenOptions(CLI::App* app, ListenOptions* options);

// Make one at the start of main, before any thread, because it blocks the signals; one thread.
class Process final {
 public:
  // `service_name` for traces, for example "shop-catalog".
  explicit Process(std::string_view service_name);

  // A traced channel to another service.
  std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target) {
    return tracing_.MakeChannel(target);
  }

  // Serves `services`, by full name, until a signal comes, and prints "ready grpc=HOST:PORT" on
  // stdout once it does. Then `stop` is called, which must make the calls end that would last for
  // ever, and those in flight have 10 seconds to finish. Returns the exit status: 0, or 1 if it
  // cannot listen.
  int Serve(
      const ListenOptions& listen, const std::map<std::string, grpc::Service*>& services,
      const std::function<void()>& stop = [] {});

 private:
  Tracing tracing_;
};

}  // namespace server
