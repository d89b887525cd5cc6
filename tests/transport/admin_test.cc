// What the admin address answers, without a socket.
#include "bridge/transport/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bridge/telemetry/options.h"
#include "tests/support/gzip_pack.h"

namespace bridge::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::Pack;

class AdminTest : public ::testing::Test {
 protected:
  http::Response Ask(const std::string& method, const std::string& path,
                     const std::string& encoding = "", const std::string& body = "",
                     const std::vector<http::Header>& from = {{"Host", "localhost"}}) {
    http::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    for (const http::Header& header : from) request.Add(header);
    request.Add({"Content-Type", "application/x-protobuf"});
    if (!encoding.empty()) request.Add({"Content-Encoding", encoding});
    return admin_.Answer(request);
  }

  AdminState state_;
  telemetry::Tracer tracer_{telemetry::TracerOptions()};
  const OriginPolicy origins_{{}, {}, "127.0.0.1"};
  Admin admin_{origins_, tracer_, true, [this] { return state_; }};
};

TEST_F(AdminTest, TakesSpansAsTheyAreAndWithGzip) {
  const struct {
    std::string encoding, body;
    int status;
  } rows[] = {
      {"", "", 200},
      {"gzip", Pack(""), 200},
      {"", "\xff", 400},
      {"gzip", Pack("\xff"), 400},
      {"gzip", "no gzip", 400},
      {"gzip", Pack("").substr(0, 12), 400},
      {"gzip", Pack(std::string(5u << 20, '\0')), 413},
      {"br", "x", 415},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.encoding + " " + std::to_string(row.status));
    EXPECT_EQ(Ask("POST", "/v1/traces", row.encoding, row.body).status, row.status);
  }
}

TEST_F(AdminTest, TellsUpstreamsThatAreLost) {
  state_.serving = true;
  state_.upstreams = {{"a", "a:1", true, ""}, {"b", "b:1", true, "refused"}, {"c", "c:1"}};
  EXPECT_EQ(Ask("GET", "/readyz").body, "ok\nok   a a:1\nlost b b:1: refused\ndown c c:1\n");
  EXPECT_THAT(Ask("GET", "/metrics").body, HasSubstr("mcp_bridge_upstream_up{upstream=\"a\"} 1\n"
                                                     "mcp_bridge_upstream_up{upstream=\"b\"} 0\n"
                                                     "mcp_bridge_upstream_up{upstream=\"c\"} 0\n"));
}

// Whom /readyz tells no names /metrics tells none either; the counts are for everyone. An address
// as Host is no page's: a page cannot make a browser send one and then read the answer.
TEST_F(AdminTest, B22NamesAreForKnownHosts) {
  state_.serving = true;
  state_.upstreams = {{"secret-name", "10.1.2.3:443", true, ""},
                      {"other-name", "x:1", false, "no"}};
  const std::vector<http::Header> known[] = {
      {{"Host", "localhost"}},   {{"Host", "127.0.0.1:9090"}}, {{"Host", "[::1]:9090"}},
      {{"Host", "LOCALHOST:1"}}, {{"Host", "10.0.0.7:9090"}},  {{"Host", "[2001:db8::7]:9090"}}};
  const std::vector<http::Header> foreign[] = {
      {{"Host", "attacker.example"}},
      {{"Host", "10.0.0.7.attacker.example:9090"}},
      {{"Host", "10.0.0.7:9090"}, {"Origin", "http://10.0.0.7:9090"}},
      {},
      {{"Host", "localhost.attacker.example"}},
      {{"Host", "localhost"}, {"Origin", "https://attacker.example"}},
  };
  for (const char* path : {"/metrics", "/readyz"}) {
    for (const auto& from : known) {
      const http::Response answer = Ask("GET", path, "", "", from);
      EXPECT_EQ(answer.status, 200);
      EXPECT_THAT(answer.body, HasSubstr("secret-name")) << path << from[0].value;
      EXPECT_THAT(answer.body, HasSubstr("other-name")) << path << from[0].value;
    }
    for (const auto& from : foreign) {
      const http::Response answer = Ask("GET", path, "", "", from);
      EXPECT_EQ(answer.status, 200);
      for (const char* hidden : {"secret", "other-name", "10.1.2.3"}) {
        EXPECT_THAT(answer.body, Not(HasSubstr(hidden))) << path;
      }
    }
  }
  EXPECT_THAT(Ask("GET", "/metrics", "", "", foreign[0]).body,
              HasSubstr("mcp_bridge_upstreams_described 1\n"));
}

