// shop.loyalty.v1.LoyaltyService, in memory: cust-1 to cust-9 have 100 points each. Thread-safe.
#pragma once

#include <grpcpp/server_context.h>

#include <map>
#include <mutex>
#include <string>

#include "shop/loyalty/v1/loyalty_service.grpc.pb.h"

namespace server::loyalty {

namespace pb = shop::loyalty::v1;

class LoyaltyService final : public pb::LoyaltyService::Service {
 public:
  LoyaltyService();

  grpc::Status GetAccount(grpc::ServerContext* context, const pb::GetAccountRequest* request,
                          pb::Account* response) override;
  grpc::Status RedeemPoints(grpc::ServerContext* context, const pb::RedeemPointsRequest* request,
                            pb::Account* response) override;

 private:
  std::mutex mutex_;
  std::map<std::string, pb::Account> accounts_;
};

}  // namespace server::loyalty
