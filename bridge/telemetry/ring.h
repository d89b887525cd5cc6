// The most recent traces, in memory: what makes the first trace visible without any collector.
// Bounded by traces, spans and bytes; the oldest trace makes room. Spans of this process arrive
// from the tracer, spans of others by intake, and they meet by trace id.
//
// Ownership: spans and resources are shared and immutable. Threads: any; a lock is held only while
// spans are added or their pointers copied, never while something is encoded or rendered.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "bridge/telemetry/options.h"
#include "bridge/telemetry/span.h"

namespace bridge::telemetry {

struct RecentSpan {
  std::shared_ptr<const Resource> resource;
  std::shared_ptr<const SpanRecord> span;
};

struct RecentTrace {
  TraceId id{};
  std::vector<RecentSpan> spans;  // in order of arrival
  size_t dropped_spans = 0;       // beyond what one trace may hold
};

class TraceRing final {
 public:
  explicit TraceRing(const RingLimits& limits);

  void Add(const ResourceSpans& spans);

  // Newest first.
  std::vector<RecentTrace> List() const;
  std::optional<RecentTrace> Find(const TraceId& id) const;

 private:
  struct TraceIdHash {
    size_t operator()(const TraceId& id) const;
  };
  struct Entry {
    RecentTrace trace;
    size_t bytes = 0;
  };

  void AddSpan(const std::shared_ptr<const Resource>& resource,
               const std::shared_ptr<const SpanRecord>& span);
  void EvictOldest();

  const RingLimits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<TraceId, Entry, TraceIdHash> traces_;
  std::deque<TraceId> order_;  // oldest first
  size_t spans_ = 0;
  size_t bytes_ = 0;
};

}  // namespace bridge::telemetry
