// The hand-written OTLP bytes against protobuf's own classes.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "bridge/telemetry/otlp_decode.h"
#include "bridge/telemetry/otlp_encode.h"
#include "otlp/trace_service.pb.h"

namespace bridge::telemetry {
namespace {

namespace otlp = ::opentelemetry::proto::collector::trace::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Clock::time_point At(int64_t nanos) {
  return Clock::time_point(std::chrono::nanoseconds(nanos));
}

TraceContext Context(uint8_t trace, uint8_t span, uint8_t flags = 1) {
  TraceContext context;
  context.trace_id.fill(trace);
  context.span_id.fill(span);
  context.flags = flags;
  return context;
}

std::shared_ptr<SpanRecord> FullSpan() {
  auto span = std::make_shared<SpanRecord>();
  span->context = Context(0xaa, 0xbb, 3);
  span->context.tracestate = "a=1";
  span->parent_span_id.fill(0xcc);
  span->parent_is_remote = true;
  span->name = "tools/call x";
  span->kind = SpanKind::kServer;
  span->status = SpanStatus::kError;
  span->status_message = "broken";
  span->start = At(1'700'000'000'000'000'001);
  span->end = At(1'700'000'000'000'000'999);
  span->attributes = {{"text", std::string("v\xc3\xa9")},
                      {"empty", std::string()},
                      {"yes", true},
                      {"no", false},
                      {"negative", int64_t{-5}},
                      {"zero", int64_t{0}},
                      {"double", 0.25},
                      {"big", int64_t{1} << 62}};
  span->events = {{At(1'700'000'000'000'000'002), "retry", {{"attempt", int64_t{2}}}, 4},
                  {At(1'700'000'000'000'000'003), "done", {}, 0}};
  span->links = {Context(0x11, 0x22), Context(0x33, 0x44, 0)};
  span->links[0].tracestate = "b=2";
  span->dropped_attributes = 7;
  span->dropped_events = 300;
  span->dropped_links = 1;
  return span;
}

std::shared_ptr<SpanRecord> BareSpan() {
  auto span = std::make_shared<SpanRecord>();
  span->context = Context(0xaa, 0xdd);
  span->start = At(5);
  span->end = At(6);
  return span;
}

const Resource kResource{{{"service.name", std::string("svc")}, {"n", int64_t{1}}}};

// A second way to the same message: protobuf's text format.
constexpr char kExpected[] = R"pb(
  resource_spans {
    resource {
      attributes {
        key: "service.name"
        value { string_value: "svc" }
      }
      attributes {
        key: "n"
        value { int_value: 1 }
      }
    }
    scope_spans {
      scope { name: "grpc-mcp-bridge" version: "VERSION" }
      schema_url: "https://opentelemetry.io/schemas/1.45.0"
      spans {
        trace_id: "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
        span_id: "\xbb\xbb\xbb\xbb\xbb\xbb\xbb\xbb"
        parent_span_id: "\xcc\xcc\xcc\xcc\xcc\xcc\xcc\xcc"
        trace_state: "a=1"
        name: "tools/call x"
        kind: SPAN_KIND_SERVER
        start_time_unix_nano: 1700000000000000001
        end_time_unix_nano: 1700000000000000999
        attributes {
          key: "text"
          value { string_value: "v\xc3\xa9" }
        }
        attributes {
          key: "empty"
          value { string_value: "" }
        }
        attributes {
          key: "yes"
          value { bool_value: true }
        }
        attributes {
          key: "no"
          value { bool_value: false }
        }
        attributes {
          key: "negative"
          value { int_value: -5 }
        }
        attributes {
          key: "zero"
          value { int_value: 0 }
        }
        attributes {
          key: "double"
          value { double_value: 0.25 }
        }
        attributes {
          key: "big"
          value { int_value: 4611686018427387904 }
        }
        dropped_attributes_count: 7
        events {
          time_unix_nano: 1700000000000000002
          name: "retry"
          attributes {
            key: "attempt"
            value { int_value: 2 }
          }
          dropped_attributes_count: 4
        }
        events { time_unix_nano: 1700000000000000003 name: "done" }
        dropped_events_count: 300
        links {
          trace_id: "\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11"
          span_id: "\x22\x22\x22\x22\x22\x22\x22\x22"
          trace_state: "b=2"
          flags: 1
        }
        links {
          trace_id: "\x33\x33\x33\x33\x33\x33\x33\x33\x33\x33\x33\x33\x33\x33\x33\x33"
          span_id: "\x44\x44\x44\x44\x44\x44\x44\x44"
        }
        dropped_links_count: 1
        status { code: STATUS_CODE_ERROR message: "broken" }
        flags: 0x303
      }
      spans {
        trace_id: "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
        span_id: "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
        kind: SPAN_KIND_INTERNAL
        start_time_unix_nano: 5
        end_time_unix_nano: 6
        flags: 0x101
      }
    }
  }
)pb";

TEST(OtlpEncodeTest, IsWhatProtobufWouldWrite) {
  otlp::ExportTraceServiceRequest parsed;
  ASSERT_TRUE(parsed.ParseFromString(EncodeOtlp(SpanBatch{FullSpan(), BareSpan()}, kResource)));
  std::string text = kExpected;
  text.replace(text.find("VERSION"), 7, BRIDGE_VERSION);
  otlp::ExportTraceServiceRequest expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &expected));
  google::protobuf::util::MessageDifferencer differencer;
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  EXPECT_TRUE(differencer.Compare(expected, parsed)) << difference;
}

