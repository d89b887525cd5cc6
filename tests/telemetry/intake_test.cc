// What one OTLP request from outside can cost, and what its times can do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "bridge/telemetry/otlp_decode.h"
#include "bridge/telemetry/trace_html.h"
#include "bridge/telemetry/trace_json.h"
#include "otlp/trace_service.pb.h"

namespace bridge::telemetry {
namespace {

namespace otlp = ::opentelemetry::proto::collector::trace::v1;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kMaxRequest = OtlpDecodeLimits().bytes;

// Calls `add` with one span after the other until the request is as large as it may be.
template <typename Add>
std::string Fill(Add add) {
  otlp::ExportTraceServiceRequest request;
  auto* spans = request.add_resource_spans()->add_scope_spans();
  size_t bytes = 0;
  while (spans->spans_size() < 9'999) {
    auto* span = spans->add_spans();
    span->set_trace_id("0123456789abcdef");
    span->set_span_id("01234567");
    add(span);
    bytes += span->ByteSizeLong() + 4;
    if (bytes > kMaxRequest) {
      spans->mutable_spans()->RemoveLast();
      break;
    }
  }
  return request.SerializeAsString();
}

// The memory of what was decoded, as the allocator is asked for it.
size_t MemoryOf(const DecodedSpans& decoded) {
  const auto of = [](const std::vector<Attribute>& attributes) {
    return attributes.capacity() * sizeof(Attribute);
  };
  size_t bytes = 0;
  for (const ResourceSpans& resource : decoded.resources) {
    bytes += sizeof(Resource) + of(resource.resource->attributes);
    for (const auto& span : resource.spans) {
      bytes += sizeof(SpanRecord) + of(span->attributes) +
               span->events.capacity() * sizeof(SpanEvent) +
               span->links.capacity() * sizeof(TraceContext);
      for (const SpanEvent& event : span->events) bytes += of(event.attributes);
    }
  }
  return bytes;
}

TEST(A15Intake, NoRequestTakesMuchMemory) {
  const struct {
    const char* what;
    std::string request;
  } rows[] = {
      {"attributes", Fill([](auto* span) {
         for (int i = 0; i < 128; ++i) span->add_attributes();
       })},
      {"events", Fill([](auto* span) {
         for (int i = 0; i < 128; ++i) span->add_events();
       })},
      {"attributes of events", Fill([](auto* span) {
         for (int i = 0; i < 128; ++i) {
           auto* event = span->add_events();
           for (int j = 0; j < 128; ++j) event->add_attributes();
         }
       })},
      {"links", Fill([](auto* span) {
         for (int i = 0; i < 128; ++i) {
           auto* link = span->add_links();
           link->set_trace_id("0123456789abcdef");
           link->set_span_id("01234567");
         }
       })},
      {"resources",
       [] {
         otlp::ExportTraceServiceRequest request;
         for (int i = 0; i < 5'000; ++i) {
           auto* resource = request.add_resource_spans();
           for (int j = 0; j < 128; ++j) resource->mutable_resource()->add_attributes();
           auto* span = resource->add_scope_spans()->add_spans();
           span->set_trace_id("0123456789abcdef");
           span->set_span_id("01234567");
         }
         return request.SerializeAsString();
       }()},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    ASSERT_LE(row.request.size(), kMaxRequest);
    const auto decoded = DecodeOtlp(row.request);
    if (decoded.ok()) {
      EXPECT_LE(MemoryOf(*decoded), OtlpDecodeLimits().decoded_bytes);
    } else {
      EXPECT_EQ(decoded.status().code(), absl::StatusCode::kResourceExhausted);
      EXPECT_THAT(std::string(decoded.status().message()), HasSubstr("send smaller batches"));
    }
  }
  EXPECT_FALSE(DecodeOtlp(rows[0].request).ok());
  EXPECT_FALSE(DecodeOtlp(rows[2].request).ok());
  EXPECT_FALSE(DecodeOtlp(rows[4].request).ok());
}

// As many as a collector's batch has, with the attributes of HTTP and RPC spans.
TEST(A15Intake, AUsualBatchIsTaken) {
  const std::string request = Fill([](auto* span) {
    span->set_name("GET /v1/orders/{order}");
    for (int i = 0; i < 12; ++i) {
      auto* attribute = span->add_attributes();
      attribute->set_key("http.request.method" + std::to_string(i));
      attribute->mutable_value()->set_string_value("a value of some length");
    }
  });
  const auto decoded = DecodeOtlp(request);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_GT(decoded->spans, 5'000u);
}

TEST(A15Intake, AnySpanTimesHaveAPage) {
  constexpr uint64_t kMax63 = std::numeric_limits<int64_t>::max();
  constexpr uint64_t kMax64 = std::numeric_limits<uint64_t>::max();
  constexpr uint64_t kNow = 1'800'000'000'000'000'000;
  struct Row {
    uint64_t start, end, event;
    int64_t duration;
  };
  const Row rows[] = {
      {0, kMax63, kMax63, static_cast<int64_t>(kMax63)},
      {0, kMax64, 0, static_cast<int64_t>(kMax63)},
      {kMax64, kMax64, 0, 0},
      {kMax63, 0, kMax64, 0},
      {0, kNow, kNow, static_cast<int64_t>(kNow)},
      {kNow, kMax64, 0, static_cast<int64_t>(kMax63 - kNow)},
      {0, 0, 0, 0},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << row.start << " to " << row.end);
    otlp::ExportTraceServiceRequest request;
    auto* spans = request.add_resource_spans()->add_scope_spans();
    auto* span = spans->add_spans();
    span->set_trace_id("0123456789abcdef");
    span->set_span_id("01234567");
    span->set_name("odd");
    span->set_start_time_unix_nano(row.start);
    span->set_end_time_unix_nano(row.end);
    span->add_events()->set_time_unix_nano(row.event);
    auto* child = spans->add_spans();
    child->set_trace_id("0123456789abcdef");
    child->set_span_id("12345678");
    child->set_parent_span_id("01234567");
    child->set_start_time_unix_nano(row.end);
    child->set_end_time_unix_nano(row.end);
    const auto decoded = DecodeOtlp(request.SerializeAsString());
    ASSERT_TRUE(decoded.ok());
    RecentTrace trace;
    trace.id = decoded->resources[0].spans[0]->context.trace_id;
    for (const auto& each : decoded->resources[0].spans) {
      trace.spans.push_back({decoded->resources[0].resource, each});
    }
    const json tree = json::parse(ToJson(trace));
    const json* odd = &tree["spans"][0];
    if ((*odd)["name"] != "odd") odd = &tree["spans"][0]["children"][0];
    EXPECT_EQ((*odd)["durationNs"], row.duration);
    EXPECT_GE(tree["durationNs"], row.duration);
    for (const std::string& page : {ToHtml(trace, "/t"), ToHtml(std::span(&trace, 1), "/t")}) {
      EXPECT_THAT(page, HasSubstr("odd"));
      EXPECT_THAT(page, Not(HasSubstr("left:-")));
      EXPECT_THAT(page, Not(HasSubstr("width:-")));
      EXPECT_THAT(page, Not(HasSubstr("nan")));
    }
  }
}

// A span of all of the time there is stands at the left and is as wide as the page.
TEST(A15Intake, TheLongestSpanFillsThePage) {
  auto span = std::make_shared<SpanRecord>();
  span->context.trace_id = {1};
  span->context.span_id = {2};
  span->end = Clock::time_point(Clock::duration(std::numeric_limits<int64_t>::max()));
  RecentTrace trace;
  trace.spans.push_back({std::make_shared<Resource>(), span});
  const std::string page = ToHtml(trace, "/t");
  EXPECT_THAT(page, HasSubstr("<i style=\"left:0%;width:100%\"></i>"));
  EXPECT_THAT(page, HasSubstr("<small class=\"inside\" style=\"left:0%\">"));
  EXPECT_THAT(page, HasSubstr("style=\"left:80%\">7.3787e+09"));
}

}  // namespace
}  // namespace bridge::telemetry
