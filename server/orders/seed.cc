#include "server/orders/seed.h"

#include <google/protobuf/util/time_util.h>

#include <initializer_list>
#include <utility>

#include "server/orders/history.h"

namespace server::orders {
namespace {

namespace pb = shop::orders::v1;
using google::protobuf::util::TimeUtil;

constexpr int64_t kFirstOrderSeconds = 1'769'940'000;  // 2026-02-01T10:00:00Z
constexpr int64_t kDaySeconds = 24 * 3600;

struct Line {
  const char* product_id;
  const char* title;
  int32_t quantity;
  int64_t unit_price_minor;
};

shop::common::v1::Address MakeAddress() {
  shop::common::v1::Address address;
  address.set_recipient("Maria Gruber");
  address.add_lines("Neubaugasse 7/12");
  address.set_postal_code("1070");
  address.set_city("Wien");
  address.set_country_code("AT");
  return address;
}

// `day` counts from the first order.
SeedOrder MakeOrder(int day, const char* customer_id, bool needs_parcel,
                    std::initializer_list<Line> lines) {
  SeedOrder seed;
  seed.record.needs_parcel = needs_parcel;
  pb::Order& order = seed.record.order;
  order.set_customer_id(customer_id);
  int64_t total = 0;
  for (const Line& line : lines) {
    pb::OrderLine* added = order.add_lines();
    added->set_product_id(line.product_id);
    added->set_title(line.title);
    added->set_quantity(line.quantity);
    added->set_unit_price_minor(line.unit_price_minor);
    total += line.quantity * line.unit_price_minor;
  }
  order.mutable_total()->set_currency_code("EUR");
  order.mutable_total()->set_amount_minor(total);
  int64_t seconds = kFirstOrderSeconds + day * kDaySeconds;
  *order.mutable_create_time() = TimeUtil::SecondsToTimestamp(seconds);
  if (needs_parcel) {
    *order.mutable_shipping_address() = MakeAddress();
    order.mutable_shipment()->set_carrier("Alpine Parcel");
    order.mutable_shipment()->set_tracking_number("AP" + std::to_string(700'000'000 + day));
    *order.mutable_shipment()->mutable_ship_time() =
        TimeUtil::SecondsToTimestamp(seconds + 2 * kDaySeconds);
    order.mutable_shipment()->mutable_estimated_transit()->set_seconds(2 * kDaySeconds);
  }
  int64_t sequence = 0;
  for (const auto state : {pb::ORDER_STATE_PLACED, pb::ORDER_STATE_PACKED, pb::ORDER_STATE_SHIPPED,
                           pb::ORDER_STATE_DELIVERED}) {
    const bool of_parcel = state == pb::ORDER_STATE_PACKED || state == pb::ORDER_STATE_SHIPPED;
    if (of_parcel && !needs_parcel) continue;
    order.set_state(state);
    *order.mutable_update_time() = TimeUtil::SecondsToTimestamp(seconds);
    seed.events.push_back(MakeEvent(order, ++sequence, ""));
    auto* audit = order.add_history();
    *audit = MakeAudit("shop-orders", pb::OrderState_Name(state), nullptr);
    *audit->mutable_time() = order.update_time();
    seconds += kDaySeconds;
  }
  return seed;
}

}  // namespace

std::vector<SeedOrder> SeedOrders() {
  return {
      MakeOrder(0, "cust-7", true, {{"prod-1001", "Wireless headphones", 1, 17'900}}),
      MakeOrder(
          1, "cust-7", true,
          {{"prod-1007", "Chef's knife", 1, 6'450}, {"prod-1002", "Wired headphones", 1, 2'999}}),
      MakeOrder(2, "cust-12", true, {{"prod-1006", "SSD 1 TB", 3, 8'490}}),
      MakeOrder(3, "cust-31", false, {{"prod-1011", "Photo editor", 1, 4'900}}),
      MakeOrder(4, "cust-12", true, {{"prod-1005", "Mechanical keyboard", 1, 11'900}}),
  };
}

}  // namespace server::orders
