#include "bridge/telemetry/ring.h"

#include <cstring>
#include <utility>

namespace bridge::telemetry {
namespace {

size_t SizeOf(const std::vector<Attribute>& attributes) {
  size_t bytes = attributes.capacity() * sizeof(Attribute);
  for (const Attribute& attribute : attributes) {
    bytes += attribute.key.size();
    if (const auto* text = std::get_if<std::string>(&attribute.value)) bytes += text->size();
  }
  return bytes;
}

// What the span occupies, to within the allocator's rounding.
size_t SizeOf(const SpanRecord& span) {
  size_t bytes = sizeof(SpanRecord) + sizeof(RecentSpan) + span.name.size() +
                 span.status_message.size() + span.context.tracestate.size() +
                 SizeOf(span.attributes) + span.events.capacity() * sizeof(SpanEvent) +
                 span.links.capacity() * sizeof(TraceContext);
  for (const SpanEvent& event : span.events) bytes += event.name.size() + SizeOf(event.attributes);
  for (const TraceContext& link : span.links) bytes += link.tracestate.size();
  return bytes;
}

}  // namespace

size_t TraceRing::TraceIdHash::operator()(const TraceId& id) const {
  // The right-most bytes are the random ones.
  size_t hash;
  std::memcpy(&hash, id.data() + id.size() - sizeof(hash), sizeof(hash));
  return hash;
}

TraceRing::TraceRing(const RingLimits& limits) : limits_(limits) {}

void TraceRing::Add(const ResourceSpans& spans) {
  const std::lock_guard lock(mutex_);
  for (const std::shared_ptr<const SpanRecord>& span : spans.spans) AddSpan(spans.resource, span);
}

void TraceRing::AddSpan(const std::shared_ptr<const Resource>& resource,
                        const std::shared_ptr<const SpanRecord>& span) {
  if (limits_.traces == 0) return;
  const auto [found, is_new] = traces_.try_emplace(span->context.trace_id);
  Entry& entry = found->second;
  if (is_new) {
    entry.trace.id = span->context.trace_id;
    order_.push_back(entry.trace.id);
  }
  // A resource is charged to each trace it is first seen in; spans of one resource come together.
  const bool same_resource =
      !entry.trace.spans.empty() && entry.trace.spans.back().resource == resource;
  const size_t bytes =
      SizeOf(*span) + (same_resource ? 0 : sizeof(Resource) + SizeOf(resource->attributes));
  // No trace takes more than a quarter of the ring, so that one cannot push out all others.
  if (entry.trace.spans.size() >= limits_.spans_per_trace ||
      entry.bytes + bytes > limits_.bytes / 4) {
    ++entry.trace.dropped_spans;
  } else {
    entry.trace.spans.push_back({resource, span});
    entry.bytes += bytes;
    ++spans_;
    bytes_ += bytes;
  }
  while (order_.size() > 1 &&
         (order_.size() > limits_.traces || spans_ > limits_.spans || bytes_ > limits_.bytes)) {
    EvictOldest();
  }
}

void TraceRing::EvictOldest() {
  const auto oldest = traces_.find(order_.front());
  spans_ -= oldest->second.trace.spans.size();
  bytes_ -= oldest->second.bytes;
  traces_.erase(oldest);
  order_.pop_front();
}

std::vector<RecentTrace> TraceRing::List() const {
  const std::lock_guard lock(mutex_);
  std::vector<RecentTrace> list;
  list.reserve(order_.size());
  for (auto id = order_.rbegin(); id != order_.rend(); ++id) {
    list.push_back(traces_.find(*id)->second.trace);
  }
  return list;
}

std::optional<RecentTrace> TraceRing::Find(const TraceId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = traces_.find(id);
  if (found == traces_.end()) return std::nullopt;
  return found->second.trace;
}

}  // namespace bridge::telemetry
