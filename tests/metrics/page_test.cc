// The two formats, byte by byte.
#include "bridge/metrics/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bridge::metrics {
namespace {

using telemetry::Clock;

constexpr Family kCalls{"calls_total", Type::kCounter, "Calls."};

std::string Print(Format format, const std::function<void(Page*)>& fill) {
  Page page(format);
  fill(&page);
  return std::move(page).Finish();
}

TEST(Page, CountersAndGauges) {
  const auto fill = [](Page* page) {
    page->Begin(kCalls);
    page->Value({{"tool", "a"}, {"error", ""}}, uint64_t{18'446'744'073'709'551'615u});
    page->Value({{"tool", "b"}, {"error", "x"}}, 0u);
    page->Single({"open", Type::kGauge, "Open."}, int64_t{-3});
    page->Single({"cpu_seconds_total", Type::kCounter, "CPU.", "seconds"}, 0.25);
  };
  EXPECT_EQ(Print(Format::kText, fill),
            "# HELP calls_total Calls.\n"
            "# TYPE calls_total counter\n"
            "calls_total{tool=\"a\"} 18446744073709551615\n"
            "calls_total{tool=\"b\",error=\"x\"} 0\n"
            "# HELP open Open.\n"
            "# TYPE open gauge\n"
            "open -3\n"
            "# HELP cpu_seconds_total CPU.\n"
            "# TYPE cpu_seconds_total counter\n"
            "cpu_seconds_total 0.25\n");
  EXPECT_EQ(Print(Format::kOpenMetrics, fill),
            "# HELP calls Calls.\n"
            "# TYPE calls counter\n"
            "calls_total{tool=\"a\"} 18446744073709551615\n"
            "calls_total{tool=\"b\",error=\"x\"} 0\n"
            "# HELP open Open.\n"
            "# TYPE open gauge\n"
            "open -3\n"
            "# HELP cpu_seconds CPU.\n"
            "# TYPE cpu_seconds counter\n"
            "# UNIT cpu_seconds seconds\n"
            "cpu_seconds_total 0.25\n"
            "# EOF\n");
}

TEST(Page, Infos) {
  const auto fill = [](Page* page) {
    page->Begin({"build_info", Type::kInfo, "Build."});
    const Label labels[] = {{"version", "1.2"}};
    page->Info(labels);
  };
  EXPECT_EQ(Print(Format::kText, fill),
            "# HELP build_info Build.\n# TYPE build_info gauge\nbuild_info{version=\"1.2\"} 1\n");
  EXPECT_EQ(Print(Format::kOpenMetrics, fill),
            "# HELP build Build.\n# TYPE build info\nbuild_info{version=\"1.2\"} 1\n# EOF\n");
}

TEST(Page, EscapesWhatWouldEndALabelOrALine) {
  const auto fill = [](Page* page) {
    page->Begin({"x", Type::kGauge, "a\\b\n\"c\""});
    page->Value({{"l", "q\"b\\n\ne"}}, 1u);
  };
  EXPECT_EQ(Print(Format::kText, fill),
            "# HELP x a\\\\b\\n\"c\"\n# TYPE x gauge\nx{l=\"q\\\"b\\\\n\\ne\"} 1\n");
}

TEST(Page, HistogramsCountUpAndCarryExemplarsInOpenMetricsOnly) {
  constexpr Bound kBounds[] = {{5'000'000, "0.005"}, {1'000'000'000, "1.0"}};
  const Layout layout{kBounds, Unit::kSeconds};
  TracedHistogram histogram;
  telemetry::TraceContext trace;
  trace.trace_id.fill(0xab);
  trace.span_id.fill(0x0c);
  trace.recorded = true;
  histogram.Observe(layout, 2'000'000, nullptr, {});
  histogram.Observe(layout, 500'000'000, &trace,
                    Clock::time_point(std::chrono::milliseconds(1'764'521'400'123)));
  histogram.Observe(layout, 3'000'000'000, nullptr, {});
  HistogramSum sum;
  sum.Add(histogram);
  const auto fill = [&](Page* page) {
    page->Begin({"d_seconds", Type::kHistogram, "D.", "seconds"});
    page->Histogram({{"m", "x"}}, layout, sum);
  };
  EXPECT_EQ(Print(Format::kText, fill),
            "# HELP d_seconds D.\n"
            "# TYPE d_seconds histogram\n"
            "d_seconds_bucket{m=\"x\",le=\"0.005\"} 1\n"
            "d_seconds_bucket{m=\"x\",le=\"1.0\"} 2\n"
            "d_seconds_bucket{m=\"x\",le=\"+Inf\"} 3\n"
            "d_seconds_sum{m=\"x\"} 3.502\n"
            "d_seconds_count{m=\"x\"} 3\n");
  EXPECT_EQ(Print(Format::kOpenMetrics, fill),
            "# HELP d_seconds D.\n"
            "# TYPE d_seconds histogram\n"
            "# UNIT d_seconds seconds\n"
            "d_seconds_bucket{m=\"x\",le=\"0.005\"} 1\n"
            "d_seconds_bucket{m=\"x\",le=\"1.0\"} 2 # "
            "{trace_id=\"abababababababababababababababab\",span_id=\"0c0c0c0c0c0c0c0c\"} 0.5 "
            "1764521400.123\n"
            "d_seconds_bucket{m=\"x\",le=\"+Inf\"} 3\n"
            "d_seconds_sum{m=\"x\"} 3.502\n"
            "d_seconds_count{m=\"x\"} 3\n"
            "# EOF\n");
}

TEST(Page, TellsAScraperWhichFormatItIs) {
  EXPECT_EQ(ContentType(Format::kText), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(ContentType(Format::kOpenMetrics),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

}  // namespace
}  // namespace bridge::metrics
