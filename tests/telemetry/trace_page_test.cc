// The tree, and what JSON and HTML make of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bridge/telemetry/text.h"
#include "bridge/telemetry/trace_html.h"
#include "bridge/telemetry/trace_json.h"
#include "bridge/telemetry/trace_tree.h"

namespace bridge::telemetry {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTraceId[] = "0000000000000000000000000000002a";

Clock::time_point At(int64_t nanos) {
  return Clock::time_point(std::chrono::seconds(1'700'000'000) + std::chrono::nanoseconds(nanos));
}

struct TestSpan {
  uint8_t id;
  uint8_t parent;
  std::string name;
  int64_t start, end;
  std::string service = "bridge";
};

std::shared_ptr<SpanRecord> MakeSpan(const TestSpan& given) {
  auto span = std::make_shared<SpanRecord>();
  span->context.trace_id[15] = 0x2a;
  span->context.span_id[7] = given.id;
  span->parent_span_id[7] = given.parent;
  span->name = given.name;
  span->start = At(given.start);
  span->end = At(given.end);
  return span;
}

std::shared_ptr<const Resource> MakeResource(const std::string& service) {
  return std::make_shared<const Resource>(Resource{{{"service.name", service}}});
}

RecentTrace MakeTrace(const std::vector<TestSpan>& spans) {
  RecentTrace trace;
  trace.id[15] = 0x2a;
  for (const TestSpan& span : spans) {
    trace.spans.push_back({MakeResource(span.service), MakeSpan(span)});
  }
  return trace;
}

// "name", two blanks per level before it, '?' after an orphan.
std::vector<std::string> Outline(const TraceTree& tree) {
  std::vector<std::string> outline;
  for (const TraceRow& row : tree.rows) {
    outline.push_back(std::string(static_cast<size_t>(2 * row.depth), ' ') +
                      row.recent->span->name + (row.orphan ? "?" : ""));
  }
  return outline;
}

TEST(TraceTreeTest, ParentsBeforeChildrenSiblingsByStart) {
  const RecentTrace trace = MakeTrace({{4, 3, "leaf", 30, 40, "shop"},
                                       {2, 1, "late", 60, 70},
                                       {3, 1, "early", 20, 50, "shop"},
                                       {1, 0, "root", 10, 100}});
  const TraceTree tree = MakeTraceTree(trace);
  EXPECT_THAT(Outline(tree), ElementsAre("root", "  early", "    leaf", "  late"));
  EXPECT_THAT(tree.services, ElementsAre("bridge", "shop"));
  EXPECT_EQ(tree.start, At(10));
  EXPECT_EQ(tree.duration().count(), 90);
}

TEST(TraceTreeTest, OddTraces) {
  struct Row {
    const char* what;
    std::vector<TestSpan> spans;
    std::vector<std::string> expected;
  };
  const Row rows[] = {
      {"empty", {}, {}},
      {"orphan with a child", {{2, 9, "a", 1, 2}, {3, 2, "b", 1, 2}}, {"a?", "  b"}},
      {"two roots", {{1, 0, "a", 5, 6}, {2, 0, "b", 1, 2}}, {"b", "a"}},
      {"own parent", {{1, 1, "a", 1, 2}}, {"a?"}},
      {"circle", {{1, 2, "a", 5, 6}, {2, 1, "b", 1, 2}, {3, 1, "c", 6, 7}}, {"b?", "  a", "    c"}},
      {"the same id twice", {{1, 0, "a", 1, 2}, {1, 0, "b", 1, 2}}, {"a"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const RecentTrace trace = MakeTrace(row.spans);
    EXPECT_EQ(Outline(MakeTraceTree(trace)), row.expected);
    EXPECT_FALSE(json::parse(ToJson(trace), nullptr, false).is_discarded());
    EXPECT_THAT(ToHtml(trace, "/t"), HasSubstr("</html>"));
  }
}

TEST(TraceTreeTest, Title) {
  struct Row {
    std::vector<TestSpan> spans;
    std::string expected;
  };
  const Row rows[] = {
      {{}, "(no spans)"},
      {{{1, 0, "", 1, 2}}, "(no name)"},
      {{{1, 0, "a", 1, 9}, {2, 1, "b", 2, 3}}, "a \u203a b"},
      {{{1, 0, "a", 1, 9}, {2, 1, "b", 2, 3}, {3, 2, "c", 2, 3}}, "a \u203a b"},
      {{{1, 0, "a", 1, 9}, {2, 1, "b", 2, 3}, {3, 8, "other root", 2, 3}}, "a \u203a b"},
      {{{1, 0, "a", 1, 9}, {2, 1, "b", 2, 3}, {3, 1, "c", 4, 5}}, "a"},
      {{{1, 0, "a", 1, 9}, {2, 1, "b", 2, 3, "another service"}}, "a"},
  };
  for (const Row& row : rows) {
    const RecentTrace trace = MakeTrace(row.spans);
    EXPECT_EQ(TitleOf(MakeTraceTree(trace)), row.expected);
  }
}

TEST(TraceTreeTest, DepthIsLimited) {
  std::vector<TestSpan> spans;
  for (int i = 1; i < 200; ++i) {
    spans.push_back({static_cast<uint8_t>(i), static_cast<uint8_t>(i - 1), "s", i, 1'000 - i});
  }
  const RecentTrace trace = MakeTrace(spans);
  const TraceTree tree = MakeTraceTree(trace);
  ASSERT_EQ(tree.rows.size(), 199u);
  EXPECT_EQ(tree.rows.back().depth, kMaxTraceDepth);
  EXPECT_FALSE(json::parse(ToJson(trace), nullptr, false).is_discarded());
}

RecentTrace FullTrace() {
  RecentTrace trace = MakeTrace({{1, 0, "POST /mcp", 0, 10'000'000}});
  trace.dropped_spans = 3;
  auto span = MakeSpan({2, 1, "shop.Cart/Add", 1'000'000, 3'000'000});
  span->kind = SpanKind::kClient;
  span->status = SpanStatus::kError;
  span->status_message = "NOT_FOUND";
  span->attributes = {{"s", std::string("v")}, {"b", true},
                      {"i", int64_t{-7}},      {"d", 0.5},
                      {"s", std::string("w")}, {"n", std::numeric_limits<double>::infinity()}};
  span->events = {{At(1'500'000), "retry", {{"attempt", int64_t{2}}}, 0}};
  TraceContext link;
  link.trace_id[0] = 0xab;
  link.span_id[0] = 0xcd;
  span->links = {link};
  trace.spans.push_back({MakeResource("bridge"), span});
  trace.spans.push_back({MakeResource("cart"), MakeSpan({3, 2, "Add", 1'200'000, 2'000'000})});
  trace.spans.push_back({MakeResource("late"), MakeSpan({4, 9, "lost", 4'000'000, 5'000'000})});
  return trace;
}

TEST(TraceJsonTest, Trace) {
  const json expected = json::parse(R"json({
    "traceId": "0000000000000000000000000000002a",
    "title": "POST /mcp \u203a shop.Cart/Add", "service": "bridge",
    "services": ["bridge", "cart", "late"], "start": "2023-11-14T22:13:20.000Z",
    "durationNs": 10000000, "spanCount": 4, "errorCount": 1, "droppedSpans": 3,
    "spans": [
      {"spanId": "0000000000000001", "service": "bridge", "name": "POST /mcp", "kind": "internal",
       "status": "unset", "startOffsetNs": 0, "durationNs": 10000000, "attributes": {},
       "events": [], "links": [], "children": [
        {"spanId": "0000000000000002", "parentSpanId": "0000000000000001", "service": "bridge",
         "name": "shop.Cart/Add", "kind": "client", "status": "error",
         "statusMessage": "NOT_FOUND", "startOffsetNs": 1000000, "durationNs": 2000000,
         "attributes": {"s": "v", "b": true, "i": -7, "d": 0.5, "n": null},
         "events": [{"name": "retry", "offsetNs": 1500000, "attributes": {"attempt": 2}}],
         "links": [{"traceId": "ab000000000000000000000000000000", "spanId": "cd00000000000000"}],
         "children": [
          {"spanId": "0000000000000003", "parentSpanId": "0000000000000002", "service": "cart",
           "name": "Add", "kind": "internal", "status": "unset", "startOffsetNs": 1200000,
           "durationNs": 800000, "attributes": {}, "events": [], "links": [], "children": []}]}]},
      {"spanId": "0000000000000004", "parentSpanId": "0000000000000009", "service": "late",
       "name": "lost", "kind": "internal", "status": "unset", "startOffsetNs": 4000000,
       "durationNs": 1000000, "attributes": {}, "events": [], "links": [], "orphan": true,
       "children": []}]})json");
  EXPECT_EQ(json::parse(ToJson(FullTrace())), expected);
}

TEST(TraceJsonTest, List) {
  const std::vector<RecentTrace> traces = {FullTrace(), MakeTrace({{1, 0, "x", 0, 1}})};
  const json list = json::parse(ToJson(traces));
  ASSERT_EQ(list["traces"].size(), 2u);
  json first = json::parse(ToJson(traces[0]));
  first.erase("spans");
  EXPECT_EQ(list["traces"][0], first);
  EXPECT_EQ(list["traces"][1]["title"], "x");
  EXPECT_EQ(ToJson(std::vector<RecentTrace>()), R"({"traces":[]})");
}

TEST(TraceJsonTest, OneSpan) {
  const RecentTrace trace = FullTrace();
  const std::string line = ToJson(*trace.spans[2].span, *trace.spans[2].resource);
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_EQ(json::parse(line), json::parse(R"json({"traceId": "0000000000000000000000000000002a",
              "start": "2023-11-14T22:13:20.001Z", "spanId": "0000000000000003",
              "parentSpanId": "0000000000000002", "service": "cart", "name": "Add",
              "kind": "internal", "status": "unset", "startOffsetNs": 0, "durationNs": 800000,
              "attributes": {}, "events": [], "links": []})json"));
}

TEST(TraceHtmlTest, Trace) {
  const std::string html = ToHtml(FullTrace(), "/debug/traces");
  for (const char* part :
       {"<!doctype html>", kTraceId, "href=\"/debug/traces\"", "POST /mcp", "shop.Cart/Add",
        "10\u00a0ms", "NOT_FOUND", "1 error", "3 more spans not kept", "parent not here",
        "0000000000000009", "event at 1.5\u00a0ms", "<em>attempt</em>=2", "left:10%;width:20%",
        "href=\"/debug/traces/ab000000000000000000000000000000\"", "class=\"c1\"", "+Inf"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
  EXPECT_THAT(html, Not(HasSubstr("<script")));
}

TEST(TraceHtmlTest, List) {
  const std::vector<RecentTrace> traces = {FullTrace(), MakeTrace({{1, 0, "", 0, 1}})};
  const std::string html = ToHtml(traces, "/debug/traces");
  EXPECT_THAT(html, HasSubstr(std::string("href=\"/debug/traces/") + kTraceId +
                              "\">POST /mcp \u203a shop.Cart/Add</a>"));
  EXPECT_THAT(html, HasSubstr("2 traces in memory"));
  EXPECT_THAT(html, HasSubstr("(no name)"));
  EXPECT_THAT(ToHtml(std::vector<RecentTrace>(), "/t"), HasSubstr("No trace yet"));
}

// Other processes send spans too: every piece of text is hostile.
TEST(TraceHtmlTest, EverythingIsEscaped) {
  const std::string hostile = "<script>alert('x')</script>\"onload=\"&\xff\u202e\x1b";
  auto span = MakeSpan({1, 0, hostile, 0, 1});
  span->status = SpanStatus::kError;
  span->status_message = hostile;
  span->attributes = {{hostile, hostile}};
  span->events = {{At(0), hostile, {{hostile, hostile}}, 0}};
  RecentTrace trace;
  trace.spans.push_back({MakeResource(hostile), span});
  for (const std::string& html : {ToHtml(trace, hostile), ToHtml(std::vector{trace}, hostile)}) {
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr("'x'")));
    EXPECT_THAT(html, Not(HasSubstr("\"onload")));
    EXPECT_THAT(html, Not(HasSubstr("\u202e")));
    EXPECT_THAT(html, Not(HasSubstr("\x1b")));
    EXPECT_THAT(html, Not(HasSubstr("\xff")));
    EXPECT_THAT(
        html, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;onload=&quot;&amp;"));
  }
}

TEST(TextTest, UtcTime) {
  struct Row {
    int64_t unix_millis;
    const char* expected;
  };
  for (const Row& row : {Row{0, "1970-01-01T00:00:00.000Z"}, Row{-1, "1969-12-31T23:59:59.999Z"},
                         Row{951782400123, "2000-02-29T00:00:00.123Z"}}) {
    std::string text;
    AppendUtcTime(&text, Clock::time_point(std::chrono::milliseconds(row.unix_millis)));
    EXPECT_EQ(text, row.expected);
  }
}

}  // namespace
}  // namespace bridge::telemetry
