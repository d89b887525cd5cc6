// /metrics of the real process counts exactly what was sent, and nothing that clients send makes a
// series.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "tests/support/bridge_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

Answer EchoMethods(const Received& call) {
  if (call.path.ends_with("/Hang")) return {.hang = true};
  if (call.path.ends_with("/Fail")) return {.status = {::grpc::StatusCode::NOT_FOUND, "no"}};
  if (call.path.ends_with("/Garbage")) return {.response = "\x0a\xff\xff"};
  return {.response = call.request};
}

std::unique_ptr<GenericServer> StartEcho() {
  return std::unique_ptr<GenericServer>(
      StartDescribedServer({TextService("Echo", {"Say", "Hang", "Fail", "Garbage"})}, EchoMethods));
}

// The samples of /metrics.
std::map<std::string, double> Scrape(const BridgeProcess& bridge) {
  std::map<std::string, double> samples;
  const std::string text = Fetch(bridge.admin_port(), "GET", "/metrics").body;
  size_t at = 0;
  while (at < text.size()) {
    const std::string line = text.substr(at, text.find('\n', at) - at);
    at += line.size() + 1;
    if (line.starts_with('#')) continue;
    const size_t space = line.rfind(' ');
    EXPECT_TRUE(samples.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second)
        << line;
  }
  return samples;
}

std::set<std::string> Names(const std::map<std::string, double>& samples) {
  std::set<std::string> names;
  for (const auto& [name, value] : samples) names.insert(name);
  return names;
}

// The sum of all samples that begin and contain so.
double Sum(const std::map<std::string, double>& samples, const std::string& begin,
           const std::string& part = "") {
  double sum = 0;
  for (auto at = samples.lower_bound(begin); at != samples.end(); ++at) {
    if (!at->first.starts_with(begin)) break;
    if (at->first.find(part) != std::string::npos) sum += at->second;
  }
  return sum;
}

// How a call ended, as its answer shows: the name of the counter's outcome.
std::string OutcomeOf(const HttpAnswer& answer) {
  const json message = answer.Json();
  if (message.contains("error")) return "error " + message["error"]["code"].dump();
  if (!message["result"].value("isError", false)) return "ok";
  const std::string text = message["result"]["content"][0]["text"];
  for (const auto& [words, outcome] :
       std::map<std::string, std::string>{{"Invalid arguments", "invalid_arguments"},
                                          {"NOT_FOUND", "tool_error"},
                                          {"could not be read", "unreadable_answer"},
                                          {"too many calls under way", "overloaded"},
                                          {"DEADLINE_EXCEEDED", "timeout"}}) {
    if (text.find(words) != std::string::npos) return outcome;
  }
  return text;
}

// What clients have sent and seen, over all threads.
class Tally {
 public:
  void Count(const std::string& tool, const std::string& outcome) {
    const std::lock_guard lock(mutex_);
    ++seen_[tool][outcome];
  }
  std::map<std::string, std::map<std::string, int>> seen() const { return seen_; }

 private:
  std::mutex mutex_;
  std::map<std::string, std::map<std::string, int>> seen_;
};

size_t BodyBytes(const std::string& request) {
  return request.size() - request.find("\r\n\r\n") - 4;
}

