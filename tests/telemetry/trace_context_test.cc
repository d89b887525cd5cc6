#include "bridge/telemetry/trace_context.h"

#include <gtest/gtest.h>

#include <string>

namespace bridge::telemetry {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpan[] = "00f067aa0ba902b7";

std::string Parent(const std::string& version, const std::string& trace, const std::string& span,
                   const std::string& flags) {
  return version + "-" + trace + "-" + span + "-" + flags;
}

TEST(TraceContextTest, Traceparent) {
  const std::string valid = Parent("00", kTrace, kSpan, "01");
  struct Row {
    const char* what;
    std::string traceparent;
    std::string expected;  // empty: not valid
  };
  const Row rows[] = {
      {"sampled", valid, valid},
      {"not sampled", Parent("00", kTrace, kSpan, "00"), Parent("00", kTrace, kSpan, "00")},
      {"random", Parent("00", kTrace, kSpan, "03"), Parent("00", kTrace, kSpan, "03")},
      {"unknown flags are zeroed", Parent("00", kTrace, kSpan, "ff"),
       Parent("00", kTrace, kSpan, "03")},
      {"later version", Parent("01", kTrace, kSpan, "01"), valid},
      {"later version with more fields", Parent("fe", kTrace, kSpan, "01") + "-what-ever", valid},
      {"later version with a bare dash", Parent("cc", kTrace, kSpan, "01") + "-", valid},
      {"later version, no dash", Parent("01", kTrace, kSpan, "01") + ".x", ""},
      {"later version, flags too long", Parent("01", kTrace, kSpan, "010"), ""},
      {"version ff", Parent("ff", kTrace, kSpan, "01"), ""},
      {"version not hex", Parent("0g", kTrace, kSpan, "01"), ""},
      {"version 00 with more", valid + "-00", ""},
      {"version 00 with a blank", valid + " ", ""},
      {"leading blank", " " + valid, ""},
      {"empty", "", ""},
      {"too short", valid.substr(0, 54), ""},
      {"upper case trace id", Parent("00", "4BF92F3577B34DA6A3CE929D0E0E4736", kSpan, "01"), ""},
      {"upper case span id", Parent("00", kTrace, "00F067AA0BA902B7", "01"), ""},
      {"upper case flags", Parent("00", kTrace, kSpan, "0A"), ""},
      {"upper case version", Parent("0A", kTrace, kSpan, "01"), ""},
      {"zero trace id", Parent("00", std::string(32, '0'), kSpan, "01"), ""},
      {"zero span id", Parent("00", kTrace, std::string(16, '0'), "01"), ""},
      {"trace id not hex", Parent("00", "4bf92f3577b34da6a3ce929d0e0e473x", kSpan, "01"), ""},
      {"span id not hex", Parent("00", kTrace, "00f067aa0ba902b.", "01"), ""},
      {"flags not hex", Parent("00", kTrace, kSpan, "0."), ""},
      {"first dash missing", "00." + valid.substr(3), ""},
      {"second dash missing", valid.substr(0, 35) + "." + valid.substr(36), ""},
      {"third dash missing", valid.substr(0, 52) + "." + valid.substr(53), ""},
      {"two headers joined", valid + "," + valid, ""},
      {"a null byte", valid.substr(0, 54) + std::string(1, '\0'), ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const std::optional<TraceContext> context = ParseTraceContext(row.traceparent);
    ASSERT_EQ(context.has_value(), !row.expected.empty());
    if (!context) continue;
    EXPECT_EQ(FormatTraceparent(*context), row.expected);
    EXPECT_EQ(FormatTraceId(*context), kTrace);
    EXPECT_EQ(FormatSpanId(context->span_id), kSpan);
  }
}

std::string Members(int count, size_t value_bytes) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    text += "k" + std::to_string(i) + "=" + std::string(value_bytes, 'v');
  }
  return text;
}

TEST(TraceContextTest, Tracestate) {
  const std::string key256 = std::string(256, 'k');
  struct Row {
    const char* what;
    std::string tracestate;
    std::string expected;
  };
  const Row rows[] = {
      {"none", "", ""},
      {"one", "rojo=00f067aa0ba902b7", "rojo=00f067aa0ba902b7"},
      {"order is kept", "b=1,a=2", "b=1,a=2"},
      {"blanks around members", " b=1 ,\ta=2\t", "b=1,a=2"},
      {"empty members", ",a=1,,b=2,", "a=1,b=2"},
      {"multi tenant key", "0a-b_c*d/e@f=1", "0a-b_c*d/e@f=1"},
      {"inner blank in a value", "a=1 2", "a=1 2"},
      {"upper case key", "A=1", ""},
      {"key starts with a sign", "_a=1", ""},
      {"empty key", "=1", ""},
      {"empty value", "a=", ""},
      {"no value", "a", ""},
      {"equals in the value", "a=1=2", ""},
      {"control character", "a=1\x01", ""},
      {"non-ASCII", "a=\xc3\xa9", ""},
      {"duplicate key", "a=1,b=2,a=3", ""},
      {"one bad member spoils all", "a=1,B=2", ""},
      {"key too long", key256 + "k=1", ""},
      {"value too long", "a=" + std::string(257, 'v'), ""},
      {"longest key and value together are over 512 bytes", key256 + "=" + std::string(256, 'v'),
       ""},
      {"longest value", "a=" + std::string(256, 'v'), "a=" + std::string(256, 'v')},
      {"32 members", Members(32, 1), Members(32, 1)},
      {"33 members", Members(33, 1), ""},
      {"exactly 512 bytes", Members(5, 97) + ",lst=567", Members(5, 97) + ",lst=567"},
      {"one byte more", Members(5, 97) + ",lst=5678", Members(5, 97)},
      {"long members go first", "a=1,long=" + std::string(200, 'v') + "," + Members(4, 90),
       "a=1," + Members(4, 90)},
      {"then from the right", Members(6, 100), Members(4, 100)},
  };
  const std::string traceparent = Parent("00", kTrace, kSpan, "01");
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const std::optional<TraceContext> context = ParseTraceContext(traceparent, row.tracestate);
    ASSERT_TRUE(context.has_value());
    EXPECT_EQ(context->tracestate, row.expected);
  }
  EXPECT_FALSE(ParseTraceContext("", "a=1").has_value());
}

TEST(TraceContextTest, AContextWithoutIdsIsNotSent) {
  EXPECT_EQ(FormatTraceparent(TraceContext{}), "");
  EXPECT_FALSE(TraceContext{}.valid());
}

TEST(TraceContextTest, TraceIdText) {
  EXPECT_TRUE(ParseTraceId(kTrace).has_value());
  for (const char* bad :
       {"", "4bf9", "4BF92F3577B34DA6A3CE929D0E0E4736", "00000000000000000000000000000000",
        "4bf92f3577b34da6a3ce929d0e0e47360"}) {
    EXPECT_FALSE(ParseTraceId(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace bridge::telemetry
