// What a request to orders must be like. Pure functions; any thread.
#pragma once

#include "server/errors.h"
#include "shop/orders/v1/order_service.pb.h"

namespace server::orders {

// All but what only the catalog and the payments know.
Violations CheckCreate(const shop::orders::v1::CreateOrderRequest& request);

// The fields of an order that UpdateOrder may change. Paths are those in the order.
Violations CheckChangeable(const shop::orders::v1::Order& order);

// The message of a customer in SupportChat.
Violations CheckSupport(const shop::orders::v1::SupportMessage& message);

}  // namespace server::orders
