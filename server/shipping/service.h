// shop.shipping.v1.ShippingService; the parcels are parcel-1 and parcel-2. Thread-safe.
#pragma once

#include <grpcpp/server_context.h>

#include "shop/shipping/v1/shipping_service.grpc.pb.h"

namespace server::shipping {

namespace pb = shop::shipping::v1;

class ShippingService final : public pb::ShippingService::Service {
 public:
  grpc::Status QuoteShipping(grpc::ServerContext* context, const pb::QuoteShippingRequest* request,
                             pb::Quote* response) override;
  grpc::Status TrackParcel(grpc::ServerContext* context, const pb::TrackParcelRequest* request,
                           grpc::ServerWriter<pb::ParcelEvent>* writer) override;
};

}  // namespace server::shipping
