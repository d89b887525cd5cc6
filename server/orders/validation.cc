#include "server/orders/validation.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace server::orders {
namespace {

namespace pb = shop::orders::v1;
using shop::common::v1::Address;

constexpr int64_t kMaxPriceMinor = 100'000'000;
constexpr size_t kMaxPictureBytes = 1 << 20;

// In characters, not bytes: continuation bytes of UTF-8 do not count.
size_t CountCharacters(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
  }));
}

// RFC 9562: 8-4-4-4-12 hexadecimal digits.
bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

// E.164: a plus and up to 15 digits.
bool IsPhone(std::string_view text) {
  return text.size() >= 3 && text.size() <= 16 && text[0] == '+' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

Violations CheckAddress(const Address& address) {
  Violations violations;
  const auto require = [&violations](const char* field, const std::string& value) {
    if (value.empty() || CountCharacters(value) > 100) {
      violations.Add(field, "must have 1 to 100 characters");
    }
  };
  require("recipient", address.recipient());
  require("postal_code", address.postal_code());
  require("city", address.city());
  if (address.lines_size() < 1 || address.lines_size() > 3) {
    violations.Add("lines", "must be 1 to 3");
  }
  const std::string& country = address.country_code();
  if (country.size() != 2 || !absl::ascii_isupper(country[0]) || !absl::ascii_isupper(country[1])) {
    violations.Add("country_code", "must be two capital letters, for example \"AT\"");
  }
  if (address.has_phone() && !IsPhone(address.phone())) {
    violations.Add("phone", "must be in E.164 format, for example \"+43123456789\"");
  }
  if (address.has_drop_off()) {
    // Negated, so that NaN does not pass.
    if (!(address.drop_off().latitude() >= -90 && address.drop_off().latitude() <= 90)) {
      violations.Add("drop_off.latitude", "must be between -90 and 90");
    }
    if (!(address.drop_off().longitude() >= -180 && address.drop_off().longitude() <= 180)) {
      violations.Add("drop_off.longitude", "must be between -180 and 180");
    }
  }
  return violations;
}

void CheckLines(const pb::CreateOrderRequest& request, Violations* violations) {
  if (request.lines_size() < 1 || request.lines_size() > 100) {
    violations->Add("lines", "must be 1 to 100");
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.lines_size(); ++i) {
    const pb::OrderLine& line = request.lines(i);
    const std::string path = "lines[" + std::to_string(i) + "]";
    if (line.product_id().empty()) violations->Add(path + ".product_id", "is required");
    if (!seen.insert(line.product_id()).second) {
      violations->Add(path + ".product_id", "is listed twice; raise the quantity instead");
    }
    if (line.quantity() < 1 || line.quantity() > 1000) {
      violations->Add(path + ".quantity", "must be between 1 and 1000");
    }
    if (line.has_price_override_minor()) {
      const int64_t price = line.price_override_minor().value();
      if (price < 0 || price > kMaxPriceMinor) {
        violations->Add(path + ".price_override_minor", "must be between 0 and 100000000");
      }
    }
  }
}

bool IsPicture(std::string_view bytes) {
  return bytes.starts_with("\xff\xd8\xff") || bytes.starts_with("\x89PNG\r\n\x1a\n");
}

}  // namespace

Violations CheckCreate(const pb::CreateOrderRequest& request) {
  pb::Order order;
  *order.mutable_labels() = request.labels();
  if (request.has_gift_message()) *order.mutable_gift_message() = request.gift_message();
  if (request.has_shipping_address())
    *order.mutable_shipping_address() = request.shipping_address();
  Violations violations = CheckChangeable(order);
  if (!request.request_id().empty() && !IsUuid(request.request_id())) {
    violations.Add("request_id", "must be a UUID, or empty");
  }
  if (request.customer_id().empty() || request.customer_id().size() > 50) {
    violations.Add("customer_id", "must have 1 to 50 characters");
  }
  CheckLines(request, &violations);
  if (request.payment_method().instrument_case() ==
      shop::payments::v1::PaymentMethod::INSTRUMENT_NOT_SET) {
    violations.Add("payment_method", "needs one of card, bank_account and voucher");
  }
  return violations;
}

Violations CheckChangeable(const pb::Order& order) {
  Violations violations;
  if (order.has_shipping_address()) {
    violations.AddAll("shipping_address", CheckAddress(order.shipping_address()));
  }
  if (CountCharacters(order.gift_message().value()) > 200) {
    violations.Add("gift_message", "must have at most 200 characters");
  }
  if (order.labels_size() > 20) violations.Add("labels", "must be at most 20");
  return violations;
}

Violations CheckSupport(const pb::SupportMessage& message) {
  Violations violations;
  switch (message.content_case()) {
    case pb::SupportMessage::kText:
      if (message.text().empty() || CountCharacters(message.text()) > 1000) {
        violations.Add("text", "must have 1 to 1000 characters");
      }
      break;
    case pb::SupportMessage::kPicture:
      if (message.picture().size() > kMaxPictureBytes || !IsPicture(message.picture())) {
        violations.Add("picture", "must be a JPEG or PNG of at most 1 MiB");
      }
      break;
    case pb::SupportMessage::kEnd:
      if (message.end().satisfaction() < -2 || message.end().satisfaction() > 2) {
        violations.Add("end.satisfaction", "must be between -2 and 2");
      }
      break;
    default:
      violations.Add("text", "is required, or else picture or end");
  }
  return violations;
}

}  // namespace server::orders
