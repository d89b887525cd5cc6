// shop.catalog.v1.CatalogService: what a call means; the store does the work. Thread-safe.
#pragma once

#include <grpcpp/server_context.h>

#include "server/catalog/store.h"
#include "shop/catalog/v1/catalog_service.grpc.pb.h"

namespace server::catalog {

namespace pb = shop::catalog::v1;

class CatalogService final : public pb::CatalogService::Service {
 public:
  grpc::Status GetProduct(grpc::ServerContext* context, const pb::GetProductRequest* request,
                          pb::Product* response) override;
  grpc::Status BatchGetProducts(grpc::ServerContext* context,
                                const pb::BatchGetProductsRequest* request,
                                pb::BatchGetProductsResponse* response) override;
  grpc::Status SearchProducts(grpc::ServerContext* context,
                              const pb::SearchProductsRequest* request,
                              pb::SearchProductsResponse* response) override;
  grpc::Status FindProduct(grpc::ServerContext* context, const pb::FindProductRequest* request,
                           pb::Product* response) override;
  grpc::Status ListCategories(grpc::ServerContext* context,
                              const pb::ListCategoriesRequest* request,
                              pb::ListCategoriesResponse* response) override;
  grpc::Status CreateProduct(grpc::ServerContext* context, const pb::CreateProductRequest* request,
                             pb::Product* response) override;
  grpc::Status UpdateProduct(grpc::ServerContext* context, const pb::UpdateProductRequest* request,
                             pb::Product* response) override;
  grpc::Status DeleteProduct(grpc::ServerContext* context, const pb::DeleteProductRequest* request,
                             google::protobuf::Empty* response) override;
  grpc::Status ImportProducts(grpc::ServerContext* context,
                              grpc::ServerReader<pb::ImportProductsRequest>* reader,
                              pb::ImportProductsResponse* response) override;
  grpc::Status ReserveStock(grpc::ServerContext* context, const pb::ReserveStockRequest* request,
                            pb::Reservation* response) override;
  grpc::Status CommitReservation(grpc::ServerContext* context,
                                 const pb::CommitReservationRequest* request,
                                 pb::Reservation* response) override;
  grpc::Status ReleaseReservation(grpc::ServerContext* context,
                                  const pb::ReleaseReservationRequest* request,
                                  pb::Reservation* response) override;
  grpc::Status SyncInventory(grpc::ServerContext* context,
                             grpc::ServerReaderWriter<pb::SyncInventoryResponse,
                                                      pb::SyncInventoryRequest>* stream) override;

 private:
  // Adds or replaces one product, or only checks it; counts it in `response`.
  grpc::Status Import(const pb::Product& product,
                      const pb::ImportProductsRequest::ImportOptions& options,
                      pb::ImportProductsResponse* response);

  Store store_;
};

}  // namespace server::catalog
