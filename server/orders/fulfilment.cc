#include "server/orders/fulfilment.h"

#include <google/protobuf/util/time_util.h>

#include "server/numbered_id.h"
#include "server/orders/history.h"
#include "server/tracing.h"

namespace server::orders {
namespace {

namespace pb = shop::orders::v1;

constexpr int64_t kTransitSeconds = 2 * 24 * 3600;

pb::OrderState FindNext(const Store::Record& record) {
  switch (record.order.state()) {
    case pb::ORDER_STATE_PLACED:
      return record.needs_parcel ? pb::ORDER_STATE_PACKED : pb::ORDER_STATE_DELIVERED;
    case pb::ORDER_STATE_PACKED:
      return pb::ORDER_STATE_SHIPPED;
    case pb::ORDER_STATE_SHIPPED:
      return pb::ORDER_STATE_DELIVERED;
    default:
      return pb::ORDER_STATE_UNSPECIFIED;
  }
}

void FillShipment(const pb::Order& order, pb::Shipment* shipment) {
  shipment->set_carrier("Alpine Parcel");
  shipment->set_tracking_number("AP" +
                                std::to_string(800'000'000 + ParseId("order-", order.order_id())));
  *shipment->mutable_ship_time() = google::protobuf::util::TimeUtil::GetCurrentTime();
  shipment->mutable_estimated_transit()->set_seconds(kTransitSeconds);
}

}  // namespace

Fulfilment::Fulfilment(Store* store, const Peers* peers, std::chrono::milliseconds step)
    : store_(store), peers_(peers), step_(step), thread_([this] { Run(); }) {}

Fulfilment::~Fulfilment() {
  Stop();
}

void Fulfilment::Add(const std::string& order_id) {
  {
    const std::lock_guard lock(mutex_);
    due_.emplace(std::chrono::steady_clock::now() + step_, order_id);
  }
  changed_.notify_one();
}

void Fulfilment::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Fulfilment::Run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (due_.empty()) {
      changed_.wait(lock);
      continue;
    }
    if (due_.begin()->first > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, Time(due_.begin()->first));
      continue;
    }
    const std::string order_id = std::move(due_.extract(due_.begin()).mapped());
    lock.unlock();
    const bool again = Advance(order_id);
    lock.lock();
    if (again) due_.emplace(std::chrono::steady_clock::now() + step_, order_id);
  }
}

bool Fulfilment::Advance(const std::string& order_id) {
  Store::Record record;
  const grpc::Status claimed = store_->Claim(order_id, &record);
  if (!claimed.ok()) return claimed.error_code() == grpc::StatusCode::ABORTED;
  const pb::OrderState next = FindNext(record);
  if (next == pb::ORDER_STATE_UNSPECIFIED) {
    store_->Unclaim(order_id);
    return false;
  }
  // What is collected when the goods leave belongs to the trace of the order.
  const ScopedTrace trace(record.trace);
  const bool leaves = next == pb::ORDER_STATE_SHIPPED || !record.needs_parcel;
  if (leaves && !record.order.payment_id().empty()) {
    if (!Capture(record.order.payment_id()).ok()) {
      store_->Unclaim(order_id);
      return true;
    }
  }
  if (next == pb::ORDER_STATE_SHIPPED) {
    FillShipment(record.order, record.order.mutable_shipment());
  }
  record.order.set_state(next);
  store_->Change(std::move(record.order),
                 MakeAudit("shop-orders", pb::OrderState_Name(next), nullptr));
  return next != pb::ORDER_STATE_DELIVERED;
}

grpc::Status Fulfilment::Capture(const std::string& payment_id) const {
  shop::payments::v1::CapturePaymentRequest request;
  request.set_payment_id(payment_id);
  shop::payments::v1::Payment payment;
  return peers_->payments->CapturePayment(MakeContext(nullptr).get(), request, &payment);
}

}  // namespace server::orders