TEST(Metrics, CountWhatTheLoadSentExactly) {
  constexpr int kThreads = 8, kCalls = 12'500, kHanging = 400, kLeaving = 50;
  const auto echo = StartEcho();
  const BridgeProcess bridge(
      {"--reactors", "2", "--max-calls", "120", "--call-timeout", "2s", "echo=" + echo->target()});
  const std::string requests[] = {
      ModernCall("Echo_Say", {{"text", "hello"}}), ModernCall("Echo_Fail", json::object()),
      ModernCall("Echo_Garbage", json::object()), ModernCall("Echo_Say", {{"no_such_field", 1}}),
      ModernCall("Echo_Nothing", json::object())};
  const std::string tools[] = {"Echo_Say", "Echo_Fail", "Echo_Garbage", "Echo_Say", "none"};
  const std::string hang = ModernCall("Echo_Hang", json::object());
  Tally tally;
  std::atomic<uint64_t> body_bytes{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        std::unique_ptr<OpenRequest> connection;
        for (int i = 0; i < kCalls; ++i) {
          // Of ten calls six go well, and one ends in each of the other ways.
          const size_t kind = static_cast<size_t>(std::max(0, (i + thread) % 10 - 5));
          const std::string& request = requests[kind];
          if (connection == nullptr) {
            connection = std::make_unique<OpenRequest>(bridge.mcp_port(), request);
          } else {
            connection->Send(request);
          }
          body_bytes += BodyBytes(request);
          tally.Count(tools[kind], OutcomeOf(connection->Read()));
        }
      });
    }
  }
  {
    // More than there is room for: some time out, the rest is refused.
    std::vector<std::unique_ptr<OpenRequest>> hanging;
    for (int i = 0; i < kHanging; ++i) {
      hanging.push_back(std::make_unique<OpenRequest>(bridge.mcp_port(), hang));
      body_bytes += BodyBytes(hang);
    }
    for (const auto& request : hanging) tally.Count("Echo_Hang", OutcomeOf(request->Read()));
  }
  {
    const size_t before = echo->received().size();
    std::vector<std::unique_ptr<OpenRequest>> leaving;
    for (int i = 0; i < kLeaving; ++i) {
      leaving.push_back(std::make_unique<OpenRequest>(bridge.mcp_port(), hang));
      body_bytes += BodyBytes(hang);
    }
    ASSERT_EQ(echo->WaitForRequests(before + kLeaving), before + kLeaving);
  }
  std::map<std::string, double> samples;
  do samples = Scrape(bridge);
  while (samples["mcp_bridge_upstream_calls{upstream=\"echo\"}"] != 0);
  auto seen = tally.seen();
  seen["Echo_Hang"]["cancelled"] = kLeaving;
  constexpr int kEach = kThreads * kCalls / 10;
  EXPECT_EQ(seen["Echo_Say"]["ok"], 6 * kEach);
  EXPECT_EQ(seen["Echo_Hang"]["overloaded"] + seen["Echo_Hang"]["timeout"], kHanging);
  EXPECT_GT(seen["Echo_Hang"]["overloaded"], 0);
  EXPECT_GT(seen["Echo_Hang"]["timeout"], 0);
  EXPECT_EQ(seen["none"], (std::map<std::string, int>{{"error -32602", kEach}}));
  seen.erase("none");

  double calls = 0;
  for (const auto& [tool, outcomes] : seen) {
    for (const char* outcome : {"ok", "tool_error", "invalid_arguments", "timeout", "cancelled",
                                "overloaded", "unreadable_answer"}) {
      const auto count = outcomes.contains(outcome) ? outcomes.at(outcome) : 0;
      EXPECT_EQ(samples["mcp_bridge_tool_calls_total{tool=\"" + tool +
                        "\",upstream=\"echo\",outcome=\"" + outcome + "\"}"],
                count)
          << tool << " " << outcome;
      calls += count;
    }
  }
  EXPECT_EQ(calls, 9 * kEach + kHanging + kLeaving) << "an answer was none of these";
  EXPECT_EQ(Sum(samples, "mcp_bridge_tool_calls_total{"), calls);
  const std::string operations = "mcp_server_operation_duration_seconds_count{mcp_method_name=";
  EXPECT_EQ(Sum(samples, operations, "gen_ai_tool_name"), calls);
  EXPECT_EQ(samples[operations + "\"tools/call\"}"], kEach) << "the tool that does not exist";
  EXPECT_EQ(samples["mcp_bridge_requests_rejected_total{reason=\"unknown_tool\"}"], kEach);
  EXPECT_EQ(Sum(samples, "mcp_bridge_requests_rejected_total{"), kEach);

  const std::string rpcs = "rpc_client_call_duration_seconds_count{";
  const auto sent = seen["Echo_Hang"]["timeout"] + kLeaving;
  EXPECT_EQ(Sum(samples, rpcs), 8 * kEach + sent);
  EXPECT_EQ(Sum(samples, rpcs, "rpc_status_code=\"OK\""), 7 * kEach);
  EXPECT_EQ(Sum(samples, rpcs, "rpc_status_code=\"NOT_FOUND\""), kEach);
  EXPECT_EQ(Sum(samples, rpcs, "rpc_status_code=\"DEADLINE_EXCEEDED\""),
            seen["Echo_Hang"]["timeout"]);
  EXPECT_EQ(Sum(samples, rpcs, "rpc_status_code=\"CANCELLED\""), kLeaving);

  const std::string requests_count = "http_server_request_duration_seconds_count{";
  EXPECT_EQ(Sum(samples, requests_count), 10 * kEach + kHanging + kLeaving);
  EXPECT_EQ(Sum(samples, requests_count, "client_gone"), kLeaving);
  EXPECT_EQ(samples["mcp_bridge_request_bytes_sum"], static_cast<double>(body_bytes));
  EXPECT_EQ(samples["mcp_bridge_connections_total{result=\"served\"}"],
            kThreads + kHanging + kLeaving);
  EXPECT_EQ(Sum(samples, "http_server_active_requests{"), 0);
  // Text{text: "hello"} is seven bytes each way.
  EXPECT_EQ(samples["mcp_bridge_upstream_sent_bytes_total{upstream=\"echo\"}"], 7 * 6 * kEach);
  EXPECT_EQ(samples["mcp_bridge_upstream_received_bytes_total{upstream=\"echo\"}"],
            (7 * 6 + 3) * kEach);
}

