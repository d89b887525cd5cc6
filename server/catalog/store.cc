#include "server/catalog/store.h"

#include <utility>

#include "server/catalog/seed.h"
#include "server/errors.h"
#include "server/numbered_id.h"

namespace server::catalog {
namespace {

constexpr char kType[] = "shop.catalog.v1.Product";
constexpr size_t kMaxProducts = 10'000;
constexpr int64_t kFirstProduct = 1001;

}  // namespace

Store::Store() : next_product_(kFirstProduct) {
  for (Product& product : SeedProducts()) {
    const std::string id = MakeId("prod-", next_product_++);
    product.set_product_id(id);
    product.set_etag(MakeId("r", next_revision_++));
    products_.emplace(id, std::move(product));
  }
}

void Store::Touch(Product* product) {
  *product->mutable_update_time() = google::protobuf::util::TimeUtil::GetCurrentTime();
  product->set_etag(MakeId("r", next_revision_++));
}

std::optional<Store::Product> Store::Find(const std::string& product_id) {
  const std::lock_guard lock(mutex_);
  ExpireHolds();
  const auto it = products_.find(product_id);
  if (it == products_.end()) return std::nullopt;
  return it->second;
}

std::vector<Store::Product> Store::FindAll(const std::function<bool(const Product&)>& matches) {
  std::vector<Product> found;
  const std::lock_guard lock(mutex_);
  ExpireHolds();
  for (const auto& [id, product] : products_) {
    if (matches(product)) found.push_back(product);
  }
  return found;
}

grpc::Status Store::Create(Product product, Product* stored) {
  const std::lock_guard lock(mutex_);
  if (products_.size() >= kMaxProducts) {
    return QuotaExceeded("products", "the catalog is full; delete products first");
  }
  const std::string id = MakeId("prod-", next_product_++);
  product.set_product_id(id);
  product.clear_stock();
  product.clear_rating();
  Touch(&product);
  *product.mutable_create_time() = product.update_time();
  *stored = product;
  products_.emplace(id, std::move(product));
  return grpc::Status::OK;
}

grpc::Status Store::Update(const std::string& product_id, const std::string& etag,
                           const std::function<grpc::Status(Product*)>& change, Product* stored) {
  const std::lock_guard lock(mutex_);
  ExpireHolds();
  const auto it = products_.find(product_id);
  if (it == products_.end()) return NotFound(kType, product_id);
  if (!etag.empty() && etag != it->second.etag()) {
    return Aborted("ETAG_MISMATCH", "the product was changed in between; get it again",
                   {{"current_etag", it->second.etag()}});
  }
  Product changed = it->second;
  if (const grpc::Status status = change(&changed); !status.ok()) return status;
  Touch(&changed);
  *stored = changed;
  it->second = std::move(changed);
  return grpc::Status::OK;
}

grpc::Status Store::Delete(const std::string& product_id) {
  const std::lock_guard lock(mutex_);
  ExpireHolds();
  const auto it = products_.find(product_id);
  if (it == products_.end()) return NotFound(kType, product_id);
  for (const auto& [warehouse, level] : it->second.stock()) {
    if (level.reserved() > 0) {
      return FailedPrecondition("PRODUCT_RESERVED", "pieces of the product are reserved",
                                {{"product_id", product_id}, {"warehouse_id", warehouse}});
    }
  }
  products_.erase(it);
  return grpc::Status::OK;
}

}  // namespace server::catalog
