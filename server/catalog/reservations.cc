// The part of the store that moves stock.
#include <algorithm>
#include <utility>

#include "server/catalog/store.h"
#include "server/errors.h"
#include "server/numbered_id.h"

namespace server::catalog {
namespace {

using google::protobuf::util::TimeUtil;
using shop::catalog::v1::Reservation;
using shop::catalog::v1::StockItem;

constexpr char kType[] = "shop.catalog.v1.Reservation";
constexpr size_t kMaxReservations = 200'000;
constexpr int64_t kMaxRecorded = 1'000'000'000;

int64_t AvailableEverywhere(const shop::catalog::v1::Product& product) {
  int64_t available = 0;
  for (const auto& [warehouse, level] : product.stock()) available += level.available();
  return available;
}

}  // namespace

void Store::ExpireHolds() {
  const Time now = std::chrono::system_clock::now();
  while (!holds_.empty() && holds_.begin()->first <= now) {
    Held& held = reservations_.at(holds_.begin()->second);
    holds_.erase(holds_.begin());
    MoveBack(held);
    held.reservation.set_state(Reservation::EXPIRED);
    held.reservation.clear_expire_time();
  }
}

grpc::Status Store::CheckStock(const std::vector<StockItem>& items) const {
  for (const StockItem& item : items) {
    const auto it = products_.find(item.product_id());
    if (it == products_.end()) return NotFound("shop.catalog.v1.Product", item.product_id());
    if (it->second.has_download()) continue;
    const int64_t available = AvailableEverywhere(it->second);
    if (available < item.quantity()) {
      return FailedPrecondition("OUT_OF_STOCK",
                                "only " + std::to_string(available) + " of " + item.product_id() +
                                    " are available, not " + std::to_string(item.quantity()),
                                {{"product_id", item.product_id()},
                                 {"available", std::to_string(available)},
                                 {"requested", std::to_string(item.quantity())}});
    }
  }
  return grpc::Status::OK;
}

std::vector<Store::Taken> Store::Take(const std::vector<StockItem>& items) {
  std::vector<Taken> taken;
  for (const StockItem& item : items) {
    Product& product = products_.at(item.product_id());
    // A map of the protobuf library has no order; a warehouse is chosen by name, to be repeatable.
    std::map<std::string, shop::catalog::v1::StockLevel*> levels;
    for (auto& [warehouse, level] : *product.mutable_stock()) levels[warehouse] = &level;
    int32_t missing = product.has_download() ? 0 : item.quantity();
    for (const auto& [warehouse, level] : levels) {
      const int32_t part = std::min(missing, level->available());
      if (part == 0) continue;
      level->set_available(level->available() - part);
      level->set_reserved(level->reserved() + part);
      taken.push_back({item.product_id(), warehouse, part});
      missing -= part;
    }
  }
  return taken;
}

grpc::Status Store::Reserve(const std::vector<StockItem>& items, std::chrono::seconds hold,
                            Reservation* reservation) {
  const std::lock_guard lock(mutex_);
  ExpireHolds();
  if (reservations_.size() >= kMaxReservations) {
    return QuotaExceeded("reservations", "too many reservations; restart the service");
  }
  if (const grpc::Status status = CheckStock(items); !status.ok()) return status;
  Held held;
  held.taken = Take(items);
  held.expire_time = std::chrono::system_clock::now() + hold;
  const std::string id = MakeId("res-", next_reservation_++);
  held.reservation.set_reservation_id(id);
  held.reservation.set_state(Reservation::HELD);
  held.reservation.mutable_items()->Add(items.begin(), items.end());
  *held.reservation.mutable_expire_time() = TimeUtil::MicrosecondsToTimestamp(
      std::chrono::duration_cast<std::chrono::microseconds>(held.expire_time.time_since_epoch())
          .count());
  *reservation = held.reservation;
  holds_.emplace(held.expire_time, id);
  reservations_.emplace(id, std::move(held));
  return grpc::Status::OK;
}

void Store::EndHold(Held* held) {
  const auto [begin, end] = holds_.equal_range(held->expire_time);
  const auto it = std::find_if(begin, end, [held](const auto& hold) {
    return hold.second == held->reservation.reservation_id();
  });
  if (it != end) holds_.erase(it);
  held->reservation.clear_expire_time();
}

grpc::Status Store::Commit(const std::string& reservation_id, Reservation* reservation) {
  const std::lock_guard lock(mutex_);
  ExpireHolds();
  const auto it = reservations_.find(reservation_id);
  if (it == reservations_.end()) return NotFound(kType, reservation_id);
  Held& held = it->second;
  switch (held.reservation.state()) {
    case Reservation::HELD:
      for (const Taken& taken : held.taken) {
        auto& level = products_.at(taken.product_id).mutable_stock()->at(taken.warehouse_id);
        level.set_reserved(level.reserved() - taken.quantity);
      }
      EndHold(&held);
      held.reservation.set_state(Reservation::COMMITTED);
      break;
    case Reservation::COMMITTED:
      break;
    default:
      return FailedPrecondition("RESERVATION_ENDED", "the pieces are back in stock; reserve again",
                                {{"state", Reservation::State_Name(held.reservation.state())}});
  }
  *reservation = held.reservation;
  return grpc::Status::OK;
}

void Store::MoveBack(const Held& held) {
  const bool was_held = held.reservation.state() == Reservation::HELD;
  for (const Taken& taken : held.taken) {
    const auto it = products_.find(taken.product_id);
    if (it == products_.end()) continue;  // deleted since the sale
    auto& level = (*it->second.mutable_stock())[taken.warehouse_id];
    level.set_available(level.available() + taken.quantity);
    if (was_held) level.set_reserved(level.reserved() - taken.quantity);
  }
}

grpc::Status Store::Release(const std::string& reservation_id, Reservation* reservation) {
  const std::lock_guard lock(mutex_);
  ExpireHolds();
  const auto it = reservations_.find(reservation_id);
  if (it == reservations_.end()) return NotFound(kType, reservation_id);
  Held& held = it->second;
  const auto state = held.reservation.state();
  if (state == Reservation::HELD || state == Reservation::COMMITTED) {
    MoveBack(held);
    EndHold(&held);
    held.reservation.set_state(Reservation::RELEASED);
  }
  *reservation = held.reservation;
  return grpc::Status::OK;
}

grpc::Status Store::Count(const shop::catalog::v1::SyncInventoryRequest& request,
                          shop::catalog::v1::SyncInventoryResponse* response) {
  const std::lock_guard lock(mutex_);
  ExpireHolds();
  const auto it = products_.find(request.product_id());
  if (it == products_.end()) return NotFound("shop.catalog.v1.Product", request.product_id());
  if (it->second.has_download()) {
    return FailedPrecondition("NO_STOCK", "a download has no stock",
                              {{"product_id", request.product_id()}});
  }
  auto& stock = *it->second.mutable_stock();
  const auto found = stock.find(request.warehouse_id());
  const auto level = found == stock.end() ? shop::catalog::v1::StockLevel() : found->second;
  const int64_t before = int64_t{level.available()} + level.reserved();
  const int64_t after = request.has_change() ? before + request.change() : request.counted();
  if (after < level.reserved() || after > kMaxRecorded) {
    return FailedPrecondition(
        "IMPLAUSIBLE_COUNT",
        std::to_string(after) + " pieces cannot be: " + std::to_string(level.reserved()) +
            " are reserved",
        {{"product_id", request.product_id()}, {"warehouse_id", request.warehouse_id()}});
  }
  stock[request.warehouse_id()].set_available(static_cast<int32_t>(after - level.reserved()));
  response->set_warehouse_id(request.warehouse_id());
  response->set_product_id(request.product_id());
  response->set_recorded(static_cast<int32_t>(after));
  response->set_difference(static_cast<int32_t>(after - before));
  return grpc::Status::OK;
}

}  // namespace server::catalog
