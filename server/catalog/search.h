// Finding and ordering products. Pure functions; any thread.
#pragma once

#include <functional>
#include <vector>

#include "shop/catalog/v1/catalog_service.pb.h"

namespace server::catalog {

// What the customer pays for one piece.
int64_t EffectivePriceMinor(const shop::catalog::v1::Product& product);

// True for the products that `request`, which must be valid and outlive the result, asks for.
std::function<bool(const shop::catalog::v1::Product&)> MakeMatcher(
    const shop::catalog::v1::SearchProductsRequest& request);

// `products` come ordered by id.
void Sort(shop::catalog::v1::SearchProductsRequest::SortOrder order,
          std::vector<shop::catalog::v1::Product>* products);

}  // namespace server::catalog
