#include "bridge/telemetry/log_limit.h"

#include <gtest/gtest.h>

namespace bridge::telemetry {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr LogLimit::TimePoint kStart{hours(1)};

TEST(LogLimit, ABurstThenOneEveryInterval) {
  LogLimit limit;
  for (uint32_t i = 0; i < LogLimit::kBurst; ++i) EXPECT_EQ(limit.Admit(1, kStart), 0u) << i;
  EXPECT_EQ(limit.Admit(1, kStart), std::nullopt);
  EXPECT_EQ(limit.Admit(1, kStart + LogLimit::kInterval - seconds(1)), std::nullopt);
  EXPECT_EQ(limit.Admit(1, kStart + LogLimit::kInterval), 2u);
  EXPECT_EQ(limit.Admit(1, kStart + LogLimit::kInterval), std::nullopt);
  EXPECT_EQ(limit.Admit(1, kStart + 2 * LogLimit::kInterval), 1u);
  EXPECT_EQ(limit.suppressed(), 3u);
}

TEST(LogLimit, QuietGivesTheBurstBackAndNoMore) {
  LogLimit limit;
  for (const auto now : {kStart, kStart + hours(5), kStart + hours(50)}) {
    for (uint32_t i = 0; i < LogLimit::kBurst; ++i) EXPECT_NE(limit.Admit(1, now), std::nullopt);
    EXPECT_EQ(limit.Admit(1, now), std::nullopt);
  }
}

TEST(LogLimit, KindsDoNotCostEachOther) {
  LogLimit limit;
  for (uint32_t i = 0; i <= LogLimit::kBurst; ++i) limit.Admit(1, kStart);
  EXPECT_EQ(limit.Admit(2, kStart), 0u);
  EXPECT_EQ(limit.Admit(1 + (size_t{1} << 40) + 2, kStart), 0u);
}

TEST(LogLimit, AFloodOfOneKindWritesLittle) {
  LogLimit limit;
  int written = 0;
  for (int ms = 0; ms < 60'000; ++ms) {
    written += limit.Admit(7, kStart + std::chrono::milliseconds(ms)).has_value() ? 1 : 0;
  }
  EXPECT_EQ(written, 20 + 11);
}

}  // namespace
}  // namespace bridge::telemetry
