#include "bridge/telemetry/tracer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "bridge/telemetry/log.h"
#include "bridge/telemetry/options.h"
#include "bridge/telemetry/ring.h"

namespace bridge::telemetry {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

constexpr seconds kLong{30};

std::vector<std::shared_ptr<const SpanRecord>> Spans(Tracer& tracer, const TraceContext& context) {
  EXPECT_TRUE(tracer.Flush(kLong));
  std::vector<std::shared_ptr<const SpanRecord>> spans;
  if (const auto trace = tracer.ring().Find(context.trace_id)) {
    for (const RecentSpan& recent : trace->spans) spans.push_back(recent.span);
  }
  return spans;
}

TEST(TracerTest, ARootSpanReachesTheRing) {
  TracerOptions options;
  options.resource.attributes = {{"service.name", "here"}};
  Tracer tracer(options);
  const Clock::time_point start = Clock::now() - seconds(1);
  Span span = tracer.StartSpan("first name", SpanKind::kServer, nullptr, start);
  const TraceContext context = span.context();
  EXPECT_TRUE(context.valid());
  EXPECT_EQ(context.flags, TraceContext::kSampled | TraceContext::kRandom);
  EXPECT_TRUE(span.recording());
  span.SetName("name");
  span.SetAttribute("text", "a");
  span.SetAttribute("view", std::string_view("b"));
  span.SetAttribute("bool", true);
  span.SetAttribute("int", 1);
  span.SetAttribute("size", size_t{2});
  span.SetAttribute("double", 0.5);
  span.SetAttribute("text", 7);  // replaces
  span.AddEvent("event", {{"k", int64_t{1}}});
  span.AddLink(context);
  span.AddLink(TraceContext{});  // not valid: left out
  span.SetError("broken");
  span.End();
  EXPECT_FALSE(span.recording());
  EXPECT_EQ(FormatTraceparent(span.context()), FormatTraceparent(context));
  span.SetAttribute("late", 1);
  span.End();

  ASSERT_TRUE(tracer.Flush(kLong));
  const std::optional<RecentTrace> trace = tracer.ring().Find(context.trace_id);
  ASSERT_TRUE(trace.has_value());
  ASSERT_EQ(trace->spans.size(), 1u);
  EXPECT_EQ(trace->spans[0].resource->service_name(), "here");
  const SpanRecord& record = *trace->spans[0].span;
  EXPECT_EQ(record.context.span_id, context.span_id);
  EXPECT_EQ(record.parent_span_id, SpanId{});
  EXPECT_EQ(record.name, "name");
  EXPECT_EQ(record.kind, SpanKind::kServer);
  EXPECT_EQ(record.status, SpanStatus::kError);
  EXPECT_EQ(record.status_message, "broken");
  EXPECT_EQ(record.start, start);
  EXPECT_GE(record.end, start + seconds(1));
  EXPECT_THAT(record.attributes,
              ElementsAre(Attribute{"text", int64_t{7}}, Attribute{"view", "b"},
                          Attribute{"bool", true}, Attribute{"int", int64_t{1}},
                          Attribute{"size", int64_t{2}}, Attribute{"double", 0.5}));
  ASSERT_EQ(record.events.size(), 1u);
  EXPECT_EQ(record.events[0].name, "event");
  ASSERT_EQ(record.links.size(), 1u);
  EXPECT_EQ(record.links[0].trace_id, context.trace_id);
}

TEST(TracerTest, AChildFollowsItsParent) {
  Tracer tracer{TracerOptions()};
  TraceContext remote =
      *ParseTraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "vendor=1");
  Span server = tracer.StartSpan("server", SpanKind::kServer, &remote, Clock::now(),
                                 /*parent_is_remote=*/true);
  Span client = tracer.StartSpan("client", SpanKind::kClient, &server.context());
  EXPECT_EQ(client.context().trace_id, remote.trace_id);
  EXPECT_NE(client.context().span_id, server.context().span_id);
  EXPECT_NE(server.context().span_id, remote.span_id);
  EXPECT_EQ(client.context().tracestate, "vendor=1");
  EXPECT_EQ(client.context().flags, TraceContext::kSampled);  // no random flag of our own
  const SpanId server_id = server.context().span_id;
  client.End();
  server.End();
  const auto spans = Spans(tracer, remote);
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0]->parent_span_id, server_id);
  EXPECT_FALSE(spans[0]->parent_is_remote);
  EXPECT_EQ(spans[1]->parent_span_id, remote.span_id);
  EXPECT_TRUE(spans[1]->parent_is_remote);
}

