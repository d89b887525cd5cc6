// What a request to the catalog must be like. Pure functions; any thread.
#pragma once

#include "server/errors.h"
#include "shop/catalog/v1/catalog_service.pb.h"

namespace server::catalog {

// Paths are those in the product, for example "price.amount_minor".
Violations CheckProduct(const shop::catalog::v1::Product& product);

Violations CheckSearch(const shop::catalog::v1::SearchProductsRequest& request);
Violations CheckReserve(const shop::catalog::v1::ReserveStockRequest& request);
Violations CheckSync(const shop::catalog::v1::SyncInventoryRequest& request);

}  // namespace server::catalog
