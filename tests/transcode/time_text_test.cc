#include "bridge/transcode/time_text.h"

#include <ctime>
#include <random>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace bridge::transcode {
namespace {

struct Row {
  std::string_view text;
  int64_t seconds;
  int32_t nanos;
};

TEST(TimestampTest, ReadsTheProfile) {
  const Row rows[] = {
      {"1970-01-01T00:00:00Z", 0, 0},
      {"1970-01-01T00:00:00.0Z", 0, 0},
      {"1970-01-01T00:00:00.000000001Z", 0, 1},
      {"1969-12-31T23:59:59.999999999Z", -1, 999999999},
      {"1970-01-01T00:00:10.5Z", 10, 500000000},
      {"1970-01-01T00:00:00.123456Z", 0, 123456000},
      {"0001-01-01T00:00:00Z", -62135596800, 0},
      {"9999-12-31T23:59:59.999999999Z", 253402300799, 999999999},
      {"2000-02-29T23:59:59Z", 951868799, 0},
      {"2024-02-29T00:00:00Z", 1709164800, 0},
      {"1970-01-01T08:00:00+08:00", 0, 0},
      {"1969-12-31T12:30:00-11:30", 0, 0},
      {"1970-01-01T23:59:00+23:59", 0, 0},
      {"1970-01-01T00:00:00-00:00", 0, 0},
      {"0001-01-01T01:00:00+01:00", -62135596800, 0},
      {"9999-12-31T22:59:59-01:00", 253402300799, 0},
  };
  for (const Row& row : rows) {
    SecondsAndNanos value;
    ASSERT_TRUE(ParseTimestamp(row.text, &value)) << row.text;
    EXPECT_EQ(value.seconds, row.seconds) << row.text;
    EXPECT_EQ(value.nanos, row.nanos) << row.text;
  }
}

TEST(TimestampTest, RefusesEverythingElse) {
  const std::string_view rows[] = {
      "",
      "1970-01-01",
      "1970-01-01T00:00:00",
      "1970-01-01t00:00:00Z",
      "1970-01-01T00:00:00z",
      "1970-01-01 00:00:00Z",
      " 1970-01-01T00:00:00Z",
      "1970-01-01T00:00:00Z ",
      "1970-1-01T00:00:00Z",
      "1970-01-1T00:00:00Z",
      "1970-01-01T0:00:00Z",
      "1970-01-01T00:00Z",
      "1970-01-01T00:00:0Z",
      "1970-00-01T00:00:00Z",
      "1970-13-01T00:00:00Z",
      "1970-01-00T00:00:00Z",
      "1970-01-32T00:00:00Z",
      "1970-04-31T00:00:00Z",
      "1970-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "1970-01-01T24:00:00Z",
      "1970-01-01T00:60:00Z",
      "1970-01-01T00:00:60Z",
      "1970-01-01T00:00:00.Z",
      "1970-01-01T00:00:00,5Z",
      "1970-01-01T00:00:00.1234567890Z",
      "1970-01-01T00:00:00+0800",
      "1970-01-01T00:00:00+08",
      "1970-01-01T00:00:00+8:00",
      "1970-01-01T00:00:00+24:00",
      "1970-01-01T00:00:00+00:60",
      "1970-01-01T00:00:00Z+00:00",
      "1970-01-01T00:00:00+00:00Z",
      "10000-01-01T00:00:00Z",
      "999-01-01T00:00:00Z",
      "0000-12-31T23:59:59Z",
      "-001-01-01T00:00:00Z",
      "+970-01-01T00:00:00Z",
      "0001-01-01T00:00:00+00:01",
      "9999-12-31T23:59:59-00:01",
  };
  for (const std::string_view text : rows) {
    SecondsAndNanos value;
    EXPECT_FALSE(ParseTimestamp(text, &value)) << text;
  }
}

TEST(DurationTest, ReadsAndRefuses) {
  const Row rows[] = {
      {"0s", 0, 0},
      {"-0s", 0, 0},
      {"1s", 1, 0},
      {"-1.5s", -1, -500000000},
      {"-0.5s", 0, -500000000},
      {"0.000000001s", 0, 1},
      {"1.010s", 1, 10000000},
      {"315576000000.999999999s", 315576000000, 999999999},
      {"-315576000000s", -315576000000, 0},
  };
  for (const Row& row : rows) {
    SecondsAndNanos value;
    ASSERT_TRUE(ParseDuration(row.text, &value)) << row.text;
    EXPECT_EQ(value.seconds, row.seconds) << row.text;
    EXPECT_EQ(value.nanos, row.nanos) << row.text;
  }
  for (const std::string_view text :
       {"", "s", "1", "1.s", ".5s", "+1s", "--1s", "1 s", " 1s", "1s ", "1.0000000000s", "1e3s",
        "1m", "PT1S", "0x1s", "315576000001s", "-315576000001s", "99999999999999999999s"}) {
    SecondsAndNanos value;
    EXPECT_FALSE(ParseDuration(text, &value)) << text;
  }
}

TEST(TimeTextTest, WritesWhatItReads) {
  std::mt19937_64 random(20260731);
  char text[kMaxTimeText];
  for (int i = 0; i < 20000; ++i) {
    SecondsAndNanos time;
    time.seconds = -62135596800 + static_cast<int64_t>(random() % 315537897600);
    time.nanos = static_cast<int32_t>(random() % 1000000000);
    if (i % 3 == 1) time.nanos -= time.nanos % 1000;
    if (i % 3 == 2) time.nanos = 0;
    const char* const end = WriteTimestamp(text, time);
    ASSERT_NE(end, nullptr);
    const std::string written(text, static_cast<size_t>(end - text));
    SecondsAndNanos again;
    ASSERT_TRUE(ParseTimestamp(written, &again)) << written;
    EXPECT_EQ(again.seconds, time.seconds) << written;
    EXPECT_EQ(again.nanos, time.nanos) << written;
    // Against the calendar of the C library.
    const std::time_t seconds = time.seconds;
    std::tm calendar{};
    ASSERT_NE(gmtime_r(&seconds, &calendar), nullptr);
    char expected[32];
    const int size = std::snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d",
                                   calendar.tm_year + 1900, calendar.tm_mon + 1, calendar.tm_mday,
                                   calendar.tm_hour, calendar.tm_min, calendar.tm_sec);
    EXPECT_EQ(written.substr(0, 19), std::string(expected, static_cast<size_t>(size)));

    SecondsAndNanos span{static_cast<int64_t>(random() % 315576000000), time.nanos};
    if (i % 2 == 0) span = {-span.seconds, -span.nanos};
    const char* const span_end = WriteDuration(text, span);
    ASSERT_NE(span_end, nullptr);
    const std::string span_text(text, static_cast<size_t>(span_end - text));
    ASSERT_TRUE(ParseDuration(span_text, &again)) << span_text;
    EXPECT_EQ(again.seconds, span.seconds);
    EXPECT_EQ(again.nanos, span.nanos);
  }
}

TEST(TimeTextTest, FractionsHaveThreeSixOrNineDigits) {
  const auto text = [](int32_t nanos) {
    char buffer[kMaxTimeText];
    return std::string(buffer, WriteDuration(buffer, {0, nanos}));
  };
  EXPECT_EQ(text(0), "0s");
  EXPECT_EQ(text(500000000), "0.500s");
  EXPECT_EQ(text(1000), "0.000001s");
  EXPECT_EQ(text(-1), "-0.000000001s");
}

}  // namespace
}  // namespace bridge::transcode