TEST(TracerTest, NotSampled) {
  Tracer tracer{TracerOptions()};
  const TraceContext parent =
      *ParseTraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02");
  Span span = tracer.StartSpan("x", SpanKind::kServer, &parent);
  EXPECT_FALSE(span.recording());
  EXPECT_NE(span.context().span_id, parent.span_id);
  EXPECT_EQ(span.context().flags, TraceContext::kRandom);
  span.SetAttribute("a", 1);
  span.AddEvent("e");
  span.AddLink(parent);
  span.SetError("e");
  span.SetName("n");
  span.End();
  EXPECT_TRUE(Spans(tracer, parent).empty());
  EXPECT_EQ(tracer.dropped_spans(), 0u);
}

TEST(TracerTest, DisabledPassesTheCallersContextOn) {
  TracerOptions options;
  options.disabled = true;
  Tracer tracer(options);
  const std::string traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const TraceContext parent = *ParseTraceContext(traceparent);
  Span span = tracer.StartSpan("x", SpanKind::kServer, &parent);
  EXPECT_FALSE(span.recording());
  EXPECT_EQ(FormatTraceparent(span.context()), traceparent);
  EXPECT_EQ(FormatTraceparent(tracer.StartSpan("x", SpanKind::kServer, nullptr).context()), "");
}

TEST(TracerTest, WithoutPropagationRemoteParentsAreIgnored) {
  TracerOptions options;
  options.propagate = false;
  Tracer tracer(options);
  EXPECT_FALSE(tracer.propagates());
  const TraceContext remote =
      *ParseTraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  Span span = tracer.StartSpan("x", SpanKind::kServer, &remote, Clock::now(), true);
  EXPECT_NE(span.context().trace_id, remote.trace_id);
  Span child = tracer.StartSpan("x", SpanKind::kClient, &span.context());
  EXPECT_EQ(child.context().trace_id, span.context().trace_id);
}

TEST(TracerTest, SpanLimits) {
  TracerOptions options;
  options.span_limits = {
      .attributes = 2, .attribute_value_bytes = 4, .events = 1, .event_attributes = 1, .links = 1};
  Tracer tracer(options);
  Span span = tracer.StartSpan("x", SpanKind::kServer, nullptr);
  const TraceContext context = span.context();
  span.SetAttribute("a", "123456");
  span.SetAttribute("b", "\xe2\x82\xac\xe2\x82\xac");  // two characters of three bytes
  span.SetAttribute("c", 1);
  span.SetAttribute("a", "12\xc3\xa9\xc3\xa9");  // replaces; the cut would fall after é
  span.AddEvent("1", {{"k", "123456"}, {"l", true}});
  span.AddEvent("2");
  span.AddLink(context);
  span.AddLink(context);
  span.SetError("123456");
  span.End();
  const auto spans = Spans(tracer, context);
  ASSERT_EQ(spans.size(), 1u);
  const SpanRecord& record = *spans[0];
  EXPECT_THAT(record.attributes,
              ElementsAre(Attribute{"a", "12\xc3\xa9"}, Attribute{"b", "\xe2\x82\xac"}));
  EXPECT_EQ(record.dropped_attributes, 1u);
  ASSERT_EQ(record.events.size(), 1u);
  EXPECT_THAT(record.events[0].attributes, ElementsAre(Attribute{"k", "1234"}));
  EXPECT_EQ(record.events[0].dropped_attributes, 1u);
  EXPECT_EQ(record.dropped_events, 1u);
  EXPECT_EQ(record.links.size(), 1u);
  EXPECT_EQ(record.dropped_links, 1u);
  EXPECT_EQ(record.status_message, "1234");
}