TEST(OtlpEncodeTest, ManySpansAndLongText) {
  SpanBatch spans;
  for (int i = 0; i < 1'000; ++i) {
    auto span = BareSpan();
    span->name = std::string(static_cast<size_t>(i), 'n');
    spans.push_back(std::move(span));
  }
  otlp::ExportTraceServiceRequest parsed;
  ASSERT_TRUE(parsed.ParseFromString(EncodeOtlp(spans, kResource)));
  const auto& scope = parsed.resource_spans(0).scope_spans(0);
  ASSERT_EQ(scope.spans_size(), 1'000);
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_EQ(scope.spans(i).name().size(), static_cast<size_t>(i));
  }
}

// A collector refuses the whole request for one byte that is not UTF-8.
TEST(OtlpEncodeTest, MendsText) {
  auto span = BareSpan();
  span->name =
      "a\xff"
      "b";
  span->status_message = "\xc3";
  span->attributes = {{"k\x80", std::string("\xed\xa0\x80")}};
  otlp::ExportTraceServiceRequest parsed;
  ASSERT_TRUE(parsed.ParseFromString(EncodeOtlp(SpanBatch{span}, kResource)));
  const otlp::Span& got = parsed.resource_spans(0).scope_spans(0).spans(0);
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(got.name(), "a" + bad + "b");
  EXPECT_EQ(got.status().message(), bad);
  EXPECT_EQ(got.attributes(0).key(), "k" + bad);
  EXPECT_EQ(got.attributes(0).value().string_value(), bad + bad + bad);
}

void ExpectSame(const SpanRecord& a, const SpanRecord& b) {
  EXPECT_EQ(FormatTraceparent(a.context), FormatTraceparent(b.context));
  EXPECT_EQ(a.context.tracestate, b.context.tracestate);
  EXPECT_EQ(a.parent_span_id, b.parent_span_id);
  EXPECT_EQ(a.parent_is_remote, b.parent_is_remote);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.status_message, b.status_message);
  EXPECT_EQ(a.start, b.start);
  EXPECT_EQ(a.end, b.end);
  EXPECT_EQ(a.attributes, b.attributes);
  ASSERT_EQ(a.events.size(), b.events.size());
  for (size_t i = 0; i < a.events.size(); ++i) {
    EXPECT_EQ(a.events[i].time, b.events[i].time);
    EXPECT_EQ(a.events[i].name, b.events[i].name);
    EXPECT_EQ(a.events[i].attributes, b.events[i].attributes);
    EXPECT_EQ(a.events[i].dropped_attributes, b.events[i].dropped_attributes);
  }
  ASSERT_EQ(a.links.size(), b.links.size());
  for (size_t i = 0; i < a.links.size(); ++i) {
    EXPECT_EQ(FormatTraceparent(a.links[i]), FormatTraceparent(b.links[i]));
    EXPECT_EQ(a.links[i].tracestate, b.links[i].tracestate);
  }
  EXPECT_EQ(a.dropped_attributes, b.dropped_attributes);
  EXPECT_EQ(a.dropped_events, b.dropped_events);
  EXPECT_EQ(a.dropped_links, b.dropped_links);
}

