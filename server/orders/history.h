// What has happened to an order: audit entries and the events of WatchOrder. Pure functions; any
// thread.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <string>

#include "shop/common/v1/audit.pb.h"
#include "shop/orders/v1/order.pb.h"
#include "shop/orders/v1/order_service.pb.h"

namespace server::orders {

// An entry of now. `resource` may be null.
shop::common::v1::AuditEvent MakeAudit(std::string actor, std::string action,
                                       const google::protobuf::Message* resource,
                                       const std::map<std::string, std::string>& facts = {});

// The event for the present state of the order, which it has had since its update_time.
shop::orders::v1::OrderEvent MakeEvent(const shop::orders::v1::Order& order, int64_t sequence,
                                       const std::string& cancel_reason);

}  // namespace server::orders
