#include "server/payments/service.h"

#include <google/protobuf/util/time_util.h>

#include <boost/crc.hpp>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "server/errors.h"
#include "server/paging.h"
#include "server/payments/instrument.h"

namespace server::payments {
namespace {

using google::protobuf::util::TimeUtil;
using grpc::ServerContext;
using grpc::Status;

constexpr char kType[] = "shop.payments.v1.Payment";
constexpr int kDefaultPageSize = 20;

using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

std::string FormatEur(int64_t amount_minor) {
  char text[32];
  std::snprintf(text, sizeof(text), "%lld.%02lld EUR", static_cast<long long>(amount_minor / 100),
                static_cast<long long>(amount_minor % 100));
  return text;
}

std::string FormatReceipt(const pb::Payment& payment) {
  return "RECEIPT " + payment.payment_id() + "\nfor " + payment.reference() + "\npaid by " +
         payment.method_summary() + "\non " + TimeUtil::ToString(payment.authorize_time()) +
         "\npaid     " + FormatEur(payment.captured().amount_minor()) + "\nrefunded " +
         FormatEur(payment.refunded().amount_minor()) + "\n";
}

}  // namespace

Status PaymentService::AuthorizePayment(ServerContext*, const pb::AuthorizePaymentRequest* request,
                                        pb::Payment* response) {
  Violations violations;
  if (request->reference().empty() || request->reference().size() > 100) {
    violations.Add("reference", "must have 1 to 100 characters");
  }
  if (request->amount().currency_code() != "EUR") {
    violations.Add("amount.currency_code", "must be \"EUR\"");
  }
  if (request->amount().amount_minor() < 1) {
    violations.Add("amount.amount_minor", "must be more than 0");
  }
  violations.AddAll("method", CheckMethod(request->method(), TimeUtil::GetCurrentTime()));
  if (!violations.empty()) return violations.ToStatus();
  return ledger_.Authorize(*request, response);
}

Status PaymentService::CapturePayment(ServerContext*, const pb::CapturePaymentRequest* request,
                                      pb::Payment* response) {
  return ledger_.Capture(*request, response);
}

Status PaymentService::RefundPayment(ServerContext*, const pb::RefundPaymentRequest* request,
                                     pb::Payment* response) {
  Violations violations;
  if (request->reason().empty()) violations.Add("reason", "is required");
  if (!violations.empty()) return violations.ToStatus();
  return ledger_.Refund(*request, response);
}

Status PaymentService::GetPayment(ServerContext*, const pb::GetPaymentRequest* request,
                                  pb::Payment* response) {
  std::optional<pb::Payment> payment = ledger_.Find(request->payment_id());
  if (!payment) return NotFound(kType, request->payment_id());
  *response = *std::move(payment);
  return Status::OK;
}

Status PaymentService::ListPayments(ServerContext*, const pb::ListPaymentsRequest* request,
                                    pb::ListPaymentsResponse* response) {
  Page page;
  if (Status status = ParsePage(*request, kDefaultPageSize, &page); !status.ok()) return status;
  int64_t next_cursor = 0;
  for (pb::Payment& payment : ledger_.List(*request, page, &next_cursor)) {
    *response->add_payments() = std::move(payment);
  }
  if (next_cursor != 0) response->set_next_page_token(MakePageToken(*request, next_cursor));
  return Status::OK;
}

Status PaymentService::GetReceipt(ServerContext*, const pb::GetReceiptRequest* request,
                                  pb::Receipt* response) {
  const std::optional<pb::Payment> payment = ledger_.Find(request->payment_id());
  if (!payment) return NotFound(kType, request->payment_id());
  if (payment->captured().amount_minor() == 0) {
    return FailedPrecondition("NOT_CAPTURED", "nothing was collected yet",
                              {{"state", pb::PaymentState_Name(payment->state())}});
  }
  const std::string content = FormatReceipt(*payment);
  Crc32c crc;
  crc.process_bytes(content.data(), content.size());
  response->set_payment_id(payment->payment_id());
  response->set_media_type("text/plain; charset=utf-8");
  response->set_content(content);
  response->set_checksum_crc32c(crc.checksum());
  return Status::OK;
}

}  // namespace server::payments
