#include "server/catalog/service.h"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/catalog/category_tree.h"
#include "server/catalog/search.h"
#include "server/catalog/validation.h"
#include "server/errors.h"
#include "server/field_masks.h"
#include "server/paging.h"

namespace server::catalog {
namespace {

using google::protobuf::util::FieldMaskUtil;
using grpc::ServerContext;
using grpc::Status;

constexpr char kProductType[] = "shop.catalog.v1.Product";
constexpr int kDefaultPageSize = 10;
constexpr int kMaxBatch = 100;
constexpr int kMaxImport = 10'000;
constexpr std::chrono::seconds kDefaultHold{900};

}  // namespace

Status CatalogService::GetProduct(ServerContext*, const pb::GetProductRequest* request,
                                  pb::Product* response) {
  const Violations violations = CheckReadMask(request->read_mask(), *response);
  if (!violations.empty()) return violations.ToStatus();
  std::optional<pb::Product> product = store_.Find(request->product_id());
  if (!product) return NotFound(kProductType, request->product_id());
  *response = *std::move(product);
  FieldMaskUtil::TrimMessage(request->read_mask(), response);
  return Status::OK;
}

Status CatalogService::BatchGetProducts(ServerContext*, const pb::BatchGetProductsRequest* request,
                                        pb::BatchGetProductsResponse* response) {
  Violations violations;
  if (request->product_ids_size() < 1 || request->product_ids_size() > kMaxBatch) {
    violations.Add("product_ids", "must be 1 to 100");
    return violations.ToStatus();
  }
  const std::set<std::string> ids(request->product_ids().begin(), request->product_ids().end());
  for (const std::string& id : ids) {
    if (std::optional<pb::Product> product = store_.Find(id)) {
      (*response->mutable_products())[id] = *std::move(product);
    } else {
      response->add_missing_ids(id);
    }
  }
  return Status::OK;
}

Status CatalogService::SearchProducts(ServerContext*, const pb::SearchProductsRequest* request,
                                      pb::SearchProductsResponse* response) {
  const Violations violations = CheckSearch(*request);
  if (!violations.empty()) return violations.ToStatus();
  Page page;
  if (Status status = ParsePage(*request, kDefaultPageSize, &page); !status.ok()) return status;
  std::vector<pb::Product> found = store_.FindAll(MakeMatcher(*request));
  Sort(request->sort_order(), &found);
  const size_t begin = std::min(static_cast<size_t>(page.cursor), found.size());
  const size_t end = std::min(begin + static_cast<size_t>(page.size), found.size());
  for (size_t i = begin; i < end; ++i) *response->add_products() = std::move(found[i]);
  if (end < found.size()) {
    response->set_next_page_token(MakePageToken(*request, static_cast<int64_t>(end)));
  }
  response->set_total_size(static_cast<int32_t>(found.size()));
  return Status::OK;
}

Status CatalogService::FindProduct(ServerContext*, const pb::FindProductRequest* request,
                                   pb::Product* response) {
  Violations violations;
  if (request->legacy_sku().empty()) violations.Add("legacy_sku", "is required");
  if (!violations.empty()) return violations.ToStatus();
  std::vector<pb::Product> found = store_.FindAll([request](const pb::Product& product) {
    return product.legacy_sku() == request->legacy_sku();
  });
  if (found.empty()) return NotFound(kProductType, request->legacy_sku());
  *response = std::move(found.front());
  return Status::OK;
}

Status CatalogService::ListCategories(ServerContext*, const pb::ListCategoriesRequest* request,
                                      pb::ListCategoriesResponse* response) {
  Violations violations;
  if (request->max_depth() < 0) violations.Add("max_depth", "must not be negative");
  if (!violations.empty()) return violations.ToStatus();
  std::vector<const pb::Category*> roots;
  if (request->has_root_category_id()) {
    roots.push_back(FindCategory(request->root_category_id()));
    if (roots[0] == nullptr) {
      return NotFound("shop.catalog.v1.Category", request->root_category_id());
    }
  } else {
    for (const pb::Category& category : CategoryTree()) roots.push_back(&category);
  }
  std::map<std::string, std::set<std::string>> product_categories;
  store_.FindAll([&product_categories](const pb::Product& product) {
    const auto& ids = product.category_ids();
    product_categories[product.product_id()].insert(ids.begin(), ids.end());
    return false;
  });
  for (const pb::Category* root : roots) {
    *response->add_categories() = CountedCategory(*root, request->max_depth(), product_categories);
  }
  return Status::OK;
}

Status CatalogService::CreateProduct(ServerContext*, const pb::CreateProductRequest* request,
                                     pb::Product* response) {
  Violations violations;
  violations.AddAll("product", CheckProduct(request->product()));
  if (!violations.empty()) return violations.ToStatus();
  return store_.Create(request->product(), response);
}

Status CatalogService::UpdateProduct(ServerContext*, const pb::UpdateProductRequest* request,
                                     pb::Product* response) {
  const pb::Product& product = request->product();
  Violations violations = CheckUpdateMask(request->update_mask(), product);
  if (product.product_id().empty()) violations.Add("product.product_id", "is required");
  if (!violations.empty()) return violations.ToStatus();
  auto mask = request->update_mask().paths().empty() ? MakeMaskOfSetFields(product)
                                                     : request->update_mask();
  return store_.Update(
      product.product_id(), product.etag(),
      [&product, &mask](pb::Product* changed) {
        CopyMasked(product, mask, changed);
        Violations found;
        found.AddAll("product", CheckProduct(*changed));
        return found.ToStatus();
      },
      response);
}

Status CatalogService::DeleteProduct(ServerContext*, const pb::DeleteProductRequest* request,
                                     google::protobuf::Empty*) {
  return store_.Delete(request->product_id());
}

Status CatalogService::Import(const pb::Product& product,
                              const pb::ImportProductsRequest::ImportOptions& options,
                              pb::ImportProductsResponse* response) {
  if (const Violations violations = CheckProduct(product); !violations.empty()) {
    return violations.ToStatus();
  }
  pb::Product stored;
  const std::string& id = product.product_id();
  if (id.empty()) {
    if (!options.validate_only()) {
      if (Status status = store_.Create(product, &stored); !status.ok()) return status;
    }
    response->set_created_count(response->created_count() + 1);
    return Status::OK;
  }
  if (!store_.Find(id)) return NotFound(kProductType, id);
  if (!options.replace_existing()) {
    return AlreadyExists(kProductType, id, id + " exists; set replace_existing to replace it");
  }
  if (!options.validate_only()) {
    const auto replace = [&product](pb::Product* changed) {
      pb::Product replaced = product;
      *replaced.mutable_stock() = changed->stock();
      *replaced.mutable_create_time() = changed->create_time();
      replaced.clear_rating();
      if (changed->has_rating()) replaced.set_rating(changed->rating());
      *changed = std::move(replaced);
      return Status::OK;
    };
    const Status status = store_.Update(id, product.etag(), replace, &stored);
    if (!status.ok()) return status;
  }
  response->set_replaced_count(response->replaced_count() + 1);
  return Status::OK;
}

Status CatalogService::ImportProducts(ServerContext*,
                                      grpc::ServerReader<pb::ImportProductsRequest>* reader,
                                      pb::ImportProductsResponse* response) {
  pb::ImportProductsRequest request;
  pb::ImportProductsRequest::ImportOptions options;
  int index = 0;
  for (bool first = true; reader->Read(&request); first = false) {
    Violations violations;
    switch (request.item_case()) {
      case pb::ImportProductsRequest::kOptions:
        if (!first) violations.Add("options", "is only allowed in the first message");
        options = request.options();
        break;
      case pb::ImportProductsRequest::kProduct: {
        if (index >= kMaxImport) {
          return QuotaExceeded("import", "at most 10000 products a call; start another import");
        }
        if (Status status = Import(request.product(), options, response); !status.ok()) {
          auto* failure = response->add_failures();
          failure->set_index(index);
          *failure->mutable_status() = ToRpcStatus(status);
        }
        ++index;
        break;
      }
      default:
        violations.Add("product", "is required, or else options");
    }
    if (!violations.empty()) return violations.ToStatus();
  }
  return Status::OK;
}

Status CatalogService::ReserveStock(ServerContext*, const pb::ReserveStockRequest* request,
                                    pb::Reservation* response) {
  const Violations violations = CheckReserve(*request);
  if (!violations.empty()) return violations.ToStatus();
  const std::chrono::seconds hold =
      request->has_hold() ? std::chrono::seconds(request->hold().seconds()) : kDefaultHold;
  return store_.Reserve({request->items().begin(), request->items().end()}, hold, response);
}

Status CatalogService::CommitReservation(ServerContext*,
                                         const pb::CommitReservationRequest* request,
                                         pb::Reservation* response) {
  return store_.Commit(request->reservation_id(), response);
}

Status CatalogService::ReleaseReservation(ServerContext*,
                                          const pb::ReleaseReservationRequest* request,
                                          pb::Reservation* response) {
  return store_.Release(request->reservation_id(), response);
}

Status CatalogService::SyncInventory(
    ServerContext*,
    grpc::ServerReaderWriter<pb::SyncInventoryResponse, pb::SyncInventoryRequest>* stream) {
  pb::SyncInventoryRequest request;
  while (stream->Read(&request)) {
    const Violations violations = CheckSync(request);
    if (!violations.empty()) return violations.ToStatus();
    pb::SyncInventoryResponse response;
    if (Status status = store_.Count(request, &response); !status.ok()) return status;
    if (!stream->Write(response)) break;
  }
  return Status::OK;
}

}  // namespace server::catalog