TEST(Metrics, OddNamesAndHeadersMakeNoSeries) {
  constexpr int kThreads = 8, kRequests = 12'500;
  const auto echo = StartEcho();
  const BridgeProcess bridge({"--reactors", "2", "echo=" + echo->target()});
  const auto send = [&](int thread, int i, OpenRequest* connection) {
    const std::string odd = "odd" + std::to_string(thread * kRequests + i);
    std::string request;
    switch (i % 5) {
      case 0:
        request = ModernCall(odd, json::object(), {"User-Agent: " + odd, odd + ": " + odd});
        break;
      case 1:
        request = ModernCall("Echo_Say", {{odd, odd}}, {"Baggage: tenant=" + odd}, {{odd, odd}});
        break;
      case 2:
        request = "POST /" + odd + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
        break;
      case 3:
        request = odd + " /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
        break;
      default:
        request = "POST /mcp HTTP/1.1\r\nHost: " + odd + "\r\nContent-Length: 0\r\n\r\n";
    }
    connection->Send(request);
    return connection->Read().status;
  };
  // One of each first: what they make once they make for all.
  {
    OpenRequest connection(bridge.mcp_port(), "");
    for (int i = 0; i < 5; ++i) EXPECT_NE(send(kThreads, i, &connection), 0) << i;
  }
  const auto before = Names(Scrape(bridge));
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        OpenRequest connection(bridge.mcp_port(), "");
        for (int i = 0; i < kRequests; ++i) ASSERT_NE(send(thread, i, &connection), 0) << i;
      });
    }
  }
  const auto samples = Scrape(bridge);
  EXPECT_EQ(Names(samples), before);
  EXPECT_EQ(Sum(samples, "http_server_request_duration_seconds_count{"), kThreads * kRequests + 5);
  EXPECT_EQ(samples.at("mcp_bridge_requests_rejected_total{reason=\"unknown_tool\"}"),
            kThreads * kRequests / 5 + 1);
}

TEST(Metrics, ToolsBeyondTheCapAreCountedTogether) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"--metrics-tools", "1", "echo=" + echo->target()});
  bridge.Call("Echo_Fail", json::object());
  bridge.Call("Echo_Say", {{"text", "x"}});
  auto samples = Scrape(bridge);
  EXPECT_EQ(samples["mcp_bridge_tool_calls_total{tool=\"Echo_Fail\",upstream=\"echo\",outcome="
                    "\"tool_error\"}"],
            1);
  EXPECT_EQ(samples["mcp_bridge_tool_calls_total{tool=\"_other\",outcome=\"ok\"}"], 1);
  EXPECT_EQ(Sum(samples, "mcp_bridge_tool_calls_total{", "Say"), 0);
}

}  // namespace
}  // namespace bridge::testing
