#include "server/loyalty/service.h"

#include "server/errors.h"

namespace server::loyalty {
namespace {

using grpc::ServerContext;
using grpc::Status;

constexpr char kType[] = "shop.loyalty.v1.Account";

}  // namespace

LoyaltyService::LoyaltyService() {
  for (int i = 1; i <= 9; ++i) {
    pb::Account account;
    account.set_customer_id("cust-" + std::to_string(i));
    account.set_points(100);
    accounts_[account.customer_id()] = account;
  }
}

Status LoyaltyService::GetAccount(ServerContext*, const pb::GetAccountRequest* request,
                                  pb::Account* response) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(request->customer_id());
  if (found == accounts_.end()) return NotFound(kType, request->customer_id());
  *response = found->second;
  return Status::OK;
}

Status LoyaltyService::RedeemPoints(ServerContext*, const pb::RedeemPointsRequest* request,
                                    pb::Account* response) {
  Violations violations;
  if (request->points() < 1) violations.Add("points", "must be at least 1");
  if (!violations.empty()) return violations.ToStatus();
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(request->customer_id());
  if (found == accounts_.end()) return NotFound(kType, request->customer_id());
  pb::Account& account = found->second;
  if (account.points() < request->points()) {
    return FailedPrecondition("TOO_FEW_POINTS",
                              "there are only " + std::to_string(account.points()) + " points");
  }
  account.set_points(account.points() - request->points());
  account.set_last_channel(request->channel());
  *response = account;
  return Status::OK;
}

}  // namespace server::loyalty
