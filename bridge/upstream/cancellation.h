// Ends from outside what other threads wait for in gRPC. Any thread, any time.
#pragma once

#include <mutex>
#include <set>

namespace grpc {
class ClientContext;
}

namespace bridge::upstream {

class Cancellation final {
 public:
  // Cancels the calls that have joined and, at once, all that join from now on.
  void Cancel();

  // `call` must leave before it is destroyed.
  void Join(::grpc::ClientContext* call);
  void Leave(::grpc::ClientContext* call);

 private:
  std::mutex mutex_;
  bool cancelled_ = false;
  std::set<::grpc::ClientContext*> calls_;
};

}  // namespace bridge::upstream
