// shop.orders.v1.OrderService: what a call means; the parts beside it do the work. Thread-safe.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>

#include "server/orders/fulfilment.h"
#include "server/orders/operations.h"
#include "server/orders/peers.h"
#include "server/orders/store.h"
#include "shop/orders/v1/order_service.grpc.pb.h"

namespace server::orders {

namespace pb = shop::orders::v1;

class OrderService final : public pb::OrderService::Service {
 public:
  // Writing an order to a file takes `export_time`. All must outlive it.
  OrderService(Store* store, const Peers* peers, Fulfilment* fulfilment, Operations* operations,
               std::chrono::milliseconds export_time)
      : store_(store),
        peers_(peers),
        fulfilment_(fulfilment),
        operations_(operations),
        export_time_(export_time) {}

  grpc::Status CreateOrder(grpc::ServerContext* context, const pb::CreateOrderRequest* request,
                           pb::Order* response) override;
  grpc::Status GetOrder(grpc::ServerContext* context, const pb::GetOrderRequest* request,
                        pb::Order* response) override;
  grpc::Status ListOrders(grpc::ServerContext* context, const pb::ListOrdersRequest* request,
                          pb::ListOrdersResponse* response) override;
  grpc::Status UpdateOrder(grpc::ServerContext* context, const pb::UpdateOrderRequest* request,
                           pb::Order* response) override;
  grpc::Status CancelOrder(grpc::ServerContext* context, const pb::CancelOrderRequest* request,
                           pb::Order* response) override;
  grpc::Status WatchOrder(grpc::ServerContext* context, const pb::WatchOrderRequest* request,
                          grpc::ServerWriter<pb::OrderEvent>* writer) override;
  grpc::Status GetInvoice(grpc::ServerContext* context, const pb::GetInvoiceRequest* request,
                          pb::LegacyInvoice* response) override;
  grpc::Status SupportChat(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<pb::SupportReply, pb::SupportMessage>* stream) override;
  grpc::Status ExportOrders(grpc::ServerContext* context, const pb::ExportOrdersRequest* request,
                            google::longrunning::Operation* response) override;

 private:
  Store* const store_;
  const Peers* const peers_;
  Fulfilment* const fulfilment_;
  Operations* const operations_;
  const std::chrono::milliseconds export_time_;
};

}  // namespace server::orders