TEST(OtlpDecodeTest, RoundTrip) {
  const SpanBatch spans = {FullSpan(), BareSpan()};
  const absl::StatusOr<DecodedSpans> decoded = DecodeOtlp(EncodeOtlp(spans, kResource));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ASSERT_EQ(decoded->resources.size(), 1u);
  EXPECT_EQ(decoded->spans, 2u);
  EXPECT_EQ(decoded->rejected_spans, 0u);
  EXPECT_EQ(decoded->resources[0].resource->attributes, kResource.attributes);
  ASSERT_EQ(decoded->resources[0].spans.size(), 2u);
  ExpectSame(*decoded->resources[0].spans[0], *spans[0]);
  ExpectSame(*decoded->resources[0].spans[1], *spans[1]);
}

absl::StatusOr<DecodedSpans> DecodeText(const std::string& text,
                                        const OtlpDecodeLimits& limits = {}) {
  otlp::ExportTraceServiceRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return DecodeOtlp(request.SerializeAsString(), limits);
}

std::string OneSpan(const std::string& more) {
  return "resource_spans { scope_spans { spans { trace_id: '0123456789abcdef' span_id: "
         "'01234567' " +
         more + " } } }";
}

TEST(OtlpDecodeTest, AttributeValues) {
  struct Row {
    const char* value;
    AttributeValue expected;
  };
  const std::string deep_open = [] {
    std::string text;
    for (int i = 0; i < 20; ++i) text += "array_value { values { ";
    text += "int_value: 1";
    for (int i = 0; i < 20; ++i) text += " } }";
    return text;
  }();
  const Row rows[] = {
      {"string_value: 'x'", std::string("x")},
      {"bool_value: true", true},
      {"int_value: -1", int64_t{-1}},
      {"double_value: 1.5", 1.5},
      {"bytes_value: '\\x00\\xff'", std::string("00ff")},
      {"array_value {}", std::string("[]")},
      {"array_value { values { string_value: 'a\"' } values { int_value: -2 } values {} }",
       std::string("[\"a\\\"\",-2,null]")},
      {"array_value { values { double_value: nan } values { bytes_value: 'A' } values { "
       "bool_value: "
       "true } values { double_value: 0.5 } }",
       std::string("[null,\"41\",true,0.5]")},
      {"kvlist_value { values { key: 'k' value { array_value { values { int_value: 1 } } } } "
       "values { key: 'l' } }",
       std::string("{\"k\":[1],\"l\":null}")},
      {deep_open.c_str(), std::string("[[[[[[[[null]]]]]]]]")},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.value);
    const auto decoded =
        DecodeText(OneSpan(std::string("attributes { key: 'a' value { ") + row.value + " } }"));
    ASSERT_TRUE(decoded.ok());
    EXPECT_THAT(decoded->resources[0].spans[0]->attributes,
                ElementsAre(Attribute{"a", row.expected}));
  }
}

TEST(OtlpDecodeTest, SpansWithoutUsableIdsAreRejectedAlone) {
  const auto decoded = DecodeText(R"pb(
    resource_spans {
      scope_spans {
        spans { trace_id: '0123456789abcdef' span_id: '01234567' name: 'good' kind: 99 }
        spans { trace_id: '0123456789abcde' span_id: '01234567' }
        spans { trace_id: '0123456789abcdef' span_id: '012345678' }
        spans { trace_id: '0123456789abcdef' }
        spans { span_id: '01234567' }
        spans { trace_id: '0123456789abcdef' span_id: '\0\0\0\0\0\0\0\0' }
        spans { trace_id: '0123456789abcdef' span_id: '01234567' parent_span_id: '0' }
      }
    })pb");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->spans, 1u);
  EXPECT_EQ(decoded->rejected_spans, 6u);
  ASSERT_EQ(decoded->resources.size(), 1u);
  ASSERT_EQ(decoded->resources[0].spans.size(), 1u);
  EXPECT_EQ(decoded->resources[0].spans[0]->name, "good");
  EXPECT_EQ(decoded->resources[0].spans[0]->kind, SpanKind::kUnspecified);
  EXPECT_EQ(decoded->resources[0].resource->service_name(), "unknown_service");
}

