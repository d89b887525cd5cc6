// How many traces are recorded where they stay in the ring.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bridge/telemetry/options.h"
#include "bridge/telemetry/ring.h"
#include "bridge/telemetry/sampler.h"
#include "bridge/telemetry/tracer.h"

namespace bridge::telemetry {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

int AdmittedOf(RateLimit* rate, int count, nanoseconds now) {
  int admitted = 0;
  for (int i = 0; i < count; ++i) admitted += rate->Admit(now) ? 1 : 0;
  return admitted;
}

TEST(B39Rate, ASecondsWorthAtOnceThenAsTimeGoesOn) {
  RateLimit rate(20);
  const nanoseconds start = seconds(5);
  EXPECT_EQ(AdmittedOf(&rate, 1'000, start), 20);
  EXPECT_EQ(AdmittedOf(&rate, 1'000, start + milliseconds(49)), 0);
  EXPECT_EQ(AdmittedOf(&rate, 1'000, start + milliseconds(50)), 1);
  EXPECT_EQ(AdmittedOf(&rate, 1'000, start + milliseconds(300)), 5);
  EXPECT_EQ(AdmittedOf(&rate, 1'000, start + hours(1)), 20);
  int in_ten_seconds = 0;
  for (int i = 0; i < 10'000; ++i) {
    in_ten_seconds += rate.Admit(start + hours(2) + milliseconds(i)) ? 1 : 0;
  }
  EXPECT_GE(in_ten_seconds, 219);
  EXPECT_LE(in_ten_seconds, 220);
}

// A tracer that records one trace a second, and what it recorded.
class B39Tracer : public testing::Test {
 protected:
  B39Tracer() : tracer_(Options()) {}

  static TracerOptions Options() {
    TracerOptions options;
    options.sampler.traces_per_second = 1;
    return options;
  }

  std::optional<RecentTrace> Recorded(const TraceContext& context) {
    EXPECT_TRUE(tracer_.Flush(seconds(30)));
    return tracer_.ring().Find(context.trace_id);
  }
  // What the rate allows since the start, and one for the clock's steps.
  size_t Allowed() const {
    return 2 + static_cast<size_t>((steady_clock::now() - started_) / seconds(1));
  }
  // A root that the rate did not allow.
  Span LeftOut(std::string_view name, Clock::time_point start = Clock::now()) {
    Span span = tracer_.StartSpan(name, SpanKind::kServer, nullptr, start);
    while (span.recording()) span = tracer_.StartSpan(name, SpanKind::kServer, nullptr, start);
    return span;
  }

  const steady_clock::time_point started_ = steady_clock::now();
  Tracer tracer_;
};

TEST_F(B39Tracer, TheFirstIsThereAndAFloodIsNot) {
  Span first = tracer_.StartSpan("first", SpanKind::kServer, nullptr);
  EXPECT_TRUE(first.recording());
  size_t recorded = 1;
  for (int i = 0; i < 10'000; ++i) {
    const Span span = tracer_.StartSpan("more", SpanKind::kServer, nullptr);
    recorded += span.recording() ? 1 : 0;
    EXPECT_TRUE(span.context().sampled());  // for those who record it themselves
  }
  EXPECT_LE(recorded, Allowed());
  first.End();
  EXPECT_TRUE(Recorded(first.context()).has_value());
}

TEST_F(B39Tracer, ACallerCannotAskForMore) {
  size_t recorded = 0;
  TraceContext caller;
  caller.flags = TraceContext::kSampled;
  caller.recorded = true;  // means nothing from outside
  for (int i = 0; i < 10'000; ++i) {
    caller.trace_id = {1, 2, 3, static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8)};
    caller.span_id = {4};
    const Span span =
        tracer_.StartSpan("called", SpanKind::kServer, &caller, Clock::now(), /*remote=*/true);
    recorded += span.recording() ? 1 : 0;
  }
  EXPECT_LE(recorded, Allowed());
}

TEST_F(B39Tracer, ATraceIsRecordedWholeOrNotAtAll) {
  Span recorded = tracer_.StartSpan("http", SpanKind::kServer, nullptr);
  ASSERT_TRUE(recorded.recording());
  Span left_out = LeftOut("http");
  TraceContext caller;
  caller.flags = TraceContext::kSampled;
  caller.trace_id = {1};
  caller.span_id = {2};
  for (Span* http : {&recorded, &left_out}) {
    const bool whole = http == &recorded;
    EXPECT_EQ(tracer_.StartSpan("mcp", SpanKind::kServer, &http->context()).recording(), whole);
    EXPECT_EQ(
        tracer_.StartSpan("mcp", SpanKind::kServer, &caller, Clock::now(), true, http).recording(),
        whole);
  }
}

TEST_F(B39Tracer, WhatFailedIsRecordedAtItsEnd) {
  const Clock::time_point start = Clock::now() - milliseconds(7);
  Span http = LeftOut("http", start);
  Span call = tracer_.StartSpan("call", SpanKind::kClient, &http.context());
  call.SetAttribute("early", 1);
  EXPECT_TRUE(call.RecordIfNotable(/*failed=*/true));
  EXPECT_TRUE(call.RecordIfNotable(/*failed=*/true));
  EXPECT_TRUE(http.RecordAfterAll());
  call.SetAttribute("late", 1);
  call.SetError("broken");
  call.End();
  http.End();
  const auto trace = Recorded(http.context());
  ASSERT_TRUE(trace.has_value());
  ASSERT_EQ(trace->spans.size(), 2u);
  const SpanRecord& record = *trace->spans[0].span;
  EXPECT_EQ(record.name, "call");
  EXPECT_EQ(record.kind, SpanKind::kClient);
  EXPECT_EQ(record.parent_span_id, http.context().span_id);
  EXPECT_EQ(record.status, SpanStatus::kError);
  EXPECT_EQ(record.attributes, (std::vector<Attribute>{{"late", int64_t{1}}}));
  EXPECT_EQ(trace->spans[1].span->start, start);
  EXPECT_GE(trace->spans[1].span->end, record.end);
}

TEST_F(B39Tracer, WhatWasSlowIsRecordedAtItsEnd) {
  EXPECT_FALSE(LeftOut("quick", Clock::now() + seconds(60)).RecordIfNotable(false));
  Span slow = LeftOut("slow", Clock::now() - milliseconds(1'100));
  EXPECT_TRUE(slow.RecordIfNotable(false));
}

TEST_F(B39Tracer, FailuresHaveARateToo) {
  size_t recorded = 0;
  for (int i = 0; i < 10'000; ++i) {
    Span span = tracer_.StartSpan("failed", SpanKind::kServer, nullptr);
    recorded += span.RecordIfNotable(true) ? 1 : 0;
  }
  EXPECT_GE(recorded, 2u);
  EXPECT_LE(recorded, 2 * Allowed());
}

TEST_F(B39Tracer, WhatTheCallerDoesNotSampleIsNotRecordedForFailing) {
  TraceContext caller;
  caller.trace_id = {1};
  caller.span_id = {2};
  Span span = tracer_.StartSpan("failed", SpanKind::kServer, &caller, Clock::now(), true);
  EXPECT_FALSE(span.RecordIfNotable(true));
  EXPECT_FALSE(span.RecordAfterAll());
  EXPECT_FALSE(span.context().sampled());
}

TEST_F(B39Tracer, AnEndedSpanStaysEnded) {
  Span span = LeftOut("ended");
  span.End();
  EXPECT_FALSE(span.RecordIfNotable(true));
  EXPECT_FALSE(span.RecordAfterAll());
}

TEST(B39Options, WithoutARateAllIsRecorded) {
  Tracer tracer{TracerOptions()};
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(tracer.StartSpan("all", SpanKind::kServer, nullptr).recording());
  }
}

}  // namespace
}  // namespace bridge::telemetry
