#include "server/orders/peers.h"

#include <chrono>
#include <string>

#include "server/errors.h"

namespace server::orders {

constexpr std::chrono::seconds kCallTime{5};

std::unique_ptr<grpc::ClientContext> MakeContext(const grpc::ServerContext* parent) {
  auto context = parent == nullptr ? std::make_unique<grpc::ClientContext>()
                                   : grpc::ClientContext::FromServerContext(*parent);
  context->set_deadline(std::chrono::system_clock::now() + kCallTime);
  return context;
}

grpc::Status FromPeer(std::string_view peer, const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE || !status.error_details().empty()) {
    return status;
  }
  return RetryLater("the " + std::string(peer) + " service cannot be reached",
                    std::chrono::seconds(1));
}

}  // namespace server::orders
