#include "bridge/telemetry/ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bridge::telemetry {
namespace {

using ::testing::ElementsAre;

TraceId Id(uint8_t n) {
  TraceId id{};
  id[15] = n;
  return id;
}

ResourceSpans Spans(uint8_t trace, size_t count, size_t name_bytes = 0) {
  ResourceSpans spans;
  spans.resource = std::make_shared<const Resource>();
  for (size_t i = 0; i < count; ++i) {
    auto span = std::make_shared<SpanRecord>();
    span->context.trace_id = Id(trace);
    span->name = std::string(name_bytes, 'x');
    spans.spans.push_back(std::move(span));
  }
  return spans;
}

// Trace number and number of spans, newest first.
std::vector<std::pair<int, size_t>> Content(const TraceRing& ring) {
  std::vector<std::pair<int, size_t>> content;
  for (const RecentTrace& trace : ring.List())
    content.emplace_back(trace.id[15], trace.spans.size());
  return content;
}

using Pairs = std::vector<std::pair<int, size_t>>;

TEST(RingTest, SpansMeetByTraceId) {
  TraceRing ring(RingLimits{});
  ring.Add(Spans(1, 2));
  ring.Add(Spans(2, 1));
  ring.Add(Spans(1, 1));
  EXPECT_EQ(Content(ring), (Pairs{{2, 1}, {1, 3}}));
  EXPECT_TRUE(ring.Find(Id(1)).has_value());
  EXPECT_EQ(ring.Find(Id(1))->spans.size(), 3u);
  EXPECT_FALSE(ring.Find(Id(9)).has_value());
}

TEST(RingTest, TheOldestTraceMakesRoom) {
  TraceRing by_traces(RingLimits{.traces = 2});
  for (uint8_t trace = 1; trace <= 3; ++trace) by_traces.Add(Spans(trace, 1));
  EXPECT_EQ(Content(by_traces), (Pairs{{3, 1}, {2, 1}}));

  TraceRing by_spans(RingLimits{.spans = 5});
  for (uint8_t trace = 1; trace <= 3; ++trace) by_spans.Add(Spans(trace, 2));
  EXPECT_EQ(Content(by_spans), (Pairs{{3, 2}, {2, 2}}));
  by_spans.Add(Spans(3, 2));
  EXPECT_EQ(Content(by_spans), (Pairs{{3, 4}}));

  TraceRing by_bytes(RingLimits{.bytes = 100'000});
  for (uint8_t trace = 1; trace <= 10; ++trace) by_bytes.Add(Spans(trace, 1, 20'000));
  EXPECT_EQ(Content(by_bytes), (Pairs{{10, 1}, {9, 1}, {8, 1}, {7, 1}}));
}

TEST(RingTest, AResourceCountsOnceInEachTraceItIsSeenIn) {
  TraceRing ring(RingLimits{.bytes = 100'000});
  for (uint8_t trace = 1; trace <= 10; ++trace) {
    ResourceSpans spans = Spans(trace, 3);
    auto resource = std::make_shared<Resource>();
    resource->attributes.push_back({"key", std::string(20'000, 'x')});
    spans.resource = std::move(resource);
    ring.Add(spans);
  }
  EXPECT_EQ(Content(ring), (Pairs{{10, 3}, {9, 3}, {8, 3}, {7, 3}}));
}

TEST(RingTest, OneTraceCannotTakeAll) {
  TraceRing ring(RingLimits{.spans_per_trace = 3, .bytes = 100'000});
  ring.Add(Spans(1, 1));
  ring.Add(Spans(2, 5));
  EXPECT_EQ(Content(ring), (Pairs{{2, 3}, {1, 1}}));
  EXPECT_EQ(ring.Find(Id(2))->dropped_spans, 2u);
  ring.Add(Spans(3, 2, 20'000));  // a quarter of the bytes is one of them
  EXPECT_EQ(Content(ring), (Pairs{{3, 1}, {2, 3}, {1, 1}}));
  EXPECT_EQ(ring.Find(Id(3))->dropped_spans, 1u);
}

TEST(RingTest, NoTracesAtAll) {
  TraceRing ring(RingLimits{.traces = 0});
  ring.Add(Spans(1, 1));
  EXPECT_TRUE(ring.List().empty());
}

// Accounting must not drift: after many evictions the ring still holds as much as at first.
TEST(RingTest, EvictionGivesBackWhatItTook) {
  TraceRing ring(RingLimits{.traces = 10, .spans = 25});
  for (int i = 0; i < 10'000; ++i) ring.Add(Spans(static_cast<uint8_t>(i % 200), 2, 100));
  const Pairs content = Content(ring);
  EXPECT_EQ(content.size(), 10u);
  for (const auto& [trace, spans] : content) EXPECT_EQ(spans, 2u);
}

}  // namespace
}  // namespace bridge::telemetry
