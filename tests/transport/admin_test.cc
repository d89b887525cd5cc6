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
    request.headers = from;
    request.headers.push_back({"Content-Type", "application/x-protobuf"});
    if (!encoding.empty()) request.headers.push_back({"Content-Encoding", encoding});
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

// Whom /readyz tells no names /metrics tells none either; the counts are for everyone.
TEST_F(AdminTest, B22NamesAreForKnownHosts) {
  state_.serving = true;
  state_.upstreams = {{"secret-name", "10.1.2.3:443", true, ""},
                      {"other-name", "x:1", false, "no"}};
  const std::vector<http::Header> known[] = {{{"Host", "localhost"}},
                                             {{"Host", "127.0.0.1:9090"}},
                                             {{"Host", "[::1]:9090"}},
                                             {{"Host", "LOCALHOST:1"}}};
  const std::vector<http::Header> foreign[] = {
      {{"Host", "attacker.example"}},
      {{"Host", "10.0.0.7:9090"}},
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

}  // namespace
}  // namespace bridge::transport
