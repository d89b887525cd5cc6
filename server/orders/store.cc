#include "server/orders/store.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <utility>

#include "server/errors.h"
#include "server/numbered_id.h"
#include "server/orders/history.h"
#include "server/orders/seed.h"

namespace server::orders {
namespace {

using google::protobuf::util::TimeUtil;
using shop::orders::v1::ListOrdersRequest;
using shop::orders::v1::Order;

constexpr char kPrefix[] = "order-";
constexpr size_t kMaxOrders = 100'000;

Order WithoutHistory(const Order& order) {
  Order copy = order;
  copy.clear_history();
  return copy;
}

bool Matches(const ListOrdersRequest& request, const Order& order) {
  if (request.has_customer_id() && request.customer_id() != order.customer_id()) return false;
  if (request.has_placed_after() && order.create_time() < request.placed_after()) return false;
  const auto& states = request.states();
  return states.empty() || std::find(states.begin(), states.end(), order.state()) != states.end();
}

grpc::Status Busy(std::string message) {
  return Aborted("ORDER_BUSY", std::move(message) + "; try again in a second");
}

}  // namespace

Store::Store() {
  for (SeedOrder& seed : SeedOrders()) {
    const int64_t number = next_order_++;
    seed.record.order.set_order_id(MakeId(kPrefix, number));
    seed.record.order.set_payment_id(MakeId("pay-", number));
    for (auto& event : seed.events) event.set_order_id(seed.record.order.order_id());
    orders_[number] = {std::move(seed.record), std::move(seed.events)};
  }
}

Store::Entry* Store::FindEntry(const std::string& order_id) {
  const auto it = orders_.find(ParseId(kPrefix, order_id));
  return it == orders_.end() ? nullptr : &it->second;
}

const Store::Entry* Store::FindEntry(const std::string& order_id) const {
  const auto it = orders_.find(ParseId(kPrefix, order_id));
  return it == orders_.end() ? nullptr : &it->second;
}

std::optional<Order> Store::Find(const std::string& order_id, bool with_history) const {
  const std::lock_guard lock(mutex_);
  const Entry* entry = FindEntry(order_id);
  if (entry == nullptr) return std::nullopt;
  return with_history ? entry->record.order : WithoutHistory(entry->record.order);
}

std::vector<Order> Store::List(const ListOrdersRequest& request, const Page& page,
                               int64_t* next_cursor) const {
  const std::lock_guard lock(mutex_);
  const auto matches = [&request](const Entry& entry) {
    return Matches(request, entry.record.order);
  };
  std::vector<Order> orders;
  for (const Entry* entry : FindNewestFirst(orders_, page, matches, next_cursor)) {
    orders.push_back(WithoutHistory(entry->record.order));
  }
  return orders;
}

grpc::Status Store::StartPlacing(const std::string& request_id, std::string* order_id,
                                 std::optional<Order>* placed) {
  const std::lock_guard lock(mutex_);
  if (!request_id.empty()) {
    if (const auto it = request_ids_.find(request_id); it != request_ids_.end()) {
      if (it->second == 0) return Busy("the order is being placed by another call");
      *placed = WithoutHistory(orders_.at(it->second).record.order);
      return grpc::Status::OK;
    }
  }
  if (orders_.size() >= kMaxOrders) {
    return QuotaExceeded("orders", "too many orders; restart the service");
  }
  if (!request_id.empty()) request_ids_[request_id] = 0;
  *order_id = MakeId(kPrefix, next_order_++);
  return grpc::Status::OK;
}

void Store::FinishPlacing(const std::string& request_id, Record record) {
  const std::lock_guard lock(mutex_);
  const int64_t number = ParseId(kPrefix, record.order.order_id());
  if (!request_id.empty()) request_ids_[request_id] = number;
  Entry& entry = orders_[number];
  entry.events.push_back(MakeEvent(record.order, 1, ""));
  entry.record = std::move(record);
}

void Store::AbandonPlacing(const std::string& request_id) {
  const std::lock_guard lock(mutex_);
  request_ids_.erase(request_id);
}

grpc::Status Store::Claim(const std::string& order_id, Record* record) {
  const std::lock_guard lock(mutex_);
  Entry* entry = FindEntry(order_id);
  if (entry == nullptr) return NotFound("shop.orders.v1.Order", order_id);
  if (entry->claimed) return Busy("the order is just being changed");
  entry->claimed = true;
  *record = entry->record;
  return grpc::Status::OK;
}

void Store::Unclaim(const std::string& order_id) {
  const std::lock_guard lock(mutex_);
  FindEntry(order_id)->claimed = false;
}

Order Store::Change(Order order, AuditEvent audit, const std::string& cancel_reason) {
  Order result;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = *FindEntry(order.order_id());
    const bool new_state = order.state() != entry.record.order.state();
    *order.mutable_update_time() = TimeUtil::GetCurrentTime();
    *order.add_history() = std::move(audit);
    if (new_state) {
      const auto sequence = static_cast<int64_t>(entry.events.size()) + 1;
      entry.events.push_back(MakeEvent(order, sequence, cancel_reason));
    }
    entry.record.order = std::move(order);
    entry.claimed = false;
    result = WithoutHistory(entry.record.order);
  }
  changed_.notify_all();
  return result;
}

bool Store::WaitForEvent(const std::string& order_id, int64_t sequence,
                         std::chrono::milliseconds time, OrderEvent* event) const {
  std::unique_lock lock(mutex_);
  const Entry* entry = FindEntry(order_id);
  if (entry == nullptr) return false;
  const auto& events = entry->events;
  const bool come = changed_.wait_for(lock, time, [this, &events, sequence] {
    return stopped_ || std::cmp_greater(events.size(), sequence);
  });
  if (!come || stopped_) return false;
  *event = sequence == 0 ? events.back() : events[static_cast<size_t>(sequence)];
  return true;
}

void Store::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

bool Store::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

}  // namespace server::orders
