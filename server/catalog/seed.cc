#include "server/catalog/seed.h"

#include <absl/strings/escaping.h>
#include <google/protobuf/util/time_util.h>

#include <initializer_list>
#include <string>
#include <utility>

namespace server::catalog {
namespace {

using google::protobuf::util::TimeUtil;
using shop::catalog::v1::Product;

constexpr int64_t kSeedTimeSeconds = 1'767'261'600;  // 2026-01-01T10:00:00Z
constexpr int64_t kRestockTimeSeconds = 1'798'797'600;

// A PNG of one blue pixel, in base64.
constexpr char kThumbnail[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNQ6jjzHwAEvAJ28vm/8AAA"
    "AABJRU5ErkJggg==";

struct Facts {
  const char* title;
  const char* description;
  int64_t price_minor;
  std::initializer_list<const char*> categories;
  double rating;  // 0: none
  uint64_t gtin;  // 0: none
  const char* legacy_sku;
};

Product MakeProduct(const Facts& facts) {
  Product product;
  product.set_title(facts.title);
  product.set_description(facts.description);
  product.mutable_price()->set_currency_code("EUR");
  product.mutable_price()->set_amount_minor(facts.price_minor);
  for (const char* category : facts.categories) product.add_category_ids(category);
  if (facts.rating > 0) product.set_rating(facts.rating);
  product.set_gtin(facts.gtin);
  product.set_legacy_sku(facts.legacy_sku);
  *product.mutable_create_time() = TimeUtil::SecondsToTimestamp(kSeedTimeSeconds);
  *product.mutable_update_time() = product.create_time();
  return product;
}

struct Level {
  const char* warehouse;
  int32_t available;
};

Product MakePhysical(const Facts& facts, uint32_t weight_grams,
                     std::initializer_list<Level> levels) {
  Product product = MakeProduct(facts);
  product.set_kind(shop::catalog::v1::PRODUCT_KIND_PHYSICAL);
  auto* shipping = product.mutable_shipping();
  shipping->set_weight_grams(weight_grams);
  shipping->mutable_dimensions()->set_width_mm(200);
  shipping->mutable_dimensions()->set_height_mm(100);
  shipping->mutable_dimensions()->set_depth_mm(80);
  shipping->mutable_handling_time()->set_seconds(24 * 3600);
  for (const Level& level : levels) {
    auto& stock = (*product.mutable_stock())[level.warehouse];
    stock.set_available(level.available);
    if (level.available == 0) {
      *stock.mutable_restock_time() = TimeUtil::SecondsToTimestamp(kRestockTimeSeconds);
    }
  }
  absl::Base64Unescape(kThumbnail, product.mutable_thumbnail_png());
  return product;
}

Product MakeDigital(const Facts& facts, uint64_t size_bytes, const char* media_type) {
  Product product = MakeProduct(facts);
  product.set_kind(shop::catalog::v1::PRODUCT_KIND_DIGITAL);
  product.mutable_download()->set_size_bytes(size_bytes);
  product.mutable_download()->set_media_type(media_type);
  product.mutable_download()->mutable_link_lifetime()->set_seconds(30 * 24 * 3600);
  return product;
}

void SetNumber(Product* product, const char* key, double number) {
  (*product->mutable_attributes()->mutable_fields())[key].set_number_value(number);
}

void SetFlag(Product* product, const char* key, bool flag) {
  (*product->mutable_attributes()->mutable_fields())[key].set_bool_value(flag);
}

void SetTexts(Product* product, const char* key, std::initializer_list<const char*> texts) {
  auto* list = (*product->mutable_attributes()->mutable_fields())[key].mutable_list_value();
  for (const char* text : texts) list->add_values()->set_string_value(text);
}

std::vector<Product> SeedElectronics() {
  std::vector<Product> products;
  Product headphones = MakePhysical({"Wireless headphones",
                                     "Over-ear, noise cancelling, USB-C.",
                                     19'900,
                                     {"headphones"},
                                     4.6,
                                     4006381333931,
                                     "A-17"},
                                    420, {{"ber", 12}, {"vie", 30}});
  headphones.mutable_sale_price_minor()->set_value(17'900);
  (*headphones.mutable_labels())["color"] = "black";
  (*headphones.mutable_bulk_discounts())[5] = 5;
  (*headphones.mutable_bulk_discounts())[10] = 10;
  SetNumber(&headphones, "battery_hours", 30);
  SetFlag(&headphones, "wireless", true);
  SetTexts(&headphones, "codecs", {"SBC", "AAC", "LDAC"});
  products.push_back(std::move(headphones));

  products.push_back(MakePhysical({"Wired headphones",
                                   "Light on-ear headphones with a 1.2 m cable.",
                                   2'999,
                                   {"headphones"},
                                   3.9,
                                   4006381333948,
                                   "A-18"},
                                  180, {{"vie", 80}}));
  SetFlag(&products.back(), "wireless", false);

  products.push_back(MakePhysical({"Bookshelf speakers",
                                   "A pair of two-way speakers, 40 W each.",
                                   24'900,
                                   {"speakers"},
                                   4.4,
                                   4006381333955,
                                   "A-20"},
                                  6'200, {{"ber", 4}}));
  products.push_back(MakePhysical({"Portable speaker",
                                   "Waterproof, floats, 12 hours of music.",
                                   7'990,
                                   {"speakers"},
                                   4.1,
                                   4006381333962,
                                   "A-21"},
                                  540, {{"ber", 0}, {"vie", 0}}));
  SetFlag(&products.back(), "wireless", true);
  SetNumber(&products.back(), "battery_hours", 12);

  products.push_back(MakePhysical({"Mechanical keyboard",
                                   "Tenkeyless, brown switches, hot-swappable.",
                                   11'900,
                                   {"keyboards"},
                                   4.7,
                                   4006381333979,
                                   "B-03"},
                                  910, {{"ber", 25}, {"vie", 10}}));
  SetFlag(&products.back(), "wireless", false);
  SetTexts(&products.back(), "layouts", {"DE", "US"});

  products.push_back(MakePhysical({"SSD 1 TB",
                                   "NVMe drive, 7,000 MB/s, five years of warranty.",
                                   8'490,
                                   {"ssd"},
                                   4.8,
                                   4006381333986,
                                   "B-11"},
                                  60, {{"ber", 200}, {"vie", 150}}));
  SetNumber(&products.back(), "capacity_gb", 1'000);
  (*products.back().mutable_bulk_discounts())[10] = 8;
  return products;
}

std::vector<Product> SeedHomeAndMedia() {
  std::vector<Product> products;
  products.push_back(MakePhysical({"Chef's knife",
                                   "Blade of 20 cm, forged, dishwasher is forbidden.",
                                   6'450,
                                   {"kitchen"},
                                   4.5,
                                   4006381333993,
                                   ""},
                                  310, {{"vie", 40}}));
  products.push_back(MakePhysical(
      {"Espresso cups", "Six cups of porcelain, 60 ml.", 3'200, {"kitchen"}, 0, 4006381334006, ""},
      1'450, {{"vie", 15}}));
  products.push_back(MakePhysical({"Desk lamp",
                                   "LED, dimmable, 2,700 to 6,500 K.",
                                   5'990,
                                   {"lighting"},
                                   4.2,
                                   4006381334013,
                                   ""},
                                  1'200, {{"ber", 18}}));
  SetNumber(&products.back(), "power_watts", 9.5);
  products.push_back(MakeDigital(
      {"The gRPC book", "An e-book of 320 pages for practitioners.", 2'490, {"ebooks"}, 4.3, 0, ""},
      8'400'000, "application/pdf"));
  products.push_back(MakeDigital({"Photo editor",
                                  "License for one computer, without subscription.",
                                  4'900,
                                  {"software"},
                                  3.7,
                                  0,
                                  ""},
                                 512'000'000, "application/zip"));
  products.push_back(MakeDigital(
      {"Wallpaper pack", "Twenty pictures of the Alps, free of charge.", 0, {"media"}, 0, 0, ""},
      42'000'000, "application/zip"));
  return products;
}

}  // namespace

std::vector<Product> SeedProducts() {
  std::vector<Product> products = SeedElectronics();
  for (Product& product : SeedHomeAndMedia()) products.push_back(std::move(product));
  return products;
}

}  // namespace server::catalog
