// The automatic customer support: answers by a few fixed rules. Any thread.
#pragma once

#include "server/orders/store.h"
#include "shop/orders/v1/order_service.pb.h"

namespace server::orders {

// `message` is valid.
shop::orders::v1::SupportReply MakeReply(const shop::orders::v1::SupportMessage& message,
                                         const Store& store);

}  // namespace server::orders
