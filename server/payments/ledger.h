// All payments and vouchers, in memory, with a seed: pay-1 to pay-5 for the seeded orders order-1
// to order-5. Thread-safe; all messages are copies. Errors are those that PaymentService documents.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/paging.h"
#include "shop/payments/v1/payment_service.pb.h"

namespace server::payments {

class Ledger final {
 public:
  using Payment = shop::payments::v1::Payment;

  Ledger();

  std::optional<Payment> Find(const std::string& payment_id) const;
  // A page of the payments that `request` asks for, newest first; see FindNewestFirst.
  std::vector<Payment> List(const shop::payments::v1::ListPaymentsRequest& request,
                            const Page& page, int64_t* next_cursor) const;

  // `request` is valid.
  grpc::Status Authorize(const shop::payments::v1::AuthorizePaymentRequest& request,
                         Payment* payment);
  grpc::Status Capture(const shop::payments::v1::CapturePaymentRequest& request, Payment* payment);
  grpc::Status Refund(const shop::payments::v1::RefundPaymentRequest& request, Payment* payment);

 private:
  struct Entry {
    Payment payment;
    std::string voucher_code;  // empty if not paid by voucher
  };

  // All of these need mutex_.
  Entry* FindEntry(const std::string& payment_id);
  grpc::Status TakeFromInstrument(const shop::payments::v1::AuthorizePaymentRequest& request);
  void GiveBackToVoucher(const Entry& entry, int64_t amount_minor);

  mutable std::mutex mutex_;
  std::map<int64_t, Entry> payments_;            // by the number in the id
  std::map<std::string, int64_t> by_reference_;  // the latest payment for a reference
  std::map<std::string, int64_t> vouchers_;      // what is left, in cents
  int64_t next_payment_ = 1;
};

}  // namespace server::payments
