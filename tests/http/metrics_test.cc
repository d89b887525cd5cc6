// What the server counts of real connections and requests.
#include <chrono>
#include <memory>
#include <string>

#include "bridge/metrics/http_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/loopback.h"

namespace bridge::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class HttpMetricsTest : public ::testing::Test {
 protected:
  ListenOptions Counted() {
    ListenOptions options;
    options.metrics = &metrics_;
    options.route = "/mcp";
    return options;
  }

  std::string Print() {
    metrics::Page page(metrics::Format::kText);
    const metrics::HttpMetrics* const all[] = {&metrics_};
    metrics::HttpMetrics::Append(all, sets_, &page);
    const metrics::Rejections* const rejections[] = {&rejections_};
    metrics::Rejections::Append(rejections, &page);
    return std::move(page).Finish();
  }
  static std::string Count(const std::string& labels, int count) {
    return "http_server_request_duration_seconds_count{" + labels + "} " + std::to_string(count) +
           "\n";
  }

  metrics::Claims sets_{metrics::HttpMetrics::kSets};
  metrics::Rejections rejections_;
  metrics::HttpMetrics metrics_{&sets_, &rejections_};
};

TEST_F(HttpMetricsTest, RequestsByMethodPathAndStatus) {
  ServerThread server(
      [](const Request& request, Responder responder) {
        Response response = Text("0123456789");
        if (request.path == "/none") response.status = 404;
        responder.Send(std::move(response));
      },
      Limits(), Counted());
  {
    Client client(server.port());
    client.Ask(Post("/mcp", "body"));
    client.Ask(Post("/mcp/", std::string(2'000, 'x')));
    client.Ask(Post("/mcpx", ""));
    client.Ask(Get("/none"));
    EXPECT_THAT(Print(), HasSubstr("mcp_bridge_open_connections 1\n"));
  }
  while (server.connections() != 0) std::this_thread::yield();
  const std::string text = Print();
  EXPECT_THAT(text, HasSubstr("mcp_bridge_open_connections 0\n"));
  EXPECT_THAT(text, HasSubstr(Count(R"(http_request_method="POST",http_route="/mcp",)"
                                    R"(http_response_status_code="200",url_scheme="http")",
                                    2)));
  EXPECT_THAT(text, HasSubstr(Count(R"(http_request_method="POST",)"
                                    R"(http_response_status_code="200",url_scheme="http")",
                                    1)));
  EXPECT_THAT(text, HasSubstr(Count(R"(http_request_method="GET",)"
                                    R"(http_response_status_code="404",url_scheme="http")",
                                    1)));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_request_bytes_bucket{le=\"256.0\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_request_bytes_sum 2004\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_response_bytes_sum 40\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_connections_total{result=\"served\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(R"(http_server_active_requests{http_request_method="POST",)"
                              "url_scheme=\"http\"} 0\n"));
}

TEST_F(HttpMetricsTest, RefusalsOfTheServerItself) {
  Limits limits;
  limits.body_bytes = 10;
  limits.head_bytes = 500;
  limits.head_timeout = milliseconds(30);
  ServerThread server([](const Request&, Responder responder) { responder.Send(Text("ok")); },
                      limits, Counted());
  const auto ask = [&](const std::string& text) { return Client(server.port()).Ask(text).status; };
  EXPECT_EQ(ask(Post("/mcp", "0123456789a")), 413);
  EXPECT_EQ(ask(Post("/mcp", "", "X: " + std::string(500, 'x') + "\r\n")), 431);
  EXPECT_EQ(ask("POST /mcp HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n"), 400);
  EXPECT_EQ(ask("POST /mcp HTTP/1.1\r\nHo"), 408);
  const std::string text = Print();
  for (const char* reason : {"body_too_large", "head_too_large", "malformed_http", "too_slow"}) {
    EXPECT_THAT(text,
                HasSubstr("requests_rejected_total{reason=\"" + std::string(reason) + "\"} 1\n"));
  }
  EXPECT_THAT(text, HasSubstr("requests_rejected_total{reason=\"no_room\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(Count(R"(http_request_method="_OTHER",)"
                                    R"(http_response_status_code="408",url_scheme="http")",
                                    1)));
  EXPECT_THAT(text, HasSubstr(R"(http_server_active_requests{http_request_method="_OTHER",)"
                              "url_scheme=\"http\"} 0\n"));
}

TEST_F(HttpMetricsTest, ConnectionsOverTheLimits) {
  Limits limits;
  limits.connections = 2;
  limits.connections_per_address = 1;
  ServerThread server([](const Request&, Responder responder) { responder.Send(Text("ok")); },
                      limits, Counted());
  Client first(server.port());
  EXPECT_EQ(first.Ask(Get("/")).status, 200);
  Client second(server.port());
  EXPECT_EQ(second.Read().status, 503);
  Client third(server.port());
  EXPECT_EQ(third.Read().status, 503);
  const std::string text = Print();
  EXPECT_THAT(text, HasSubstr("mcp_bridge_connections_total{result=\"served\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_connections_total{result=\"too_many_of_address\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_connections_total{result=\"too_many\"} 1\n"));
}

TEST_F(HttpMetricsTest, AClientThatLeavesBeforeTheAnswer) {
  Parking parking;
  ServerThread server(parking.handler(), Limits(), Counted());
  {
    Client client(server.port());
    client.Send(Post("/mcp", "x"));
    parking.Await(1);
    EXPECT_THAT(Print(), HasSubstr(R"(http_server_active_requests{http_request_method="POST",)"
                                   "url_scheme=\"http\"} 1\n"));
  }
  parking.AwaitGone(1);
  EXPECT_THAT(Print(), HasSubstr(Count(R"(http_request_method="POST",http_route="/mcp",)"
                                       R"(url_scheme="http",error_type="client_gone")",
                                       1)));
  // What comes too late is not counted a second time.
  server.Run([&](Server&) {
    parking.places[0].responder.Send(Text("late"));
    return 0;
  });
  EXPECT_THAT(Print(), HasSubstr(Count(R"(http_request_method="POST",http_route="/mcp",)"
                                       R"(http_response_status_code="200",url_scheme="http")",
                                       0)));
  EXPECT_THAT(Print(), HasSubstr(R"(http_server_active_requests{http_request_method="POST",)"
                                 "url_scheme=\"http\"} 0\n"));
}

TEST_F(HttpMetricsTest, AStreamIsOneRequestThatEndsWithIt) {
  Parking parking;
  ServerThread server(parking.handler(), Limits(), Counted());
  Client client(server.port());
  client.Send(Post("/mcp", "x"));
  parking.Await(1);
  server.Run([&](Server&) {
    parking.places[0].responder.StartStream(200, "text/event-stream", "");
    parking.places[0].responder.Write("12345");
    return 0;
  });
  EXPECT_THAT(Print(), HasSubstr("mcp_bridge_event_streams 1\n"));
  EXPECT_THAT(Print(), HasSubstr("mcp_bridge_response_bytes_count 0\n"));
  server.Run([&](Server&) {
    parking.places[0].responder.Close("67");
    return 0;
  });
  EXPECT_THAT(Print(), HasSubstr("mcp_bridge_event_streams 0\n"));
  EXPECT_THAT(Print(), HasSubstr("mcp_bridge_response_bytes_sum 7\n"));
  EXPECT_THAT(Print(), HasSubstr(Count(R"(http_request_method="POST",http_route="/mcp",)"
                                       R"(http_response_status_code="200",url_scheme="http")",
                                       1)));
}

}  // namespace
}  // namespace bridge::http
