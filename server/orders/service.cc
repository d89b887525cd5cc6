#include "server/orders/service.h"

#include <google/protobuf/util/time_util.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/errors.h"
#include "server/field_masks.h"
#include "server/orders/documents.h"
#include "server/orders/history.h"
#include "server/orders/placement.h"
#include "server/orders/support.h"
#include "server/orders/validation.h"
#include "server/paging.h"
#include "server/tracing.h"

namespace server::orders {
namespace {

using grpc::ServerContext;
using grpc::Status;

constexpr char kType[] = "shop.orders.v1.Order";
constexpr int kDefaultPageSize = 20;
constexpr size_t kMaxExportBytes = 3 << 20;
// How often a stream looks whether its client is still there.
constexpr std::chrono::milliseconds kPollTime{100};

bool IsFinal(pb::OrderState state) {
  return state == pb::ORDER_STATE_DELIVERED || state == pb::ORDER_STATE_CANCELLED;
}

Status WrongState(const pb::Order& order, std::string reason, std::string message) {
  return FailedPrecondition(
      std::move(reason), std::move(message),
      {{"order_id", order.order_id()}, {"state", pb::OrderState_Name(order.state())}});
}

// True if `path` is `field` or something in it.
bool IsIn(const std::string& path, const std::string& field) {
  return path == field || path.compare(0, field.size() + 1, field + ".") == 0;
}

Violations CheckUpdate(const pb::UpdateOrderRequest& request) {
  Violations violations = CheckUpdateMask(request.update_mask(), request.order());
  if (request.update_mask().paths().empty()) violations.Add("update_mask", "is required");
  for (const std::string& path : request.update_mask().paths()) {
    if (!IsIn(path, "shipping_address") && !IsIn(path, "gift_message") && path != "labels") {
      violations.Add("update_mask", "\"" + path + "\" cannot be changed");
    }
  }
  return violations;
}

Status Export(const std::vector<pb::Order>& orders, pb::ExportOrdersRequest::Format format,
              std::chrono::milliseconds time, pb::ExportOrdersMetadata metadata,
              Operations::Run* run, google::protobuf::Any* response) {
  pb::ExportOrdersResponse result;
  result.set_media_type(ExportMediaType(format));
  result.set_content(ExportHeader(format));
  for (const pb::Order& order : orders) {
    if (!run->Sleep(time)) return Status(grpc::StatusCode::CANCELLED, "cancelled");
    result.mutable_content()->append(ExportRow(format, order));
    if (result.content().size() > kMaxExportBytes) {
      return QuotaExceeded("export", "the file is larger than 3 MiB; export fewer orders");
    }
    metadata.set_exported_orders(metadata.exported_orders() + 1);
    run->SetMetadata(metadata);
  }
  result.set_exported_orders(metadata.exported_orders());
  response->PackFrom(result);
  return Status::OK;
}

}  // namespace

Status OrderService::CreateOrder(ServerContext* context, const pb::CreateOrderRequest* request,
                                 pb::Order* response) {
  const Violations violations = CheckCreate(*request);
  if (!violations.empty()) return violations.ToStatus();
  Store::Record record;
  record.trace = CurrentTrace();
  if (request->validate_only()) {
    const Status status = PriceOrder(*peers_, *context, *request, &record);
    *response = std::move(record.order);
    return status;
  }
  std::string order_id;
  std::optional<pb::Order> placed;
  Status status = store_->StartPlacing(request->request_id(), &order_id, &placed);
  if (!status.ok()) return status;
  if (placed) {
    *response = *std::move(placed);
    return Status::OK;
  }
  status = PriceOrder(*peers_, *context, *request, &record);
  record.order.set_order_id(order_id);
  if (status.ok()) status = PlaceOrder(*peers_, *context, request->payment_method(), &record);
  if (!status.ok()) {
    store_->AbandonPlacing(request->request_id());
    return status;
  }
  *response = record.order;
  response->clear_history();
  store_->FinishPlacing(request->request_id(), std::move(record));
  fulfilment_->Add(order_id);
  return Status::OK;
}

Status OrderService::GetOrder(ServerContext*, const pb::GetOrderRequest* request,
                              pb::Order* response) {
  std::optional<pb::Order> order =
      store_->Find(request->order_id(), request->view() == pb::GetOrderRequest::FULL);
  if (!order) return NotFound(kType, request->order_id());
  *response = *std::move(order);
  return Status::OK;
}

Status OrderService::ListOrders(ServerContext*, const pb::ListOrdersRequest* request,
                                pb::ListOrdersResponse* response) {
  Page page;
  if (Status status = ParsePage(*request, kDefaultPageSize, &page); !status.ok()) return status;
  int64_t next_cursor = 0;
  for (pb::Order& order : store_->List(*request, page, &next_cursor)) {
    *response->add_orders() = std::move(order);
  }
  if (next_cursor != 0) response->set_next_page_token(MakePageToken(*request, next_cursor));
  return Status::OK;
}

Status OrderService::UpdateOrder(ServerContext*, const pb::UpdateOrderRequest* request,
                                 pb::Order* response) {
  const Violations violations = CheckUpdate(*request);
  if (!violations.empty()) return violations.ToStatus();
  Store::Record record;
  const std::string& order_id = request->order().order_id();
  if (Status status = store_->Claim(order_id, &record); !status.ok()) return status;
  pb::Order& order = record.order;
  Status status;
  if (order.state() != pb::ORDER_STATE_PLACED && order.state() != pb::ORDER_STATE_PACKED) {
    status = WrongState(order, "ORDER_CLOSED", "the order cannot be changed any more");
  } else {
    CopyMasked(request->order(), request->update_mask(), &order);
    Violations found;
    found.AddAll("order", CheckChangeable(order));
    if (record.needs_parcel && !order.has_shipping_address()) {
      found.Add("order.shipping_address", "is required, because something has to be sent");
    }
    status = found.ToStatus();
  }
  if (!status.ok()) {
    store_->Unclaim(order_id);
    return status;
  }
  *response = store_->Change(std::move(order), MakeAudit("customer", "order.updated", nullptr));
  return Status::OK;
}

Status OrderService::CancelOrder(ServerContext* context, const pb::CancelOrderRequest* request,
                                 pb::Order* response) {
  Store::Record record;
  const std::string& order_id = request->order_id();
  if (Status status = store_->Claim(order_id, &record); !status.ok()) return status;
  pb::Order& order = record.order;
  if (order.state() != pb::ORDER_STATE_PLACED && order.state() != pb::ORDER_STATE_PACKED) {
    store_->Unclaim(order_id);
    if (order.state() != pb::ORDER_STATE_CANCELLED) {
      return WrongState(order, "ORDER_CLOSED", "the order has left and cannot be cancelled");
    }
    *response = std::move(order);
    response->clear_history();
    return Status::OK;
  }
  const std::string reason = request->reason().empty() ? "cancelled" : request->reason();
  if (Status status = TakeBack(*peers_, context, order, reason); !status.ok()) {
    store_->Unclaim(order_id);
    return status;
  }
  order.set_state(pb::ORDER_STATE_CANCELLED);
  *response = store_->Change(
      std::move(order), MakeAudit("customer", "order.cancelled", nullptr, {{"reason", reason}}),
      reason);
  return Status::OK;
}

Status OrderService::WatchOrder(ServerContext* context, const pb::WatchOrderRequest* request,
                                grpc::ServerWriter<pb::OrderEvent>* writer) {
  if (!store_->Find(request->order_id())) return NotFound(kType, request->order_id());
  pb::OrderEvent event;
  while (!IsFinal(event.state())) {
    if (store_->WaitForEvent(request->order_id(), event.sequence(), kPollTime, &event)) {
      if (!writer->Write(event)) return Status::CANCELLED;
    } else if (context->IsCancelled()) {
      return Status::CANCELLED;
    } else if (store_->stopped()) {
      return RetryLater("the service is stopping; watch the order again", std::chrono::seconds(1));
    }
  }
  return Status::OK;
}

Status OrderService::GetInvoice(ServerContext*, const pb::GetInvoiceRequest* request,
                                pb::LegacyInvoice* response) {
  const std::optional<pb::Order> order = store_->Find(request->order_id());
  if (!order) return NotFound(kType, request->order_id());
  if (order->state() != pb::ORDER_STATE_SHIPPED && order->state() != pb::ORDER_STATE_DELIVERED) {
    return WrongState(*order, "NOT_SHIPPED", "the invoice is written when the order is shipped");
  }
  *response = ToInvoice(*order);
  return Status::OK;
}

Status OrderService::SupportChat(
    ServerContext*, grpc::ServerReaderWriter<pb::SupportReply, pb::SupportMessage>* stream) {
  pb::SupportMessage message;
  while (stream->Read(&message)) {
    const Violations violations = CheckSupport(message);
    if (!violations.empty()) return violations.ToStatus();
    if (!stream->Write(MakeReply(message, *store_)) || message.has_end()) break;
  }
  return Status::OK;
}

Status OrderService::ExportOrders(ServerContext*, const pb::ExportOrdersRequest* request,
                                  google::longrunning::Operation* response) {
  int64_t next_cursor = 0;
  const Page all{0, std::numeric_limits<int>::max()};
  std::vector<pb::Order> orders = store_->List(request->filter(), all, &next_cursor);
  pb::ExportOrdersMetadata metadata;
  *metadata.mutable_start_time() = google::protobuf::util::TimeUtil::GetCurrentTime();
  metadata.set_total_orders(static_cast<int32_t>(orders.size()));
  return operations_->Start(
      metadata,
      [orders = std::move(orders), format = request->format(), time = export_time_, metadata](
          Operations::Run* run, google::protobuf::Any* result) {
        return Export(orders, format, time, metadata, run, result);
      },
      response);
}

}  // namespace server::orders
