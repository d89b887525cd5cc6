// The transport over real sockets, in front of a protocol core without upstreams.
#include "bridge/transport/streamable_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bridge/base/byte_budget.h"
#include "bridge/mcp/server.h"
#include "bridge/metrics/metrics.h"
#include "bridge/telemetry/options.h"
#include "tests/http/loopback.h"

namespace bridge::transport {
namespace {

using ::testing::HasSubstr;

constexpr char kJson[] = "Content-Type: application/json\r\n";
constexpr char kPage[] = "Origin: https://app.example.com\r\n";
constexpr char kInitialize[] =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
    R"("capabilities":{},"clientInfo":{"name":"t","version":"1"}}})";
constexpr char kPing[] = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";

std::string Delete(const std::string& headers) {
  return "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

class StreamableHttpTest : public ::testing::Test {
 protected:
  // The header line of a new session.
  std::string Open() {
    const http::Reply reply = client_.Ask(http::Post("/mcp", kInitialize, kJson));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return "Mcp-Session-Id: " + reply.Find("mcp-session-id").value_or("") + "\r\n";
  }
  int Ping(const std::string& session) {
    return client_.Ask(http::Post("/mcp", kPing, kJson + session)).status;
  }

  std::string Page() const {
    metrics::Page page(metrics::Format::kText);
    metrics_.Append(/*names=*/true, &page);
    return std::move(page).Finish();
  }

  telemetry::Tracer tracer_{telemetry::TracerOptions()};
  const OriginPolicy origins_{{}, {"https://app.example.com"}, "127.0.0.1"};
  ByteBudget budget_{1u << 20};
  metrics::Metrics metrics_{metrics::Options()};
  mcp::Server server_{{}, {{}, {}, nullptr, &tracer_, &budget_, &metrics_.reactor(0).mcp, nullptr}};
  mcp::EndedSessions ended_{4};
  mcp::Sessions sessions_{{mcp::MakeSessionKey()}, 60, &ended_};
  StreamableHttp transport_{origins_, server_, sessions_,
                            ended_,   tracer_, &metrics_.reactor(0).mcp};
  http::ServerThread thread_{
      [this](const http::Request& request, http::Responder responder) {
        transport_.Handle(request, std::move(responder));
      },
      http::Limits{.body_bytes = 10'000}, "127.0.0.1", nullptr,
      [this](const http::Request& request) { return transport_.PageHeaders(request); }};
  http::Client client_{thread_.port()};
};

using A8Delete = StreamableHttpTest;

TEST_F(A8Delete, NeverSays204ForASessionThatLivesOn) {
  for (int i = 0; i < 8; ++i) {
    const std::string session = Open();
    EXPECT_EQ(Ping(session), 200);
    const http::Reply reply = client_.Ask(Delete(session));
    if (i < 2) {  // half of the table
      EXPECT_EQ(reply.status, 204);
      EXPECT_EQ(Ping(session), 404);
      EXPECT_EQ(client_.Ask(Delete(session)).status, 404);
    } else {
      EXPECT_EQ(reply.status, 405);
      EXPECT_EQ(reply.Find("allow"), "POST, OPTIONS");
      EXPECT_EQ(reply.body,
                R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Session not ended: this )"
                R"(client has ended too many of late; the session lives until it expires"}})");
      EXPECT_EQ(Ping(session), 200);
    }
  }
}

using B17Readable = StreamableHttpTest;

TEST_F(B17Readable, EveryAnswerThatAnAllowedOriginGets) {
  const std::string page = std::string(kPage) + kJson;
  const struct {
    const char* what;
    std::string request;
    int status;
  } rows[] = {
      {"no such path", http::Post("/other", kPing, page), 404},
      {"no such method",
       "PUT /mcp HTTP/1.1\r\nHost: localhost\r\n" + std::string(kPage) +
           "Content-Length: 0\r\n\r\n",
       405},
      {"the stream of the SDKs", "GET /mcp HTTP/1.1\r\nHost: localhost\r\n" + page + "\r\n", 405},
      {"media type", http::Post("/mcp", kPing, kPage), 415},
      {"not JSON", http::Post("/mcp", "{", page), 400},
      {"not acceptable", http::Post("/mcp", kInitialize, page + "Accept: text/html\r\n"), 406},
      {"no session", http::Post("/mcp", kPing, page), 400},
      {"unknown session", http::Post("/mcp", kPing, page + "Mcp-Session-Id: x\r\n"), 404},
      {"served", http::Post("/mcp", kInitialize, page), 200},
      {"preflight", "OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\n" + page + "\r\n", 204},
      {"preflight elsewhere", "OPTIONS /x HTTP/1.1\r\nHost: localhost\r\n" + page + "\r\n", 204},
  };
  for (const auto& row : rows) {
    const http::Reply reply = client_.Ask(row.request);
    EXPECT_EQ(reply.status, row.status) << row.what;
    EXPECT_EQ(reply.Find("access-control-allow-origin"), "https://app.example.com") << row.what;
    EXPECT_THAT(reply.Find("access-control-expose-headers").value_or(""),
                HasSubstr("Mcp-Session-Id"))
        << row.what;
    EXPECT_EQ(reply.Find("vary"), "Origin") << row.what;
  }
}

TEST_F(B17Readable, NothingThatAnotherOriginGets) {
  const std::string evil = "Origin: https://evil.example.com\r\n" + std::string(kJson);
  const struct {
    std::string request;
    int status;
  } rows[] = {
      {http::Post("/mcp", kInitialize, evil), 403},
      {"GET /mcp HTTP/1.1\r\nHost: localhost\r\n" + evil + "\r\n", 405},
      {"OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\n" + evil + "\r\n", 403},
      {http::Post("/other", kPing, evil), 404},
  };
  for (const auto& row : rows) {
    const http::Reply reply = client_.Ask(row.request);
    EXPECT_EQ(reply.status, row.status) << row.request;
    EXPECT_EQ(reply.Find("access-control-allow-origin"), std::nullopt) << row.request;
  }
}

TEST_F(B17Readable, AlsoWhatTheHttpServerRefusesByItself) {
  const std::string head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\n";
  const struct {
    std::string rest;
    int status;
  } rows[] = {
      {"Content-Length: 10001\r\n\r\n", 413},
      {"Transfer-Encoding: gzip\r\n\r\n", 501},
      {"Transfer-Encoding: chunked\r\n\r\nx\r\n", 400},
      {"Expect: something\r\n\r\n", 417},
      {"X: " + std::string(20'000, 'x') + "\r\n\r\n", 431},
  };
  for (const auto& row : rows) {
    http::Client page(thread_.port());
    const http::Reply reply = page.Ask(head + kPage + row.rest);
    EXPECT_EQ(reply.status, row.status);
    EXPECT_EQ(reply.Find("access-control-allow-origin"), "https://app.example.com") << row.status;
    for (const char* other : {"Origin: https://evil.example.com\r\n", ""}) {
      http::Client client(thread_.port());
      const http::Reply refused = client.Ask(head + other + row.rest);
      EXPECT_EQ(refused.status, row.status);
      EXPECT_EQ(refused.Find("access-control-allow-origin"), std::nullopt) << row.status;
    }
  }
}

using B16Accept = StreamableHttpTest;

TEST_F(B16Accept, LegacyIsServedInTheFormThatIsAccepted) {
  const struct {
    const char* accept;
    const char* type;
  } rows[] = {
      {"application/json", "application/json"},
      {"application/json, text/event-stream", "application/json"},
      {"*/*", "application/json"},
      {"text/event-stream", "text/event-stream"},
      {"application/json;q=0.2, text/event-stream", "text/event-stream"},
      {"application/json;q=0, */*", "text/event-stream"},
  };
  for (const auto& row : rows) {
    const std::string headers = std::string(kJson) + "Accept: " + row.accept + "\r\n";
    const http::Reply reply = client_.Ask(http::Post("/mcp", kInitialize, headers));
    EXPECT_EQ(reply.status, 200) << row.accept;
    EXPECT_EQ(reply.Find("content-type"), row.type) << row.accept;
    EXPECT_NE(reply.Find("mcp-session-id"), std::nullopt) << row.accept;
    const bool stream = std::string(row.type) == "text/event-stream";
    EXPECT_EQ(reply.body.substr(0, 22),
              stream ? "event: message\ndata: {" : R"({"jsonrpc":"2.0","id":)")
        << row.accept;
  }
}

TEST_F(B16Accept, AByteOrderMarkBeforeTheBodyIsSkipped) {
  const std::string mark = "\xef\xbb\xbf";
  const std::string session = Open();
  EXPECT_EQ(client_.Ask(http::Post("/mcp", mark + kInitialize, kJson)).status, 200);
  EXPECT_EQ(client_.Ask(http::Post("/mcp", mark + kPing, kJson + session)).status, 200);
  const http::Reply batch = client_.Ask(http::Post("/mcp", mark + "[]", kJson + session));
  EXPECT_THAT(batch.body, HasSubstr("a batch has 1 to 50 messages"));
  for (const std::string& other :
       {mark + mark + kPing, "\xfe\xff" + std::string(kPing), kPing + mark, mark}) {
    EXPECT_EQ(client_.Ask(http::Post("/mcp", other, kJson + session)).status, 400);
  }
}

using B18Slash = StreamableHttpTest;

TEST_F(B18Slash, IsServedAndNoOtherPathIs) {
  EXPECT_EQ(client_.Ask(http::Post("/mcp/", kInitialize, kJson)).status, 200);
  EXPECT_EQ(client_.Ask(http::Post("/mcp/?x=1", kInitialize, kJson)).status, 200);
  for (const char* path : {"/", "/mcp//", "/mcp/x", "/MCP", "/mcpx", "//mcp"}) {
    EXPECT_EQ(client_.Ask(http::Post(path, kInitialize, kJson)).status, 404) << path;
  }
}

// Each refusal is counted once, under its own reason, and nothing else is.
TEST_F(StreamableHttpTest, RefusalsAreCountedByTheReason) {
  const std::string modern = "MCP-Protocol-Version: 2026-07-28\r\n";
  const auto body = [](const std::string& version) {
    return R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{)"
           R"("io.modelcontextprotocol/protocolVersion":")" +
           version + R"(","io.modelcontextprotocol/clientCapabilities":{}}}})";
  };
  const struct {
    std::string request;
    const char* reason;
  } rows[] = {
      {http::Post("/elsewhere", kPing, kJson), "path"},
      {http::Get("/mcp"), "http_method"},
      {http::Post("/mcp", kPing, kJson + std::string("Origin: https://evil.example\r\n")),
       "host_or_origin"},
      {http::Post("/mcp", kPing, "Content-Type: text/plain\r\n"), "media_type"},
      {http::Post("/mcp", body("2026-07-28"),
                  kJson + modern + "Mcp-Method: tools/list\r\nAccept: text/html\r\n"),
       "not_acceptable"},
      {http::Post("/mcp", "{", kJson), "not_json"},
      {http::Post("/mcp", "{}", kJson), "invalid_request"},
      {http::Post("/mcp", body("2026-07-28"), kJson + modern + "Mcp-Method: ping\r\n"),
       "header_mismatch"},
      {http::Post("/mcp", body("2099-01-01"),
                  kJson + std::string("MCP-Protocol-Version: 2099-01-01\r\n") +
                      "Mcp-Method: tools/list\r\n"),
       "unsupported_version"},
      {http::Post("/mcp", kPing, kJson + std::string("Mcp-Session-Id: none\r\n")),
       "unknown_session"},
  };
  for (const auto& row : rows) {
    const std::string line =
        "mcp_bridge_requests_rejected_total{reason=\"" + std::string(row.reason) + "\"} ";
    EXPECT_THAT(Page(), HasSubstr(line + "0\n"));
    http::Client client(thread_.port());
    const int status = client.Ask(row.request).status;
    EXPECT_GE(status, 400);
    EXPECT_THAT(Page(), HasSubstr(line + "1\n")) << row.reason << " " << status;
  }
}

TEST_F(StreamableHttpTest, SessionsAreCounted) {
  EXPECT_THAT(Page(), HasSubstr("mcp_bridge_sessions_started_total 0\n"));
  const std::string session = Open();
  Open();
  client_.Ask(Delete(session));
  client_.Ask(Delete(session));  // ends nothing more
  EXPECT_THAT(Page(), HasSubstr("mcp_bridge_sessions_started_total 2\n"));
  EXPECT_THAT(Page(), HasSubstr("mcp_bridge_sessions_ended_total 1\n"));
  EXPECT_THAT(Page(), HasSubstr("mcp_method_name=\"initialize\"} 2\n"));
}

}  // namespace
}  // namespace bridge::transport
