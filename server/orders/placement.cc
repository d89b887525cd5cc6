#include "server/orders/placement.h"

#include <google/protobuf/util/time_util.h>

#include <string>
#include <utility>

#include "server/errors.h"
#include "server/orders/history.h"

namespace server::orders {
namespace {

namespace catalog = shop::catalog::v1;
namespace payments = shop::payments::v1;
namespace pb = shop::orders::v1;
using grpc::Status;

// The price of one piece if `quantity` pieces are ordered at once.
int64_t UnitPriceMinor(const catalog::Product& product, int32_t quantity) {
  const int64_t price = product.has_sale_price_minor() ? product.sale_price_minor().value()
                                                       : product.price().amount_minor();
  int32_t best_pieces = 0;
  int32_t percent = 0;
  for (const auto& [pieces, discount] : product.bulk_discounts()) {
    if (pieces <= quantity && pieces > best_pieces) {
      best_pieces = pieces;
      percent = discount;
    }
  }
  return (price * (100 - percent) + 50) / 100;
}

Status GetProducts(const Peers& peers, const grpc::ServerContext& context,
                   const pb::CreateOrderRequest& request,
                   catalog::BatchGetProductsResponse* response) {
  catalog::BatchGetProductsRequest batch;
  for (const pb::OrderLine& line : request.lines()) batch.add_product_ids(line.product_id());
  return FromPeer("catalog",
                  peers.catalog->BatchGetProducts(MakeContext(&context).get(), batch, response));
}

Status Reserve(const Peers& peers, const grpc::ServerContext& context, pb::Order* order) {
  catalog::ReserveStockRequest request;
  for (const pb::OrderLine& line : order->lines()) {
    catalog::StockItem* item = request.add_items();
    item->set_product_id(line.product_id());
    item->set_quantity(line.quantity());
  }
  catalog::Reservation reservation;
  Status status = FromPeer(
      "catalog", peers.catalog->ReserveStock(MakeContext(&context).get(), request, &reservation));
  if (!status.ok()) return status;
  order->set_reservation_id(reservation.reservation_id());
  *order->add_history() = MakeAudit("shop-catalog", "stock.reserved", &reservation);
  return Status::OK;
}

// Is not given up with the call: an authorization whose answer is lost could not be taken back.
Status Authorize(const Peers& peers, const payments::PaymentMethod& method, pb::Order* order) {
  if (order->total().amount_minor() == 0) return Status::OK;
  payments::AuthorizePaymentRequest request;
  request.set_reference(order->order_id());
  *request.mutable_amount() = order->total();
  *request.mutable_method() = method;
  payments::Payment payment;
  const Status status = FromPeer(
      "payment", peers.payments->AuthorizePayment(MakeContext(nullptr).get(), request, &payment));
  if (!status.ok()) return RenameFields(status, "method", "payment_method");
  order->set_payment_id(payment.payment_id());
  *order->add_history() = MakeAudit("shop-payments", "payment.authorized", &payment);
  return Status::OK;
}

Status Commit(const Peers& peers, const grpc::ServerContext& context, pb::Order* order) {
  catalog::CommitReservationRequest request;
  request.set_reservation_id(order->reservation_id());
  catalog::Reservation reservation;
  Status status = FromPeer("catalog", peers.catalog->CommitReservation(MakeContext(&context).get(),
                                                                       request, &reservation));
  if (!status.ok()) return status;
  *order->add_history() = MakeAudit("shop-catalog", "stock.committed", &reservation);
  return Status::OK;
}

}  // namespace

Status PriceOrder(const Peers& peers, const grpc::ServerContext& context,
                  const pb::CreateOrderRequest& request, Store::Record* record) {
  catalog::BatchGetProductsResponse found;
  if (Status status = GetProducts(peers, context, request, &found); !status.ok()) return status;
  pb::Order& order = record->order;
  Violations violations;
  int64_t total = 0;
  record->needs_parcel = false;
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto it = found.products().find(request.lines(i).product_id());
    if (it == found.products().end()) {
      violations.Add("lines[" + std::to_string(i) + "].product_id",
                     "\"" + request.lines(i).product_id() +
                         "\" is not a product; find one with SearchProducts of the catalog");
      continue;
    }
    record->needs_parcel |= !it->second.has_download();
    pb::OrderLine* line = order.add_lines();
    *line = request.lines(i);
    line->set_title(it->second.title());
    line->set_unit_price_minor(line->has_price_override_minor()
                                   ? line->price_override_minor().value()
                                   : UnitPriceMinor(it->second, line->quantity()));
    total += line->quantity() * line->unit_price_minor();
  }
  if (record->needs_parcel && !request.has_shipping_address()) {
    violations.Add("shipping_address", "is required, because something has to be sent");
  }
  if (!violations.empty()) return violations.ToStatus();
  order.set_customer_id(request.customer_id());
  order.mutable_total()->set_currency_code("EUR");
  order.mutable_total()->set_amount_minor(total);
  if (request.has_shipping_address())
    *order.mutable_shipping_address() = request.shipping_address();
  if (request.has_gift_message()) *order.mutable_gift_message() = request.gift_message();
  *order.mutable_labels() = request.labels();
  return Status::OK;
}

Status PlaceOrder(const Peers& peers, const grpc::ServerContext& context,
                  const payments::PaymentMethod& method, Store::Record* record) {
  pb::Order& order = record->order;
  Status status = Reserve(peers, context, &order);
  if (status.ok()) status = Authorize(peers, method, &order);
  if (status.ok()) status = Commit(peers, context, &order);
  if (!status.ok()) {
    // The caller must learn why it failed; a hold that cannot be given back ends by itself.
    (void)TakeBack(peers, nullptr, order, "the order could not be placed");
    return status;
  }
  *order.mutable_create_time() = google::protobuf::util::TimeUtil::GetCurrentTime();
  *order.mutable_update_time() = order.create_time();
  order.set_state(pb::ORDER_STATE_PLACED);
  *order.add_history() =
      MakeAudit("customer", "order.placed", nullptr, {{"customer_id", order.customer_id()}});
  return Status::OK;
}

Status TakeBack(const Peers& peers, const grpc::ServerContext* context, const pb::Order& order,
                const std::string& reason) {
  Status result;
  if (!order.reservation_id().empty()) {
    catalog::ReleaseReservationRequest request;
    request.set_reservation_id(order.reservation_id());
    catalog::Reservation reservation;
    result = FromPeer("catalog", peers.catalog->ReleaseReservation(MakeContext(context).get(),
                                                                   request, &reservation));
  }
  if (!order.payment_id().empty()) {
    payments::RefundPaymentRequest request;
    request.set_payment_id(order.payment_id());
    request.set_reason(reason);
    payments::Payment payment;
    const Status status = FromPeer(
        "payment", peers.payments->RefundPayment(MakeContext(context).get(), request, &payment));
    if (result.ok()) result = status;
  }
  return result;
}

}  // namespace server::orders
