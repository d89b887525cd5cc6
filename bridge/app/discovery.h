// Learns what the upstreams offer and keeps it current: asks each by reflection, builds a catalog
// when something changed, and hands it on. An upstream that fails is reported and asked again;
// what it offered before stays. None waits for another: each is asked by a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "bridge/catalog/catalog.h"
#include "bridge/metrics/histogram.h"
#include "bridge/schema/tool.h"
#include "bridge/transcode/unknown_types.h"
#include "bridge/transport/admin.h"
#include "bridge/upstream/reflection.h"
#include "bridge/upstream/target.h"

namespace bridge::app {

class Discovery final {
 public:
  using Publish = std::function<void(std::shared_ptr<const catalog::Catalog>)>;
  // Asks one upstream, for these types as well, and blocks; ends at once when it is cancelled.
  using Ask = std::function<absl::StatusOr<upstream::Reflection>(
      const upstream::Target&, upstream::Cancellation*, const std::vector<std::string>& types)>;

  // `comments` are serialized FileDescriptorSets. `publish` runs on one thread of this object,
  // `ask` on one thread for each upstream.
  Discovery(std::vector<upstream::Target> targets, std::vector<std::string> comments,
            schema::SchemaOptions schema, std::chrono::seconds refresh, Publish publish,
            Ask ask = AskByReflection);
  // Ends the threads, within a second or so, whatever the upstreams do.
  ~Discovery();

  // Begins to ask. The first catalog, which may be empty, is published as soon as every upstream
  // has answered or failed, at the latest after 5 s: one that hangs does not keep the others back.
  void Start();
  // Waits for the first catalog, at most so long; true if it was published.
  bool WaitForCatalog(std::chrono::milliseconds at_most);

  // Any thread.
  std::vector<transport::UpstreamStatus> Statuses() const;

  // Asks this upstream now instead of at its time, at most once a minute. Any thread.
  void AskAgain(size_t index);

 private:
  using Found = absl::StatusOr<upstream::Reflection>;

  // Of one upstream. Changed by the thread that asks it, under the lock; it alone may read it
  // without.
  struct Known {
    std::shared_ptr<const catalog::Source> source;  // none until it has described itself
    // Of its answers, also asked for.
    std::shared_ptr<transcode::UnknownTypes> unknown_types;
    std::chrono::seconds types_pause{1};
    std::set<std::string> logged_types;  // unknown ones; its thread alone, without the lock
    std::string problem = "no answer yet";
    bool asked = false;
    int failures = 0;              // in a row
    metrics::Histogram questions;  // how long each took
    uint64_t failed_questions = 0;
    std::chrono::system_clock::time_point described_at{};
    // Any thread's, under the lock.
    bool ask_again = false;
    bool has_unknown_types = false;  // that it was not asked for yet
    std::chrono::steady_clock::time_point not_again_before;
  };

  static Found AskByReflection(const upstream::Target& target, upstream::Cancellation* cancellation,
                               const std::vector<std::string>& types);

  // One thread for each upstream.
  void KeepAsking(size_t index);
  // Says in the log what `found` changes, which was asked for `types` too. Not under the lock: a
  // reader of the log may stand still, and /livez must not.
  void Report(size_t index, const std::vector<std::string>& types, const Found& found);
  // Takes an answer, under the lock; how long to wait before the next question. `source` is null
  // where nothing new came.
  std::chrono::seconds Take(const Found& found, std::shared_ptr<const catalog::Source> source,
                            Known* known);
  // Waits until `known` is due: after `pause`, or earlier to ask for types that its answers hold
  // and its description does not; each further time within `pause` after twice as long.
  void WaitUntilDue(std::chrono::seconds pause, Known* known, std::unique_lock<std::mutex>* lock);
  // One thread for all.
  void KeepBuilding();
  void Build(const std::vector<catalog::Source>& sources);

  const std::vector<upstream::Target> targets_;
  const std::vector<std::string> comments_;
  const schema::SchemaOptions schema_;
  const std::chrono::seconds refresh_;
  const Publish publish_;
  const Ask ask_;

  upstream::Cancellation cancellation_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Known> known_;
  bool outdated_ = false;  // the catalog is
  bool published_ = false;
  std::atomic<bool> stopping_{false};  // set under the lock
  std::vector<std::thread> threads_;
};

}  // namespace bridge::app
