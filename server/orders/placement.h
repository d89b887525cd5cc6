// Placing an order across the services: prices and stock from the catalog, money from the payments.
// Thread-safe.
#pragma once

#include <grpcpp/server_context.h>

#include "server/orders/peers.h"
#include "server/orders/store.h"

namespace server::orders {

// Fills `record` with the order that `request`, which must be valid, asks for, with prices, but
// without id. INVALID_ARGUMENT for unknown products, and if an address is needed and missing.
grpc::Status PriceOrder(const Peers& peers, const grpc::ServerContext& context,
                        const shop::orders::v1::CreateOrderRequest& request, Store::Record* record);

// Reserves the goods, authorizes the payment and commits the reservation for a priced order with
// its id, and fills in the rest of it. If one of these fails, the others are taken back.
grpc::Status PlaceOrder(const Peers& peers, const grpc::ServerContext& context,
                        const shop::payments::v1::PaymentMethod& method, Store::Record* record);

// Puts the goods of an order back in stock and gives up its payment.
grpc::Status TakeBack(const Peers& peers, const grpc::ServerContext* context,
                      const shop::orders::v1::Order& order, const std::string& reason);

}  // namespace server::orders
