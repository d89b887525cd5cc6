#include "bridge/telemetry/sampler.h"

#include <gtest/gtest.h>

#include <set>

#include "bridge/telemetry/random_id.h"

namespace bridge::telemetry {
namespace {

TraceId IdWithRandomness(uint64_t randomness) {
  TraceId id;
  id.fill(0xff);  // what stands before the last 7 bytes must not matter
  for (int i = 0; i < 7; ++i) id[15 - i] = static_cast<uint8_t>(randomness >> (8 * i));
  return id;
}

TEST(SamplerTest, Decides) {
  constexpr uint64_t kHalf = uint64_t{1} << 55;
  constexpr uint64_t kMost = (uint64_t{1} << 56) - 1;
  TraceContext sampled;
  sampled.flags = TraceContext::kSampled;
  const TraceContext not_sampled;
  struct Row {
    const char* what;
    SamplerOptions options;
    uint64_t randomness;
    const TraceContext* parent;
    bool expected;
  };
  const Row rows[] = {
      {"always, lowest", {true, 1.0}, 0, nullptr, true},
      {"always, highest", {true, 1.0}, kMost, nullptr, true},
      {"never, highest", {true, 0.0}, kMost, nullptr, false},
      {"half, just below", {true, 0.5}, kHalf - 1, nullptr, false},
      {"half, at the threshold", {true, 0.5}, kHalf, nullptr, true},
      {"a quarter, below", {true, 0.25}, 3 * (kHalf / 2) - 1, nullptr, false},
      {"a quarter, at", {true, 0.25}, 3 * (kHalf / 2), nullptr, true},
      {"never, but the parent is", {true, 0.0}, 0, &sampled, true},
      {"always, but the parent is not", {true, 1.0}, kMost, &not_sampled, false},
      {"not parent based, always", {false, 1.0}, 0, &not_sampled, true},
      {"not parent based, never", {false, 0.0}, kMost, &sampled, false},
      {"not parent based, half", {false, 0.5}, kHalf - 1, &sampled, false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(Sampler(row.options).ShouldSample(IdWithRandomness(row.randomness), row.parent),
              row.expected);
  }
}

TEST(RandomIdTest, IdsDiffer) {
  std::set<TraceId> traces;
  std::set<SpanId> spans;
  constexpr size_t kCount = 10'000;
  for (size_t i = 0; i < kCount; ++i) {
    traces.insert(MakeTraceId());
    spans.insert(MakeSpanId());
    const double fraction = MakeRandomFraction();
    ASSERT_GE(fraction, 0.0);
    ASSERT_LT(fraction, 1.0);
  }
  EXPECT_EQ(traces.size(), kCount);
  EXPECT_EQ(spans.size(), kCount);
}

}  // namespace
}  // namespace bridge::telemetry
