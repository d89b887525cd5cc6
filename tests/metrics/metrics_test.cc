// What is recorded is what is printed; and how many series there can be.
#include "bridge/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <set>
#include <string>

#include "bridge/metrics/process.h"

namespace bridge::metrics {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::CallOutcome;
using telemetry::CallRecord;
using telemetry::Clock;
using telemetry::RpcKind;
using ::testing::HasSubstr;
using ::testing::Not;

const Clock::time_point kStart{seconds(1'000)};

std::string Print(const Metrics& metrics, bool names = true) {
  Page page(Format::kText);
  metrics.Append(names, &page);
  return std::move(page).Finish();
}

// Samples, without comments.
size_t Series(const std::string& text) {
  size_t count = 0, at = 0;
  while (at < text.size()) {
    count += text[at] != '#';
    at = text.find('\n', at) + 1;
  }
  return count;
}

ToolLabels Tool(const std::string& name) {
  return {name, "orders", "shop.Orders/" + name, "orders.example", "50051"};
}

CallRecord Call(uint16_t tool, CallOutcome outcome = CallOutcome::kOk, int code = 0) {
  CallRecord call;
  call.tool_number = tool;
  call.outcome = outcome;
  call.sent = outcome != CallOutcome::kInvalidArguments && outcome != CallOutcome::kOverloaded;
  call.rpc_code = code;
  call.rpc_begun = kStart;
  call.rpc_ended = kStart + milliseconds(6);
  call.begun = kStart;
  call.ended = kStart + milliseconds(15);
  call.sent_bytes = 10;
  call.received_bytes = 20;
  call.resends = code == 14 ? 2 : 0;
  return call;
}

class MetricsTest : public ::testing::Test {
 protected:
  void Record(const CallRecord& call, size_t reactor = 0) {
    McpMetrics& mcp = metrics_.reactor(reactor).mcp;
    if (call.sent) mcp.OnCallSent(call.upstream_index, call.kind);
    mcp.OnCall(call);
  }

  Metrics metrics_{Options{.tools = 3, .reactors = 2, .upstreams = {"orders", "catalog"}}};
};

TEST_F(MetricsTest, SeriesOfAToolAreThereBeforeItsFirstCall) {
  EXPECT_THAT(Print(metrics_), Not(HasSubstr("Get")));
  metrics_.sets().Publish(Tool("Get"));
  const std::string text = Print(metrics_);
  EXPECT_THAT(text, HasSubstr("mcp_server_operation_duration_seconds_count{mcp_method_name="
                              "\"tools/call\",gen_ai_tool_name=\"Get\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("rpc_client_call_duration_seconds_count{rpc_system_name=\"grpc\","
                              "rpc_method=\"shop.Orders/Get\",rpc_status_code=\"OK\","
                              "server_address=\"orders.example\",server_port=\"50051\","
                              "upstream=\"orders\"} 0\n"));
  for (const char* outcome : {"ok", "tool_error", "invalid_arguments", "timeout", "cancelled",
                              "overloaded", "unreadable_answer"}) {
    EXPECT_THAT(text, HasSubstr("mcp_bridge_tool_calls_total{tool=\"Get\",upstream=\"orders\","
                                "outcome=\"" +
                                std::string(outcome) + "\"} 0\n"));
  }
}

TEST_F(MetricsTest, ReactorsAreAddedUp) {
  const uint16_t get = metrics_.sets().Publish(Tool("Get"));
  Record(Call(get), 0);
  Record(Call(get), 1);
  Record(Call(get, CallOutcome::kToolError, 5), 1);
  const std::string text = Print(metrics_);
  EXPECT_THAT(text, HasSubstr("gen_ai_tool_name=\"Get\",le=\"0.01\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("gen_ai_tool_name=\"Get\",le=\"0.02\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("gen_ai_tool_name=\"Get\"} 0.03\n"));
  EXPECT_THAT(text, HasSubstr("gen_ai_tool_name=\"Get\",error_type=\"tool_error\"} 0.015\n"));
  EXPECT_THAT(text, HasSubstr("rpc_status_code=\"NOT_FOUND\",server_address=\"orders.example\","
                              "server_port=\"50051\",upstream=\"orders\",error_type=\"NOT_FOUND\","
                              "le=\"0.01\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("upstream=\"orders\",outcome=\"ok\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("upstream=\"orders\",outcome=\"tool_error\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_upstream_sent_bytes_total{upstream=\"orders\"} 30\n"));
  EXPECT_THAT(text,
              HasSubstr("mcp_bridge_upstream_received_bytes_total{upstream=\"orders\"} 60\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_upstream_calls{upstream=\"orders\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_upstream_calls{upstream=\"catalog\"} 0\n"));
}

TEST_F(MetricsTest, WhatWasNotSentIsNoRpc) {
  const uint16_t get = metrics_.sets().Publish(Tool("Get"));
  Record(Call(get, CallOutcome::kInvalidArguments));
  Record(Call(get, CallOutcome::kOverloaded));
  const std::string text = Print(metrics_);
  EXPECT_THAT(text, HasSubstr("outcome=\"invalid_arguments\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("outcome=\"overloaded\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("gen_ai_tool_name=\"Get\",error_type=\"tool_error\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("rpc_status_code=\"OK\",server_address=\"orders.example\","
                              "server_port=\"50051\",upstream=\"orders\"} 0\n"));
}

TEST_F(MetricsTest, CallsUnderWayAndResends) {
  const uint16_t get = metrics_.sets().Publish(Tool("Get"));
  CallRecord call = Call(get, CallOutcome::kToolError, 14);
  call.upstream_index = 1;
  metrics_.reactor(1).mcp.OnCallSent(1, RpcKind::kUnary);
  EXPECT_THAT(Print(metrics_), HasSubstr("mcp_bridge_upstream_calls{upstream=\"catalog\"} 1\n"));
  metrics_.reactor(1).mcp.OnCall(call);
  EXPECT_THAT(Print(metrics_), HasSubstr("mcp_bridge_upstream_calls{upstream=\"catalog\"} 0\n"));
  EXPECT_THAT(Print(metrics_),
              HasSubstr("mcp_bridge_upstream_resends_total{upstream=\"catalog\"} 2\n"));
}

TEST_F(MetricsTest, Streams) {
  const uint16_t watch = metrics_.sets().Publish(Tool("Watch"));
  CallRecord call = Call(watch);
  call.kind = RpcKind::kServerStream;
  call.sent_messages = 1;
  call.received_messages = 1'000;
  call.cut = telemetry::StreamCut::kMessages;
  metrics_.reactor(0).mcp.OnCallSent(0, call.kind);
  EXPECT_THAT(Print(metrics_), HasSubstr("mcp_bridge_open_streams{kind=\"server\"} 1\n"));
  metrics_.reactor(0).mcp.OnCall(call);
  Record(Call(watch));  // a unary call is no stream
  const std::string text = Print(metrics_);
  EXPECT_THAT(text, HasSubstr("mcp_bridge_open_streams{kind=\"server\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_streams_total{kind=\"server\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_streams_total{kind=\"bidi\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_stream_messages_total{direction=\"sent\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_stream_messages_total{direction=\"received\"} 1000\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_streams_truncated_total{limit=\"messages\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_streams_truncated_total{limit=\"silence\"} 0\n"));
}

TEST_F(MetricsTest, AToolThatComesBackGoesOnCounting) {
  const uint16_t get = metrics_.sets().Publish(Tool("Get"));
  Record(Call(get));
  const uint16_t add = metrics_.sets().Publish(Tool("Add"));
  EXPECT_NE(add, get);
  EXPECT_EQ(metrics_.sets().Publish(Tool("Get")), get);
  Record(Call(get));
  EXPECT_THAT(Print(metrics_), HasSubstr("gen_ai_tool_name=\"Get\"} 2\n"));
}

// Two names for one method would else be one series twice.
TEST_F(MetricsTest, ARenamedToolAddsToTheSameRpc) {
  ToolLabels labels = Tool("Get");
  const uint16_t before = metrics_.sets().Publish(labels);
  labels.tool = "Fetch";
  const uint16_t after = metrics_.sets().Publish(labels);
  Record(Call(before));
  Record(Call(after));
  EXPECT_THAT(Print(metrics_), HasSubstr("server_port=\"50051\",upstream=\"orders\"} 2\n"));
  EXPECT_THAT(Print(metrics_), HasSubstr("gen_ai_tool_name=\"Fetch\"} 1\n"));
}

TEST_F(MetricsTest, WithTheCapReachedToolsAreCountedTogether) {
  for (const char* name : {"A", "B", "C"}) EXPECT_NE(metrics_.sets().Publish(Tool(name)), 0);
  EXPECT_EQ(metrics_.sets().Publish(Tool("D")), 0);
  EXPECT_EQ(metrics_.sets().Publish(Tool("E")), 0);
  Record(Call(0));
  Record(Call(0, CallOutcome::kToolError, 5));
  Record(Call(0, CallOutcome::kCancelled, 1));
  const std::string text = Print(metrics_);
  EXPECT_THAT(text, Not(HasSubstr("\"D\"")));
  EXPECT_THAT(text, HasSubstr("gen_ai_tool_name=\"_other\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("gen_ai_tool_name=\"_other\",error_type=\"tool_error\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("gen_ai_tool_name=\"_other\",error_type=\"cancelled\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_tool_calls_total{tool=\"_other\",outcome=\"ok\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("rpc_method=\"_OTHER\",rpc_status_code=\"OK\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("rpc_method=\"_OTHER\",rpc_status_code=\"_OTHER\","
                              "error_type=\"_OTHER\"} 2\n"));
}

TEST_F(MetricsTest, OperationsThatAreNoCalls) {
  McpMetrics& mcp = metrics_.reactor(0).mcp;
  mcp.OnOperation({McpMethodOf("tools/list"), OperationError::kNone, kStart,
                   kStart + milliseconds(1), nullptr});
  mcp.OnOperation({McpMethodOf("no/such"), OperationError::kInternal, kStart, kStart, nullptr});
  const std::string text = Print(metrics_);
  EXPECT_THAT(text, HasSubstr("duration_seconds_count{mcp_method_name=\"tools/list\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("duration_seconds_count{mcp_method_name=\"initialize\"} 0\n"));
  EXPECT_THAT(
      text,
      HasSubstr("duration_seconds_count{mcp_method_name=\"_OTHER\",error_type=\"-32603\"} 1\n"));
}

TEST_F(MetricsTest, HttpRequests) {
  HttpMetrics& http = metrics_.reactor(1).http;
  http.OnConnection(Accepted::kServed);
  http.OnConnection(Accepted::kTooMany);
  http.OnConnection(Accepted::kDropped);
  http.OnConnectionEnd();
  http.OnRequest(HttpMethodOf("POST"));
  EXPECT_THAT(Print(metrics_), HasSubstr("http_server_active_requests{http_request_method=\"POST\","
                                         "url_scheme=\"http\"} 1\n"));
  http.OnRequestEnd({HttpMethod::kPost, true, 200, kStart, kStart + milliseconds(80), 300, 70'000});
  http.OnRequest(HttpMethodOf("BREW"));
  http.OnRequestEnd({HttpMethodOf("BREW"), false, 503, kStart, kStart, 0, 0});
  http.OnRequest(HttpMethod::kPost);
  http.OnRequestEnd({HttpMethod::kPost, true, 0, kStart, kStart, 0, 0});
  const std::string text = Print(metrics_);
  EXPECT_THAT(text, HasSubstr("http_server_request_duration_seconds_bucket{http_request_method="
                              "\"POST\",http_route=\"/mcp\",http_response_status_code=\"200\","
                              "url_scheme=\"http\",le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_count{http_request_method=\"POST\",http_route=\"/mcp\","
                              "http_response_status_code=\"202\",url_scheme=\"http\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("_count{http_request_method=\"_OTHER\",http_response_status_code="
                              "\"503\",url_scheme=\"http\",error_type=\"503\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_count{http_request_method=\"POST\",http_route=\"/mcp\","
                              "url_scheme=\"http\",error_type=\"client_gone\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_request_bytes_bucket{le=\"1024.0\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_response_bytes_bucket{le=\"65536.0\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_open_connections 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_connections_total{result=\"served\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mcp_bridge_connections_total{result=\"dropped\"} 1\n"));
}

TEST_F(MetricsTest, RejectionsAreThereFromTheStart) {
  metrics_.reactor(0).http.OnRejection(Rejection::kTooSlow);
  metrics_.reactor(1).mcp.OnRejection(Rejection::kUnknownTool);
  metrics_.reactor(1).mcp.OnRejection(Rejection::kUnknownTool);
  const std::string text = Print(metrics_);
  const auto count = [&](const std::string& reason, int times) {
    EXPECT_THAT(text, HasSubstr("mcp_bridge_requests_rejected_total{reason=\"" + reason + "\"} " +
                                std::to_string(times) + "\n"));
  };
  count("malformed_http", 0);
  count("too_slow", 1);
  count("unknown_tool", 2);
  count("invalid_params", 0);
}

TEST_F(MetricsTest, SessionsAndRepairs) {
  McpMetrics& mcp = metrics_.reactor(0).mcp;
  mcp.OnSession();
  mcp.OnSession();
  mcp.OnSessionEnd();
  mcp.OnRepairs(3);
  const std::string text = Print(metrics_);
  EXPECT_THAT(text, HasSubstr("\nmcp_bridge_sessions_started_total 2\n"));
  EXPECT_THAT(text, HasSubstr("\nmcp_bridge_sessions_ended_total 1\n"));
  EXPECT_THAT(text, HasSubstr("\nmcp_bridge_arguments_repaired_total 3\n"));
}

TEST_F(MetricsTest, NoNamesForWhomWeDoNotKnow) {
  metrics_.sets().Publish(Tool("Get"));
  const std::string text = Print(metrics_, /*names=*/false);
  for (const char* name : {"Get", "orders", "catalog", "shop", "example"}) {
    EXPECT_THAT(text, Not(HasSubstr(name)));
  }
  EXPECT_THAT(text, HasSubstr("mcp_method_name=\"tools/call\"} 0\n"));
}

// Every tool fails in every way, every status comes, every path and method is tried.
TEST(SeriesLimit, AtMostThreeThousandWithFiftyTools) {
  Metrics metrics(Options{.reactors = 2, .upstreams = {"a", "b", "c"}});
  std::vector<uint16_t> numbers = {0};
  for (int i = 0; i < 60; ++i) {
    const uint16_t number = metrics.sets().Publish(Tool("Tool" + std::to_string(i)));
    EXPECT_EQ(number != 0, i < 50);
    if (number != 0) numbers.push_back(number);
  }
  for (size_t reactor : {0u, 1u}) {
    McpMetrics& mcp = metrics.reactor(reactor).mcp;
    for (const uint16_t number : numbers) {
      for (size_t outcome = 0; outcome < telemetry::kCallOutcomes; ++outcome) {
        for (int code = 0; code <= 16; ++code) {
          const CallRecord call = Call(number, static_cast<CallOutcome>(outcome), code);
          if (call.sent) mcp.OnCallSent(0, call.kind);
          mcp.OnCall(call);
        }
      }
    }
    for (size_t method = 0; method < kMcpMethods; ++method) {
      for (size_t error : {0u, 3u}) {
        mcp.OnOperation({static_cast<McpMethod>(method), static_cast<OperationError>(error), kStart,
                         kStart, nullptr});
      }
    }
    for (size_t method = 0; method < kHttpMethods; ++method) {
      for (int status = 200; status < 600; ++status) {
        metrics.reactor(reactor).http.OnRequestEnd(
            {static_cast<HttpMethod>(method), status % 2 == 0, status, kStart, kStart, 1, 1});
      }
    }
  }
  const std::string text = Print(metrics);
  EXPECT_LE(Series(text), 2'950u);  // what transport adds is known and few
  EXPECT_GE(Series(text), 2'000u);
  // Each series once.
  std::set<std::string> seen;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    if (line[0] != '#') {
      EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
    }
    at = end + 1;
  }
  // Nothing is lost: 2 reactors, 51 numbers, each outcome with 17 codes.
  EXPECT_THAT(text, HasSubstr("mcp_bridge_tool_calls_total{tool=\"Tool7\",upstream=\"orders\","
                              "outcome=\"timeout\"} 34\n"));
}

// With few tools the places left are for failures.
TEST(SeriesLimit, FailuresHaveSeriesWhileThereIsRoom) {
  Metrics metrics(Options{.tools = 50, .upstreams = {"a"}});
  const uint16_t number = metrics.sets().Publish(Tool("One"));
  McpMetrics& mcp = metrics.reactor(0).mcp;
  for (int code = 1; code <= 16; ++code) {
    mcp.OnCallSent(0, RpcKind::kUnary);
    mcp.OnCall(Call(number, CallOutcome::kToolError, code));
  }
  const std::string text = Print(metrics);
  for (const char* code : {"CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED",
                           "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
                           "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
                           "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}) {
    EXPECT_THAT(text,
                HasSubstr("upstream=\"orders\",error_type=\"" + std::string(code) + "\"} 1\n"));
  }
  EXPECT_THAT(text, Not(HasSubstr("rpc_method=\"_OTHER\"")));
}

TEST(Process, SaysWhatTheKernelSays) {
  Page page(Format::kText);
  AppendProcess(&page);
  const std::string text = std::move(page).Finish();
  const auto value = [&](const std::string& name) {
    const size_t at = text.find("\n" + name + " ");
    EXPECT_NE(at, std::string::npos) << name;
    return at == std::string::npos ? 0.0 : std::stod(text.substr(at + name.size() + 2));
  };
  EXPECT_GT(value("process_cpu_seconds_total"), 0);
  EXPECT_GT(value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value("process_virtual_memory_bytes"), value("process_resident_memory_bytes"));
  EXPECT_GE(value("process_threads"), 1);
  EXPECT_GE(value("process_open_fds"), 3);
  EXPECT_GT(value("process_max_fds"), value("process_open_fds"));
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_NEAR(value("process_start_time_seconds"), now, 600);
}

}  // namespace
}  // namespace bridge::metrics
