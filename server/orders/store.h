// All orders, in memory, with the seed of seed.h. Thread-safe; all messages are copies.
//
// An order that someone works on with other services is claimed, so that it is not changed
// meanwhile: Claim, then either Change or Unclaim.
#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bridge/telemetry/trace_context.h"
#include "server/paging.h"
#include "shop/orders/v1/order_service.pb.h"

namespace server::orders {

class Store final {
 public:
  using Order = shop::orders::v1::Order;
  using OrderEvent = shop::orders::v1::OrderEvent;
  using AuditEvent = shop::common::v1::AuditEvent;

  // An order with what is known about it, but not shown.
  struct Record {
    Order order;
    bool needs_parcel = true;
    std::optional<bridge::telemetry::TraceContext> trace;  // of the call that placed it
  };

  Store();

  // Without history, unless `with_history`.
  std::optional<Order> Find(const std::string& order_id, bool with_history = false) const;
  // A page of the orders that `request` asks for, newest first; see FindNewestFirst.
  std::vector<Order> List(const shop::orders::v1::ListOrdersRequest& request, const Page& page,
                          int64_t* next_cursor) const;

  // Gives a new order its id, or finds the one that was placed with the same `request_id` (empty:
  // none). ABORTED if another call is just placing it; RESOURCE_EXHAUSTED if there are too many.
  grpc::Status StartPlacing(const std::string& request_id, std::string* order_id,
                            std::optional<Order>* placed);
  // Ends what StartPlacing started; the record's order has the id and its history.
  void FinishPlacing(const std::string& request_id, Record record);
  void AbandonPlacing(const std::string& request_id);

  // NOT_FOUND, or ABORTED if it is claimed.
  grpc::Status Claim(const std::string& order_id, Record* record);
  void Unclaim(const std::string& order_id);
  // Replaces a claimed order and ends the claim. A new state becomes an event.
  Order Change(Order order, AuditEvent audit, const std::string& cancel_reason = {});

  // Waits for the first event after `sequence` (0: the event of the present state). False if none
  // comes before the time is up or Stop. NOT_FOUND is the business of Find.
  bool WaitForEvent(const std::string& order_id, int64_t sequence, std::chrono::milliseconds time,
                    OrderEvent* event) const;
  // Wakes all who wait, for good.
  void Stop();
  bool stopped() const;

 private:
  struct Entry {
    Record record;
    std::vector<OrderEvent> events;  // the n-th has the sequence n
    bool claimed = false;
  };

  // These need mutex_.
  Entry* FindEntry(const std::string& order_id);
  const Entry* FindEntry(const std::string& order_id) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopped_ = false;
  std::map<int64_t, Entry> orders_;             // by the number in the id
  std::map<std::string, int64_t> request_ids_;  // 0 while the order is being placed
  int64_t next_order_ = 1;
};

}  // namespace server::orders
