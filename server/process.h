// A process of the shop: gRPC server with reflection (v1alpha), health service and tracing, and a
// clean end on SIGTERM and SIGINT. Make one at the start of main, before any thread, because it
// blocks these signals; one thread.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/impl/service_type.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "server/tracing.h"

namespace server {

class Process final {
 public:
  // `service_name` for traces, for example "shop-catalog".
  explicit Process(std::string_view service_name);

  // A traced channel to another service.
  std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target) {
    return tracing_.MakeChannel(target);
  }

  // Serves `services`, by full name, at `listen` ("HOST:PORT", port 0 takes a free one) until a
  // signal comes, and prints "ready grpc=HOST:PORT" on stdout once it does. Then `stop` is called,
  // which must make the calls end that would last for ever, and those in flight have 10 seconds to
  // finish. Returns the exit status: 0, or 1 if it cannot listen.
  int Serve(
      const std::string& listen, const std::map<std::string, grpc::Service*>& services,
      const std::function<void()>& stop = [] {});

 private:
  Tracing tracing_;
};

}  // namespace server
