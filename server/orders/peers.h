// The services that orders need. Thread-safe.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include <memory>
#include <string_view>

#include "shop/catalog/v1/catalog_service.grpc.pb.h"
#include "shop/payments/v1/payment_service.grpc.pb.h"

namespace server::orders {

struct Peers {
  std::unique_ptr<shop::catalog::v1::CatalogService::Stub> catalog;
  std::unique_ptr<shop::payments::v1::PaymentService::Stub> payments;
};

// For one call of at most 5 seconds. With a `parent` it also ends with the call that it serves, by
// deadline or cancellation; null is for calls that must be made in any case.
std::unique_ptr<grpc::ClientContext> MakeContext(const grpc::ServerContext* parent);

// A status of a peer as the caller of orders should see it: if the peer cannot be reached, it says
// when to try again; all else stays as it is.
grpc::Status FromPeer(std::string_view peer, const grpc::Status& status);

}  // namespace server::orders
