#include "bridge/telemetry/handoff.h"

#include <gtest/gtest.h>

#include <latch>
#include <string>
#include <vector>

#include "bridge/telemetry/span_queue.h"

namespace bridge::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

std::shared_ptr<const SpanRecord> Named(size_t n) {
  auto span = std::make_shared<SpanRecord>();
  span->name = std::to_string(n);
  return span;
}

TEST(SpanQueueTest, KeepsOrderAndRefusesWhenFull) {
  SpanQueue queue(5);
  ASSERT_EQ(queue.capacity(), 8u);
  size_t pushed = 0;
  size_t popped = 0;
  for (int round = 0; round < 100; ++round) {
    while (queue.TryPush(Named(pushed))) ++pushed;
    EXPECT_EQ(pushed - popped, 8u);
    // Not always emptied, so that the ends meet at every slot.
    for (int i = 0; i <= round % 8; ++i) {
      const std::shared_ptr<const SpanRecord> span = queue.TryPop();
      ASSERT_NE(span, nullptr);
      EXPECT_EQ(span->name, std::to_string(popped++));
    }
  }
  while (queue.TryPop() != nullptr) ++popped;
  EXPECT_EQ(popped, pushed);
}

TEST(SpanQueueTest, ARefusedSpanIsNotTaken) {
  SpanQueue queue(2);
  EXPECT_TRUE(queue.TryPush(Named(1)));
  EXPECT_TRUE(queue.TryPush(Named(2)));
  std::shared_ptr<const SpanRecord> third = Named(3);
  EXPECT_FALSE(queue.TryPush(std::move(third)));
  EXPECT_NE(third, nullptr);  // NOLINT(bugprone-use-after-move): that is what is tested
}

TEST(SpanHandoffTest, EachThreadsSpansStayInOrder) {
  constexpr size_t kThreads = 4;
  constexpr size_t kSpans = 2'000;
  std::vector<std::string> delivered;  // of the hand-off's thread until Stop
  SpanHandoff handoff(kThreads * kSpans, [&](SpanBatch batch) {
    EXPECT_FALSE(batch.empty());
    for (const auto& span : batch) delivered.push_back(span->name);
  });
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&handoff, i] {
      for (size_t j = 0; j < kSpans; ++j) handoff.Add(Named(i * kSpans + j));
    });
  }
  for (std::thread& thread : threads) thread.join();
  handoff.Stop();
  EXPECT_EQ(handoff.dropped_spans(), 0u);
  ASSERT_EQ(delivered.size(), kThreads * kSpans);
  std::vector<size_t> next(kThreads, 0);
  for (const std::string& name : delivered) {
    const size_t n = std::stoul(name);
    EXPECT_EQ(n % kSpans, next[n / kSpans]++);
  }
}

TEST(SpanHandoffTest, ABlockedConsumerBlocksNoProducer) {
  std::latch delivering(1);
  std::latch release(1);
  size_t delivered = 0;
  SpanHandoff handoff(4, [&](SpanBatch batch) {
    if (delivered == 0) {
      delivering.count_down();
      release.wait();
    }
    delivered += batch.size();
  });
  handoff.Add(Named(0));
  delivering.wait();
  for (size_t i = 0; i < 10; ++i) handoff.Add(Named(i));
  EXPECT_EQ(handoff.dropped_spans(), 6u);
  EXPECT_FALSE(handoff.Flush(steady_clock::now() + milliseconds(1)));
  release.count_down();
  EXPECT_TRUE(handoff.Flush(steady_clock::now() + seconds(120)));
  EXPECT_EQ(delivered, 5u);
  handoff.Stop();
  handoff.Add(Named(0));
  EXPECT_EQ(handoff.dropped_spans(), 7u);
  EXPECT_EQ(delivered, 5u);
}

// A span that arrives while the thread goes to sleep must wake it: Flush is not called here.
TEST(SpanHandoffTest, NoSpanIsLeftAsleep) {
  std::atomic<size_t> delivered{0};
  SpanHandoff handoff(64, [&](SpanBatch batch) {
    delivered.fetch_add(batch.size());
    delivered.notify_all();
  });
  for (size_t i = 0; i < 5; ++i) {
    handoff.Add(Named(i));
    for (size_t seen; (seen = delivered.load()) <= i;) delivered.wait(seen);
  }
  EXPECT_EQ(delivered.load(), 5u);
}

}  // namespace
}  // namespace bridge::telemetry