TEST(TracerTest, MovingASpanEndsItOnce) {
  Tracer tracer{TracerOptions()};
  TraceContext first, second;
  {
    Span a = tracer.StartSpan("a", SpanKind::kInternal, nullptr);
    first = a.context();
    Span b = std::move(a);
    EXPECT_TRUE(b.recording());
    b = tracer.StartSpan("b", SpanKind::kInternal, nullptr);  // ends the first
    second = b.context();
    EXPECT_EQ(Spans(tracer, first).size(), 1u);
    EXPECT_EQ(Spans(tracer, second).size(), 0u);
  }
  EXPECT_EQ(Spans(tracer, second).size(), 1u);
  EXPECT_EQ(tracer.ring().List().size(), 2u);
}

// Every span of every thread is either in the ring or counted as dropped.
TEST(TracerTest, ManyThreadsAndASmallQueue) {
  TracerOptions options;
  options.queue_spans = 64;
  options.ring.spans = 1'000'000;
  options.ring.spans_per_trace = 1'000'000;
  options.ring.bytes = size_t{4} << 30;
  Tracer tracer(options);
  constexpr int kThreads = 4;
  constexpr int kSpans = 5'000;
  Span root = tracer.StartSpan("root", SpanKind::kInternal, nullptr);
  const TraceContext context = root.context();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kSpans; ++j) {
        Span span = tracer.StartSpan("child", SpanKind::kInternal, &context);
        span.SetAttribute("n", j);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const size_t kept = Spans(tracer, context).size();
  EXPECT_EQ(kept + tracer.dropped_spans(), static_cast<size_t>(kThreads * kSpans));
  EXPECT_GE(kept, 64u);
  root.End();
}

TEST(TracerTest, AfterShutdownSpansAreDropped) {
  Tracer tracer{TracerOptions()};
  Span early = tracer.StartSpan("early", SpanKind::kInternal, nullptr);
  Span late = tracer.StartSpan("late", SpanKind::kInternal, nullptr);
  early.End();
  tracer.Shutdown(kLong);
  late.End();
  EXPECT_EQ(tracer.dropped_spans(), 1u);
  const std::vector<RecentTrace> traces = tracer.ring().List();
  ASSERT_EQ(traces.size(), 1u);
  EXPECT_EQ(traces[0].spans[0].span->name, "early");
  tracer.Shutdown(kLong);
  EXPECT_TRUE(tracer.Flush(kLong));
}

TEST(TracerTest, ConsoleWritesOneLineOfJsonASpan) {
  int pipe[2];
  ASSERT_EQ(pipe2(pipe, O_NONBLOCK), 0);
  SetLogDescriptor(pipe[1]);
  TracerOptions options;
  options.console = true;
  options.resource.attributes = {{"service.name", "here"}};
  Tracer tracer(options);
  Span span = tracer.StartSpan("line\nbreak", SpanKind::kServer, nullptr);
  const std::string id = FormatTraceId(span.context());
  span.End();
  EXPECT_TRUE(tracer.Flush(kLong));
  SetLogDescriptor(STDERR_FILENO);
  char bytes[4096];
  const ssize_t got = read(pipe[0], bytes, sizeof(bytes));
  ASSERT_GT(got, 0);
  const std::string text(bytes, static_cast<size_t>(got));
  EXPECT_THAT(text, testing::StartsWith("{\"traceId\":\"" + id + "\""));
  EXPECT_THAT(text, testing::HasSubstr("\"name\":\"line\\nbreak\""));
  EXPECT_THAT(text, testing::EndsWith("}\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  close(pipe[0]);
  close(pipe[1]);
}

}  // namespace
}  // namespace bridge::telemetry
