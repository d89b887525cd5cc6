#include "server/payments/instrument.h"

#include <absl/strings/ascii.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <ctime>
#include <string_view>

namespace server::payments {
namespace {

using shop::payments::v1::BankAccount;
using shop::payments::v1::Card;
using shop::payments::v1::PaymentMethod;

bool IsAllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

// ISO/IEC 7812-1, the Luhn check digit.
bool HasValidCheckDigit(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (auto it = digits.rbegin(); it != digits.rend(); ++it, twice = !twice) {
    const int digit = *it - '0';
    sum += !twice ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
  }
  return sum % 10 == 0;
}

// ISO 13616: the country and the check digits go to the end, letters count from 10, the remainder
// of a division by 97 is 1.
bool IsIban(const std::string& iban) {
  if (iban.size() < 15 || iban.size() > 34) return false;
  int remainder = 0;
  for (size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    if (absl::ascii_isdigit(c)) {
      remainder = (remainder * 10 + (c - '0')) % 97;
    } else if (absl::ascii_isupper(c)) {
      remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
    } else {
      return false;
    }
  }
  return remainder == 1;
}

void CheckCard(const Card& card, const google::protobuf::Timestamp& now, Violations* violations) {
  const std::string& number = card.number();
  if (number.size() < 12 || number.size() > 19 || !IsAllDigits(number)) {
    violations->Add("card.number", "must be 12 to 19 digits without spaces");
  } else if (!HasValidCheckDigit(number)) {
    violations->Add("card.number", "is mistyped: its check digit is wrong");
  }
  const int month = card.expiry_month();
  if (month < 1 || month > 12) {
    violations->Add("card.expiry_month", "must be 1 to 12");
    return;
  }
  const std::time_t seconds = google::protobuf::util::TimeUtil::TimestampToSeconds(now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  const int year = card.expiry_year();
  if (year < 2000 || year > 2100) {
    violations->Add("card.expiry_year", "must have four digits, for example 2030");
  } else if (year * 12 + month < (utc.tm_year + 1900) * 12 + utc.tm_mon + 1) {
    violations->Add("card.expiry_year", "the card has expired");
  }
  const std::string& code = card.security_code();
  if (card.has_security_code() && (code.size() < 3 || code.size() > 4 || !IsAllDigits(code))) {
    violations->Add("card.security_code", "must be 3 or 4 digits");
  }
}

void CheckBankAccount(const BankAccount& account, Violations* violations) {
  if (!IsIban(account.iban())) {
    violations->Add("bank_account.iban", "must be an IBAN without spaces with right check digits");
  }
  if (account.holder().empty()) violations->Add("bank_account.holder", "is required");
}

std::string LastFour(const std::string& text) {
  return text.substr(text.size() - 4);
}

}  // namespace

Violations CheckMethod(const PaymentMethod& method, const google::protobuf::Timestamp& now) {
  Violations violations;
  switch (method.instrument_case()) {
    case PaymentMethod::kCard:
      CheckCard(method.card(), now, &violations);
      break;
    case PaymentMethod::kBankAccount:
      CheckBankAccount(method.bank_account(), &violations);
      break;
    case PaymentMethod::kVoucher:
      if (method.voucher().code().empty()) violations.Add("voucher.code", "is required");
      break;
    default:
      violations.Add("card", "is required, or else bank_account or voucher");
  }
  return violations;
}

std::string ToSummary(const PaymentMethod& method) {
  switch (method.instrument_case()) {
    case PaymentMethod::kCard:
      return "card ending in " + LastFour(method.card().number());
    case PaymentMethod::kBankAccount:
      return "bank account ending in " + LastFour(method.bank_account().iban());
    default:
      return "voucher ending in " + LastFour(method.voucher().code());
  }
}

}  // namespace server::payments
