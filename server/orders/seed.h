// The orders the shop starts with: always the same, delivered in February 2026, and paid with the
// seeded payments of the same number.
#pragma once

#include <vector>

#include "server/orders/store.h"

namespace server::orders {

// Without ids.
struct SeedOrder {
  Store::Record record;
  std::vector<Store::OrderEvent> events;
};

std::vector<SeedOrder> SeedOrders();

}  // namespace server::orders
