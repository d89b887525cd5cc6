#include "bridge/metrics/histogram.h"

#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <cstdint>
#include <thread>

namespace bridge::metrics {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::Clock;

TEST(Histogram, ABucketHoldsWhatIsAtMostItsBound) {
  Histogram histogram;
  EXPECT_EQ(histogram.Observe(kRequestSeconds, 0), 0u);
  EXPECT_EQ(histogram.Observe(kRequestSeconds, 5'000'000), 0u);
  EXPECT_EQ(histogram.Observe(kRequestSeconds, 5'000'001), 1u);
  EXPECT_EQ(histogram.Observe(kRequestSeconds, 10'000'000'000), 13u);
  EXPECT_EQ(histogram.Observe(kRequestSeconds, 10'000'000'001), 14u);
  EXPECT_EQ(histogram.count(0), 2u);
  EXPECT_EQ(histogram.count(1), 1u);
  EXPECT_EQ(histogram.count(13), 1u);
  EXPECT_EQ(histogram.count(14), 1u);
  EXPECT_EQ(histogram.sum(), 0u + 5'000'000 + 5'000'001 + 10'000'000'000 + 10'000'000'001);
}

// The label is the bound, and the bounds are those of the conventions.
TEST(Histogram, BoundsAreAscendingAndNamedAsTheyAre) {
  for (const Layout* layout : {&kRequestSeconds, &kOperationSeconds, &kBytes}) {
    uint64_t last = 0;
    EXPECT_LE(layout->bounds.size(), kMaxBounds);
    for (const Bound& bound : layout->bounds) {
      EXPECT_GT(bound.most, last);
      last = bound.most;
      double le = 0;
      std::from_chars(bound.le.data(), bound.le.data() + bound.le.size(), le);
      const double scale = layout->unit == Unit::kSeconds ? 1e9 : 1;
      EXPECT_DOUBLE_EQ(le * scale, static_cast<double>(bound.most)) << bound.le;
      EXPECT_NE(bound.le.find('.'), std::string_view::npos) << "OpenMetrics wants a float";
    }
  }
  EXPECT_EQ(kRequestSeconds.bounds.size(), 14u);
  EXPECT_EQ(kRequestSeconds.bounds.front().le, "0.005");
  EXPECT_EQ(kRequestSeconds.bounds.back().le, "10.0");
  EXPECT_EQ(kOperationSeconds.bounds.size(), 14u);
  EXPECT_EQ(kOperationSeconds.bounds.front().le, "0.01");
  EXPECT_EQ(kOperationSeconds.bounds.back().le, "300.0");
  EXPECT_EQ(kBytes.bounds.size(), 9u);
}

telemetry::TraceContext Trace(uint8_t byte) {
  telemetry::TraceContext trace;
  trace.trace_id.fill(byte);
  trace.span_id.fill(byte);
  trace.recorded = true;
  return trace;
}

TEST(Exemplars, OneABucketAndAtMostOneASecond) {
  ExemplarCell cell;
  EXPECT_FALSE(cell.Read().has_value());
  const Clock::time_point start(seconds(1'000));
  cell.Offer(Trace(1), 11, start);
  cell.Offer(Trace(2), 12, start + milliseconds(999));
  EXPECT_EQ(cell.Read()->trace_id, Trace(1).trace_id);
  EXPECT_EQ(cell.Read()->value, 11u);
  EXPECT_EQ(cell.Read()->time, start);
  cell.Offer(Trace(3), 13, start + seconds(1));
  EXPECT_EQ(cell.Read()->span_id, Trace(3).span_id);
  // A clock that was set back must not stop them for good.
  cell.Offer(Trace(4), 14, start - seconds(500));
  EXPECT_EQ(cell.Read()->trace_id, Trace(4).trace_id);
}

TEST(Exemplars, OnlyOfTracesThatAreRecorded) {
  TracedHistogram histogram;
  telemetry::TraceContext trace = Trace(7);
  trace.recorded = false;
  trace.flags = telemetry::TraceContext::kSampled;
  histogram.Observe(kRequestSeconds, 1, &trace, Clock::time_point(seconds(5)));
  histogram.Observe(kRequestSeconds, 1, nullptr, Clock::time_point(seconds(5)));
  EXPECT_FALSE(histogram.exemplar(0).Read().has_value());
  trace.recorded = true;
  histogram.Observe(kRequestSeconds, 20'000'000, &trace, Clock::time_point(seconds(5)));
  EXPECT_FALSE(histogram.exemplar(0).Read().has_value());
  EXPECT_EQ(histogram.exemplar(2).Read()->value, 20'000'000u);
  EXPECT_EQ(histogram.counts().count(0), 2u);
}

TEST(Exemplars, OfSeveralReactorsTheNewest) {
  TracedHistogram a, b;
  const telemetry::TraceContext one = Trace(1), two = Trace(2);
  a.Observe(kRequestSeconds, 1, &one, Clock::time_point(seconds(9)));
  b.Observe(kRequestSeconds, 2, &two, Clock::time_point(seconds(8)));
  HistogramSum sum;
  sum.Add(b);
  sum.Add(a);
  EXPECT_EQ(sum.exemplar(0)->trace_id, one.trace_id);
  EXPECT_EQ(sum.count(0), 2u);
  EXPECT_EQ(sum.total(), 2u);
  EXPECT_EQ(sum.sum(), 3u);
}

// Whatever a reader sees is one example, not parts of two.
TEST(Exemplars, AreReadWhole) {
  ExemplarCell cell;
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (uint32_t i = 1; i <= 200'000; ++i) {
      const auto byte = static_cast<uint8_t>(i % 251);
      cell.Offer(Trace(byte), byte, Clock::time_point(seconds(1'000 + i)));
    }
    done = true;
  });
  uint64_t seen = 0;
  while (!done) {
    const auto exemplar = cell.Read();
    if (!exemplar.has_value()) continue;
    ++seen;
    const auto byte = static_cast<uint8_t>(exemplar->value);
    ASSERT_EQ(exemplar->trace_id, Trace(byte).trace_id);
    ASSERT_EQ(exemplar->span_id, Trace(byte).span_id);
    const auto second = std::chrono::duration_cast<seconds>(exemplar->time.time_since_epoch());
    ASSERT_EQ((second.count() - 1'000) % 251, byte);
  }
  writer.join();
  EXPECT_TRUE(cell.Read().has_value());
  EXPECT_GE(seen + 1, 1u);
}

TEST(Cells, AReaderSeesASumThatNeverGoesBack) {
  Counter counter;
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 1'000'000; ++i) counter.Add();
    done = true;
  });
  uint64_t last = 0;
  while (!done) {
    const uint64_t now = counter.value();
    ASSERT_GE(now, last);
    last = now;
  }
  writer.join();
  EXPECT_EQ(counter.value(), 1'000'000u);
}

TEST(Durations, AClockThatWasSetBackCountsAsNothing) {
  const Clock::time_point now(seconds(10));
  EXPECT_EQ(Nanoseconds(now, now + milliseconds(3)), 3'000'000u);
  EXPECT_EQ(Nanoseconds(now, now - seconds(3)), 0u);
}

}  // namespace
}  // namespace bridge::metrics
