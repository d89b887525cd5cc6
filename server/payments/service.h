// shop.payments.v1.PaymentService: what a call means; the ledger does the work. Thread-safe.
#pragma once

#include <grpcpp/server_context.h>

#include "server/payments/ledger.h"
#include "shop/payments/v1/payment_service.grpc.pb.h"

namespace server::payments {

namespace pb = shop::payments::v1;

class PaymentService final : public pb::PaymentService::Service {
 public:
  grpc::Status AuthorizePayment(grpc::ServerContext* context,
                                const pb::AuthorizePaymentRequest* request,
                                pb::Payment* response) override;
  grpc::Status CapturePayment(grpc::ServerContext* context,
                              const pb::CapturePaymentRequest* request,
                              pb::Payment* response) override;
  grpc::Status RefundPayment(grpc::ServerContext* context, const pb::RefundPaymentRequest* request,
                             pb::Payment* response) override;
  grpc::Status GetPayment(grpc::ServerContext* context, const pb::GetPaymentRequest* request,
                          pb::Payment* response) override;
  grpc::Status ListPayments(grpc::ServerContext* context, const pb::ListPaymentsRequest* request,
                            pb::ListPaymentsResponse* response) override;
  grpc::Status GetReceipt(grpc::ServerContext* context, const pb::GetReceiptRequest* request,
                          pb::Receipt* response) override;

 private:
  Ledger ledger_;
};

}  // namespace server::payments