TEST_F(AdminTest, MetricsComeInTheFormatThatTheScraperPrefers) {
  constexpr char kOpen[] = "application/openmetrics-text; version=1.0.0; charset=utf-8";
  constexpr char kText[] = "text/plain; version=0.0.4; charset=utf-8";
  const struct {
    const char* accept;
    const char* content_type;
  } rows[] = {
      // Prometheus 2.42, Prometheus 3 and a browser.
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q="
       "0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       kOpen},
      {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/"
       "openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
       "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       kOpen},
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", kText},
      {"text/plain;version=0.0.4;q=1,*/*;q=0.1", kText},
      {"application/openmetrics-text", kOpen},
      {"application/openmetrics-text;q=0.2, text/plain;q=0.3", kText},
      {"application/openmetrics-text;q=0.3, text/plain;q=0.2", kOpen},
      {"Application/OpenMetrics-Text; Version=1.0.0", kOpen},
      {"application/openmetrics-text;version=\"1.0.0\"", kOpen},
      {"application/openmetrics-text;version=2.0.0", kText},
      {"application/openmetrics-text;q=0", kText},
      {"application/json", kText},
      {"", kText},
  };
  for (const auto& row : rows) {
    const http::Response answer =
        Ask("GET", "/metrics", "", "", {{"Host", "localhost"}, {"Accept", row.accept}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.content_type, row.content_type) << row.accept;
    EXPECT_EQ(answer.body.ends_with("\n# EOF\n"), row.content_type == kOpen) << row.accept;
  }
  EXPECT_EQ(Ask("GET", "/metrics").content_type, kText);
}

TEST(AdminMetrics, TellWhatTheTracesSayOfTheProcess) {
  telemetry::TracerOptions options;
  options.resource.attributes = {{"service.name", std::string("bridge \"a\"")},
                                 {"k8s.pod.name", std::string("pod-1")},
                                 {"k8s_pod_name", std::string("pod-2")},
                                 {"9lives", int64_t{9}}};
  telemetry::Tracer tracer{options};
  const OriginPolicy origins{{}, {}, "127.0.0.1"};
  Admin admin{origins, tracer, false, [] {
                AdminState state;
                state.grpc_version = "1.2.3";
                state.draining = true;
                return state;
              }};
  http::Request request;
  request.method = "GET";
  request.path = "/metrics";
  request.Add({"Host", "localhost"});
  EXPECT_THAT(admin.Answer(request).body,
              HasSubstr("\ntarget_info{k8s_pod_name=\"pod-1;pod-2\",key_9lives=\"9\","
                        "service_name=\"bridge \\\"a\\\"\"} 1\n"));
  EXPECT_THAT(admin.Answer(request).body, HasSubstr("grpc_version=\"1.2.3\"} 1\n"));
  EXPECT_THAT(admin.Answer(request).body, HasSubstr("\nmcp_bridge_draining 1\n"));
  EXPECT_THAT(admin.Answer(request).body, HasSubstr("\nmcp_bridge_live 1\n"));
  request.headers[0].value = "attacker.example";
  EXPECT_THAT(admin.Answer(request).body, Not(HasSubstr("pod-1")));
}

TEST_F(AdminTest, TellsHowDiscoveryGoes) {
  metrics::Histogram questions;
  questions.Observe(metrics::kOperationSeconds, 30'000'000);
  questions.Observe(metrics::kOperationSeconds, 6'000'000'000);
  UpstreamStatus orders{"orders", "orders:1", true, ""};
  orders.tools = 7;
  orders.questions.Add(questions);
  orders.failures = 1;
  orders.described_at = telemetry::Clock::time_point(std::chrono::milliseconds(1'700'000'000'500));
  state_.upstreams = {orders, {"new", "new:1"}};
  const std::string text = Ask("GET", "/metrics").body;
  EXPECT_THAT(text, HasSubstr("mcp_bridge_upstream_tools{upstream=\"orders\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_discovery_failures_total{upstream=\"orders\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_discovery_last_success_timestamp_seconds{upstream="
                              "\"orders\"} 1700000000.5\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_discovery_last_success_timestamp_seconds{upstream="
                              "\"new\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_discovery_duration_seconds_bucket{le=\"0.05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_discovery_duration_seconds_count 2\n"));
}

}  // namespace
}  // namespace bridge::transport