TEST(OtlpDecodeTest, Limits) {
  OtlpDecodeLimits limits;
  limits.span = {
      .attributes = 1, .attribute_value_bytes = 4, .events = 1, .event_attributes = 1, .links = 1};
  limits.name_bytes = 3;
  const std::string attributes =
      "attributes { key: 'abcd' value { string_value: '123456' } } attributes { key: 'b' }";
  const std::string link = "links { trace_id: '0123456789abcdef' span_id: '01234567' }";
  const auto decoded =
      DecodeText(OneSpan("name: 'abcdef' start_time_unix_nano: 18446744073709551615 " + attributes +
                         " events { " + attributes + " } events {}" + link + link +
                         " status { code: 2 message: '123456' }"),
                 limits);
  ASSERT_TRUE(decoded.ok());
  const SpanRecord& span = *decoded->resources[0].spans[0];
  EXPECT_EQ(span.name, "abc");
  EXPECT_THAT(span.attributes, ElementsAre(Attribute{"abc", std::string("1234")}));
  EXPECT_EQ(span.dropped_attributes, 1u);
  ASSERT_EQ(span.events.size(), 1u);
  EXPECT_THAT(span.events[0].attributes, ElementsAre(Attribute{"abc", std::string("1234")}));
  EXPECT_EQ(span.events[0].dropped_attributes, 1u);
  EXPECT_EQ(span.dropped_events, 1u);
  EXPECT_EQ(span.links.size(), 1u);
  EXPECT_EQ(span.dropped_links, 1u);
  EXPECT_EQ(span.status_message, "1234");
  EXPECT_GT(span.start, At(0));  // clamped, not wrapped

  limits.spans = 1;
  EXPECT_TRUE(DecodeText(OneSpan(""), limits).ok());
  const absl::Status spans = DecodeText(OneSpan("") + OneSpan(""), limits).status();
  EXPECT_EQ(spans.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(spans.message()), HasSubstr("more than 1 spans"));
  limits.bytes = 10;
  const absl::Status bytes = DecodeText(OneSpan(""), limits).status();
  EXPECT_EQ(bytes.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(bytes.message()), HasSubstr("the limit is 10"));
}

TEST(OtlpDecodeTest, Malformed) {
  const std::vector<std::string> rows = {
      "\x0a",                                              // no length
      "\x0a\x05\x0a",                                      // shorter than its length
      "\x0b",                                              // a group
      std::string(2, '\0'),                                // field number 0
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  // a varint of 11 bytes
      "plain text",
      "\x0a\x02\x12\x05",  // nested
      "\x0d\x01",          // short fixed32
  };
  for (const std::string& bytes : rows) {
    EXPECT_EQ(DecodeOtlp(bytes).status().code(), absl::StatusCode::kInvalidArgument)
        << testing::PrintToString(bytes);
  }
  EXPECT_TRUE(DecodeOtlp("").ok());
}

// Every prefix and many damaged copies: an answer or an error, and never a read outside (which
// AddressSanitizer would report).
TEST(OtlpDecodeTest, DamagedBytesDoNoHarm) {
  const std::string bytes = EncodeOtlp(SpanBatch{FullSpan(), BareSpan()}, kResource);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const absl::StatusOr<DecodedSpans> decoded = DecodeOtlp(std::string(bytes, 0, size));
    EXPECT_EQ(decoded.ok(), size == 0) << size;
  }
  std::mt19937 random(1);
  size_t failures = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = bytes;
    for (int j = 0; j < 3; ++j) damaged[random() % damaged.size()] = static_cast<char>(random());
    failures += DecodeOtlp(damaged).ok() ? 0 : 1;
  }
  EXPECT_GT(failures, 0u);
}

TEST(OtlpResponseTest, PartialSuccess) {
  EXPECT_EQ(EncodeOtlpResponse(0, ""), "");
  const std::string bytes = EncodeOtlpResponse(3, "too old");
  otlp::ExportTraceServiceResponse parsed;
  ASSERT_TRUE(parsed.ParseFromString(bytes));
  EXPECT_EQ(parsed.partial_success().rejected_spans(), 3);
  EXPECT_EQ(parsed.partial_success().error_message(), "too old");
  const absl::StatusOr<OtlpPartialSuccess> decoded = DecodeOtlpResponse(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->rejected_spans, 3);
  EXPECT_EQ(decoded->message, "too old");
  EXPECT_EQ(DecodeOtlpResponse("")->rejected_spans, 0);
  EXPECT_FALSE(DecodeOtlpResponse("\x0a\x05").ok());
  EXPECT_FALSE(DecodeOtlpResponse("\x0a\x02\x12\x05").ok());
}

}  // namespace
}  // namespace bridge::telemetry
