#include "server/shipping/service.h"

#include <string>
#include <utility>
#include <vector>

#include "server/errors.h"

namespace server::shipping {
namespace {

using grpc::ServerContext;
using grpc::Status;

using Places = std::vector<std::pair<const char*, const char*>>;

const Places* PlacesOf(const std::string& parcel_id) {
  static const Places kFirst{{"Berlin", "collected"}, {"Linz", "sorted"}, {"Vienna", "delivered"}};
  static const Places kSecond{{"Berlin", "collected"}};
  if (parcel_id == "parcel-1") return &kFirst;
  if (parcel_id == "parcel-2") return &kSecond;
  return nullptr;
}

}  // namespace

Status ShippingService::QuoteShipping(ServerContext*, const pb::QuoteShippingRequest* request,
                                      pb::Quote* response) {
  constexpr int kMaxGrams = 30'000;
  Violations violations;
  if (request->country_code().size() != 2) {
    violations.Add("country_code", "must have two letters");
  }
  if (request->weight_grams() < 1 || request->weight_grams() > kMaxGrams) {
    violations.Add("weight_grams", "must be 1 to 30000");
  }
  if (!violations.empty()) return violations.ToStatus();
  const bool near = request->country_code() == "AT" || request->country_code() == "DE";
  response->set_price_minor((near ? 490 : 990) + request->weight_grams() / 10);
  response->set_days(near ? 2 : 6);
  return Status::OK;
}

Status ShippingService::TrackParcel(ServerContext*, const pb::TrackParcelRequest* request,
                                    grpc::ServerWriter<pb::ParcelEvent>* writer) {
  const Places* const places = PlacesOf(request->parcel_id());
  if (places == nullptr) return NotFound("shop.shipping.v1.Parcel", request->parcel_id());
  for (const auto& [place, what] : *places) {
    pb::ParcelEvent event;
    event.set_place(place);
    event.set_what(what);
    if (!writer->Write(event)) break;
  }
  return Status::OK;
}

}  // namespace server::shipping
