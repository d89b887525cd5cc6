// The products and their stock, in memory, with the seed of seed.h. Thread-safe; all messages are
// copies. Errors are those that CatalogService documents.
#pragma once

#include <google/protobuf/util/time_util.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "shop/catalog/v1/inventory.pb.h"
#include "shop/catalog/v1/product.pb.h"

namespace server::catalog {

class Store final {
 public:
  using Product = shop::catalog::v1::Product;
  using Reservation = shop::catalog::v1::Reservation;

  Store();

  std::optional<Product> Find(const std::string& product_id);
  // The products for which `matches` is true, by id. `matches` must not call the store.
  std::vector<Product> FindAll(const std::function<bool(const Product&)>& matches);

  // Stores a new product under a new id. What only the service sets is ignored.
  grpc::Status Create(Product product, Product* stored);
  // Lets `change` change a copy of the product, and stores it if that returns OK. `etag`, if not
  // empty, must be the product's.
  grpc::Status Update(const std::string& product_id, const std::string& etag,
                      const std::function<grpc::Status(Product*)>& change, Product* stored);
  grpc::Status Delete(const std::string& product_id);

  // `items` are valid: known to be positive and of different products.
  grpc::Status Reserve(const std::vector<shop::catalog::v1::StockItem>& items,
                       std::chrono::seconds hold, Reservation* reservation);
  grpc::Status Commit(const std::string& reservation_id, Reservation* reservation);
  grpc::Status Release(const std::string& reservation_id, Reservation* reservation);
  // Records a count of a warehouse.
  grpc::Status Count(const shop::catalog::v1::SyncInventoryRequest& request,
                     shop::catalog::v1::SyncInventoryResponse* response);

 private:
  using Time = std::chrono::system_clock::time_point;
  struct Taken {
    std::string product_id, warehouse_id;
    int32_t quantity;
  };
  struct Held {
    Reservation reservation;
    std::vector<Taken> taken;
    Time expire_time;
  };

  // All of these need mutex_.
  void Touch(Product* product);
  void ExpireHolds();
  grpc::Status CheckStock(const std::vector<shop::catalog::v1::StockItem>& items) const;
  std::vector<Taken> Take(const std::vector<shop::catalog::v1::StockItem>& items);
  void MoveBack(const Held& held);
  void EndHold(Held* held);

  std::mutex mutex_;
  std::map<std::string, Product> products_;
  std::map<std::string, Held> reservations_;
  std::multimap<Time, std::string> holds_;  // ids of the held reservations by their end
  int64_t next_product_ = 0;
  int64_t next_reservation_ = 1;
  int64_t next_revision_ = 1;
};

}  // namespace server::catalog
