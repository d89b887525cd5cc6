#include "server/orders/history.h"

#include <google/protobuf/util/time_util.h>

#include <utility>

namespace server::orders {

shop::common::v1::AuditEvent MakeAudit(std::string actor, std::string action,
                                       const google::protobuf::Message* resource,
                                       const std::map<std::string, std::string>& facts) {
  shop::common::v1::AuditEvent event;
  *event.mutable_time() = google::protobuf::util::TimeUtil::GetCurrentTime();
  event.set_actor(std::move(actor));
  event.set_action(std::move(action));
  if (resource != nullptr) event.mutable_resource()->PackFrom(*resource);
  for (const auto& [key, value] : facts) {
    (*event.mutable_facts()->mutable_fields())[key].set_string_value(value);
  }
  return event;
}

shop::orders::v1::OrderEvent MakeEvent(const shop::orders::v1::Order& order, int64_t sequence,
                                       const std::string& cancel_reason) {
  shop::orders::v1::OrderEvent event;
  event.set_order_id(order.order_id());
  event.set_sequence(sequence);
  *event.mutable_time() = order.update_time();
  event.set_state(order.state());
  if (order.state() == shop::orders::v1::ORDER_STATE_SHIPPED) {
    *event.mutable_shipment() = order.shipment();
  }
  if (order.state() == shop::orders::v1::ORDER_STATE_CANCELLED) {
    event.set_cancel_reason(cancel_reason);
  }
  return event;
}

}  // namespace server::orders
