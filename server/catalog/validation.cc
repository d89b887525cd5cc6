#include "server/catalog/validation.h"

#include <google/protobuf/util/time_util.h>

#include <set>
#include <string>
#include <string_view>

#include "server/catalog/category_tree.h"

namespace server::catalog {
namespace {

using shop::catalog::v1::Product;

constexpr int64_t kMaxPriceMinor = 100'000'000;
constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

// In characters, not bytes: continuation bytes of UTF-8 do not count.
size_t CountCharacters(const std::string& text) {
  size_t count = 0;
  for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
  return count;
}

void CheckPrices(const Product& product, Violations* violations) {
  if (product.price().currency_code() != "EUR") {
    violations->Add("price.currency_code", "must be \"EUR\"");
  }
  const int64_t price = product.price().amount_minor();
  if (price < 0 || price > kMaxPriceMinor) {
    violations->Add("price.amount_minor", "must be between 0 and 100000000");
  }
  if (product.has_sale_price_minor()) {
    const int64_t sale = product.sale_price_minor().value();
    if (sale < 0 || sale >= price) {
      violations->Add("sale_price_minor", "must be at least 0 and lower than the price");
    }
  }
  for (const auto& [pieces, percent] : product.bulk_discounts()) {
    if (pieces < 2 || percent < 1 || percent > 90) {
      violations->Add("bulk_discounts[" + std::to_string(pieces) + "]",
                      "needs at least 2 pieces and a percentage from 1 to 90");
    }
  }
}

void CheckDelivery(const Product& product, Violations* violations) {
  switch (product.kind()) {
    case shop::catalog::v1::PRODUCT_KIND_PHYSICAL:
      if (!product.has_shipping()) violations->Add("shipping", "is required for physical products");
      break;
    case shop::catalog::v1::PRODUCT_KIND_DIGITAL:
      if (!product.has_download()) violations->Add("download", "is required for digital products");
      break;
    default:
      violations->Add("kind", "must be PRODUCT_KIND_PHYSICAL or PRODUCT_KIND_DIGITAL");
  }
}

}  // namespace

Violations CheckProduct(const Product& product) {
  Violations violations;
  const size_t title = CountCharacters(product.title());
  if (title < 1 || title > 120) violations.Add("title", "must have 1 to 120 characters");
  if (CountCharacters(product.description()) > 2000) {
    violations.Add("description", "must have at most 2000 characters");
  }
  CheckPrices(product, &violations);
  CheckDelivery(product, &violations);
  for (int i = 0; i < product.category_ids_size(); ++i) {
    if (FindCategory(product.category_ids(i)) == nullptr) {
      violations.Add("category_ids[" + std::to_string(i) + "]",
                     "\"" + product.category_ids(i) + "\" is not a category; see ListCategories");
    }
  }
  if (product.labels_size() > 20) violations.Add("labels", "must be at most 20");
  if (product.gtin() > 9'999'999'999'999) violations.Add("gtin", "must have at most 13 digits");
  const std::string& thumbnail = product.thumbnail_png();
  if (thumbnail.size() > 64 * 1024) violations.Add("thumbnail_png", "must be at most 64 KiB");
  if (!thumbnail.empty() && !std::string_view(thumbnail).starts_with(kPngSignature)) {
    violations.Add("thumbnail_png", "must be a PNG file");
  }
  return violations;
}

Violations CheckSearch(const shop::catalog::v1::SearchProductsRequest& request) {
  Violations violations;
  if (request.query().size() > 1000) violations.Add("query", "must have at most 1000 bytes");
  if (request.has_category_id() && FindCategory(request.category_id()) == nullptr) {
    violations.Add("category_id",
                   "\"" + request.category_id() + "\" is not a category; see ListCategories");
  }
  if (request.has_min_price_minor() && request.has_max_price_minor() &&
      request.min_price_minor() > request.max_price_minor()) {
    violations.Add("max_price_minor", "must not be lower than min_price_minor");
  }
  return violations;
}

Violations CheckReserve(const shop::catalog::v1::ReserveStockRequest& request) {
  Violations violations;
  if (request.items_size() < 1 || request.items_size() > 100) {
    violations.Add("items", "must be 1 to 100");
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.items_size(); ++i) {
    const std::string path = "items[" + std::to_string(i) + "]";
    if (!seen.insert(request.items(i).product_id()).second) {
      violations.Add(path + ".product_id", "is listed twice");
    }
    if (request.items(i).quantity() < 1) violations.Add(path + ".quantity", "must be at least 1");
  }
  if (request.has_hold()) {
    const int64_t seconds = request.hold().seconds();
    if (seconds < 1 || seconds > 3600) violations.Add("hold", "must be 1 second to 1 hour");
  }
  return violations;
}

Violations CheckSync(const shop::catalog::v1::SyncInventoryRequest& request) {
  Violations violations;
  if (request.warehouse_id().empty() || request.warehouse_id().size() > 20) {
    violations.Add("warehouse_id", "must have 1 to 20 characters");
  }
  switch (request.count_case()) {
    case shop::catalog::v1::SyncInventoryRequest::kCounted:
      if (request.counted() < 0) violations.Add("counted", "must not be negative");
      break;
    case shop::catalog::v1::SyncInventoryRequest::kChange:
      break;
    default:
      violations.Add("counted", "is required, or else change");
  }
  return violations;
}

}  // namespace server::catalog
