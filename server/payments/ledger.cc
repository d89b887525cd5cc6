#include "server/payments/ledger.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/errors.h"
#include "server/numbered_id.h"
#include "server/payments/instrument.h"

namespace server::payments {
namespace {

namespace pb = shop::payments::v1;
using google::protobuf::util::TimeUtil;
using grpc::Status;

constexpr char kPrefix[] = "pay-";
constexpr char kType[] = "shop.payments.v1.Payment";
constexpr char kDeclinedCard[] = "4000000000000002";
constexpr char kBusyCard[] = "4000000000000119";
constexpr size_t kMaxPayments = 200'000;
constexpr int64_t kRiskyMinor = 500'000;

shop::common::v1::Money Eur(int64_t amount_minor) {
  shop::common::v1::Money money;
  money.set_currency_code("EUR");
  money.set_amount_minor(amount_minor);
  return money;
}

Status WrongState(const pb::Payment& payment, std::string reason, std::string message) {
  return FailedPrecondition(
      std::move(reason), std::move(message),
      {{"payment_id", payment.payment_id()}, {"state", pb::PaymentState_Name(payment.state())}});
}

Status CheckAmount(const google::protobuf::Int64Value& amount, int64_t most) {
  Violations violations;
  if (amount.value() < 1 || amount.value() > most) {
    violations.Add("amount_minor", "must be between 1 and " + std::to_string(most));
  }
  return violations.ToStatus();
}

bool Matches(const pb::ListPaymentsRequest& request, const pb::Payment& payment) {
  if (request.has_reference() && request.reference() != payment.reference()) return false;
  const auto& states = request.states();
  return states.empty() || std::find(states.begin(), states.end(), payment.state()) != states.end();
}

}  // namespace

Ledger::Ledger() : vouchers_{{"GIFT-50", 5'000}, {"GIFT-1000", 100'000}} {
  // Totals and times are those of the orders' own seed.
  constexpr int64_t kTotals[] = {17'900, 9'449, 25'470, 4'900, 11'900};
  constexpr int64_t kFirstOrderSeconds = 1'769'940'000;  // 2026-02-01T10:00:00Z
  for (const int64_t total : kTotals) {
    const int64_t number = next_payment_++;
    pb::Payment& payment = payments_[number].payment;
    payment.set_payment_id(MakeId(kPrefix, number));
    payment.set_reference("order-" + std::to_string(number));
    *payment.mutable_amount() = Eur(total);
    *payment.mutable_captured() = Eur(total);
    *payment.mutable_refunded() = Eur(0);
    payment.set_state(pb::PAYMENT_STATE_CAPTURED);
    payment.set_method_summary("card ending in 4242");
    *payment.mutable_authorize_time() =
        TimeUtil::SecondsToTimestamp(kFirstOrderSeconds + (number - 1) * 24 * 3600);
    by_reference_[payment.reference()] = number;
  }
}

Ledger::Entry* Ledger::FindEntry(const std::string& payment_id) {
  const auto it = payments_.find(ParseId(kPrefix, payment_id));
  return it == payments_.end() ? nullptr : &it->second;
}

std::optional<pb::Payment> Ledger::Find(const std::string& payment_id) const {
  const std::lock_guard lock(mutex_);
  const auto it = payments_.find(ParseId(kPrefix, payment_id));
  if (it == payments_.end()) return std::nullopt;
  return it->second.payment;
}

std::vector<pb::Payment> Ledger::List(const pb::ListPaymentsRequest& request, const Page& page,
                                      int64_t* next_cursor) const {
  const std::lock_guard lock(mutex_);
  const auto matches = [&request](const Entry& entry) { return Matches(request, entry.payment); };
  std::vector<pb::Payment> payments;
  for (const Entry* entry : FindNewestFirst(payments_, page, matches, next_cursor)) {
    payments.push_back(entry->payment);
  }
  return payments;
}

Status Ledger::TakeFromInstrument(const pb::AuthorizePaymentRequest& request) {
  const int64_t amount = request.amount().amount_minor();
  if (request.method().has_card()) {
    const std::string& number = request.method().card().number();
    if (number == kBusyCard) {
      return RetryLater("the acquirer is busy", std::chrono::seconds(2));
    }
    if (number == kDeclinedCard) {
      return FailedPrecondition("CARD_DECLINED", "the card was declined; use another one");
    }
  }
  if (request.method().has_voucher()) {
    const auto it = vouchers_.find(request.method().voucher().code());
    if (it == vouchers_.end()) {
      return NotFound("shop.payments.v1.Voucher", request.method().voucher().code());
    }
    if (it->second < amount) {
      return FailedPrecondition(
          "VOUCHER_EXHAUSTED", "too little is left on the voucher",
          {{"left_minor", std::to_string(it->second)}, {"amount_minor", std::to_string(amount)}});
    }
    it->second -= amount;
  }
  return Status::OK;
}

void Ledger::GiveBackToVoucher(const Entry& entry, int64_t amount_minor) {
  if (!entry.voucher_code.empty()) vouchers_[entry.voucher_code] += amount_minor;
}

Status Ledger::Authorize(const pb::AuthorizePaymentRequest& request, pb::Payment* payment) {
  const std::lock_guard lock(mutex_);
  const int64_t amount = request.amount().amount_minor();
  if (const auto it = by_reference_.find(request.reference()); it != by_reference_.end()) {
    const pb::Payment& known = payments_.at(it->second).payment;
    if (known.amount().amount_minor() != amount) {
      return AlreadyExists(kType, known.payment_id(),
                           request.reference() + " has a payment of another amount");
    }
    *payment = known;
    return Status::OK;
  }
  if (payments_.size() >= kMaxPayments) {
    return QuotaExceeded("payments", "too many payments; restart the service");
  }
  if (const Status status = TakeFromInstrument(request); !status.ok()) return status;
  const int64_t number = next_payment_++;
  Entry& entry = payments_[number];
  if (request.method().has_voucher()) entry.voucher_code = request.method().voucher().code();
  entry.payment.set_payment_id(MakeId(kPrefix, number));
  entry.payment.set_reference(request.reference());
  *entry.payment.mutable_amount() = Eur(amount);
  *entry.payment.mutable_captured() = Eur(0);
  *entry.payment.mutable_refunded() = Eur(0);
  entry.payment.set_state(pb::PAYMENT_STATE_AUTHORIZED);
  entry.payment.set_method_summary(ToSummary(request.method()));
  *entry.payment.mutable_authorize_time() = TimeUtil::GetCurrentTime();
  entry.payment.set_risk_score(static_cast<float>(std::min(amount, kRiskyMinor)) /
                               static_cast<float>(kRiskyMinor));
  by_reference_[request.reference()] = number;
  *payment = entry.payment;
  return Status::OK;
}

Status Ledger::Capture(const pb::CapturePaymentRequest& request, pb::Payment* payment) {
  const std::lock_guard lock(mutex_);
  Entry* entry = FindEntry(request.payment_id());
  if (entry == nullptr) return NotFound(kType, request.payment_id());
  pb::Payment& known = entry->payment;
  if (known.state() != pb::PAYMENT_STATE_AUTHORIZED) {
    return WrongState(known, "NOT_AUTHORIZED", "only an authorized payment can be captured");
  }
  const int64_t authorized = known.amount().amount_minor();
  int64_t amount = authorized;
  if (request.has_amount_minor()) {
    const Status status = CheckAmount(request.amount_minor(), authorized);
    if (!status.ok()) return status;
    amount = request.amount_minor().value();
  }
  GiveBackToVoucher(*entry, authorized - amount);
  *known.mutable_captured() = Eur(amount);
  known.set_state(pb::PAYMENT_STATE_CAPTURED);
  *payment = known;
  return Status::OK;
}

Status Ledger::Refund(const pb::RefundPaymentRequest& request, pb::Payment* payment) {
  const std::lock_guard lock(mutex_);
  Entry* entry = FindEntry(request.payment_id());
  if (entry == nullptr) return NotFound(kType, request.payment_id());
  pb::Payment& known = entry->payment;
  switch (known.state()) {
    case pb::PAYMENT_STATE_AUTHORIZED: {
      const int64_t authorized = known.amount().amount_minor();
      if (request.has_amount_minor() && request.amount_minor().value() != authorized) {
        return WrongState(known, "NOT_CAPTURED",
                          "only the whole authorization can be given up before the capture");
      }
      GiveBackToVoucher(*entry, authorized);
      known.set_state(pb::PAYMENT_STATE_VOIDED);
      break;
    }
    case pb::PAYMENT_STATE_CAPTURED:
    case pb::PAYMENT_STATE_REFUNDED: {
      const int64_t refunded = known.refunded().amount_minor();
      const int64_t left = known.captured().amount_minor() - refunded;
      if (left == 0) return WrongState(known, "ALREADY_REFUNDED", "all of it was paid back");
      int64_t amount = left;
      if (request.has_amount_minor()) {
        const Status status = CheckAmount(request.amount_minor(), left);
        if (!status.ok()) return status;
        amount = request.amount_minor().value();
      }
      GiveBackToVoucher(*entry, amount);
      *known.mutable_refunded() = Eur(refunded + amount);
      known.set_state(pb::PAYMENT_STATE_REFUNDED);
      break;
    }
    default:  // voided already
      break;
  }
  *payment = known;
  return Status::OK;
}

}  // namespace server::payments
