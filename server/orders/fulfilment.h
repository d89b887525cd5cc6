// Moves orders on: a thread that packs, ships and delivers each order, one step after the other,
// and collects the payment when the goods leave. Downloads are delivered in one step.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "server/orders/peers.h"
#include "server/orders/store.h"

namespace server::orders {

class Fulfilment final {
 public:
  // `step` is the time an order stays in a state. All must outlive it.
  Fulfilment(Store* store, const Peers* peers, std::chrono::milliseconds step);
  // Stops as Stop does.
  ~Fulfilment();

  // Takes on a placed order. Any thread.
  void Add(const std::string& order_id);
  // Ends the thread; orders stay where they are.
  void Stop();

 private:
  using Time = std::chrono::steady_clock::time_point;

  void Run();
  // Moves an order on by one step. True if it is to be moved on again.
  bool Advance(const std::string& order_id);
  grpc::Status Capture(const std::string& payment_id) const;

  Store* const store_;
  const Peers* const peers_;
  const std::chrono::milliseconds step_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Time, std::string> due_;  // ids of the orders
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace server::orders
