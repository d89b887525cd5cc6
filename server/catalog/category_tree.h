// The fixed tree of categories. Immutable; any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "shop/catalog/v1/category.pb.h"

namespace server::catalog {

// The top categories with all below them, without product counts.
const std::vector<shop::catalog::v1::Category>& CategoryTree();

// Null if there is no such category.
const shop::catalog::v1::Category* FindCategory(const std::string& category_id);

// The ids of a category and of all below it.
std::set<std::string> CollectIds(const shop::catalog::v1::Category& category);

// The category with its product counts, cut to `max_depth` levels (0: all). `product_categories`
// has the category ids of each product.
shop::catalog::v1::Category CountedCategory(
    const shop::catalog::v1::Category& category, int max_depth,
    const std::map<std::string, std::set<std::string>>& product_categories);

}  // namespace server::catalog
