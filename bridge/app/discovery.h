// Learns what the upstreams offer and keeps it current: asks each by reflection, builds a catalog
// when something changed, and hands it on. An upstream that fails is reported and asked again;
// what it offered before stays.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bridge/catalog/catalog.h"
#include "bridge/transport/admin.h"
#include "bridge/upstream/target.h"

namespace bridge::app {

class Discovery final {
 public:
  using Publish = std::function<void(std::shared_ptr<const catalog::Catalog>)>;

  // `comments` are serialized FileDescriptorSets. `publish` runs on the discovery thread.
  Discovery(std::vector<upstream::Target> targets, std::vector<std::string> comments,
            std::chrono::seconds refresh, Publish publish);
  // Ends the thread; waits for a reflection under way.
  ~Discovery();

  // Asks every upstream once and publishes the first catalog, which may be empty; then goes on in
  // the background. Blocks for at most reflection's timeout.
  void Start();

  // Any thread.
  std::vector<transport::UpstreamStatus> Statuses() const;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Known {
    catalog::Source source;
    std::string problem;
    bool described = false;
    int failures = 0;
    TimePoint due;
  };

  // Asks all that are due, at once; true if what the catalog is made of has changed.
  bool AskDue();
  void Rebuild();
  void Run();

  const std::vector<upstream::Target> targets_;
  const std::vector<std::string> comments_;
  const std::chrono::seconds refresh_;
  const Publish publish_;

  mutable std::mutex mutex_;  // guards known_ and stopping_
  std::condition_variable wake_;
  std::vector<Known> known_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bridge::app
