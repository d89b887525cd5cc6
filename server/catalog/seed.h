// The products the shop starts with: always the same, with times in January 2026.
#pragma once

#include <vector>

#include "shop/catalog/v1/product.pb.h"

namespace server::catalog {

// Without ids and etags.
std::vector<shop::catalog::v1::Product> SeedProducts();

}  // namespace server::catalog
