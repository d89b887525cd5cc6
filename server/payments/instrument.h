// Means of payment: what they must be like, and what may be shown of them. Pure functions; any
// thread.
#pragma once

#include <string>

#include "server/errors.h"
#include "shop/payments/v1/payment.pb.h"

namespace server::payments {

// Paths start in the method, for example "card.number". `now` decides what has expired.
Violations CheckMethod(const shop::payments::v1::PaymentMethod& method,
                       const google::protobuf::Timestamp& now);

// Without secrets, for example "card ending in 4242". `method` is valid.
std::string ToSummary(const shop::payments::v1::PaymentMethod& method);

}  // namespace server::payments
