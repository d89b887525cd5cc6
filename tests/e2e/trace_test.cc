// The spans of one call, read back from /debug/traces: who is whose parent, and what they carry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "tests/support/bridge_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;

constexpr char kHeaderTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kHeaderSpan[] = "b7ad6b7169203331";
constexpr char kMetaTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kMetaSpan[] = "00f067aa0ba902b7";

std::string Traceparent(const std::string& trace, const std::string& span,
                        const std::string& flags = "01") {
  return "00-" + trace + "-" + span + "-" + flags;
}

Answer EchoMethods(const Received& call) {
  if (call.path.ends_with("/Hang")) return {.hang = true};
  if (call.path.ends_with("/Fail")) return {.status = {::grpc::StatusCode::NOT_FOUND, "no"}};
  return {.response = call.request};
}

// All spans of a trace, by name; waits for the background thread to have brought `count`.
std::map<std::string, json> Spans(const BridgeProcess& bridge, const std::string& trace,
                                  size_t count) {
  std::map<std::string, json> spans;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (spans.size() < count && std::chrono::steady_clock::now() < deadline) {
    spans.clear();
    const json tree = Fetch(bridge.admin_port(), "GET", "/debug/traces/" + trace).Json();
    if (!tree.contains("spans")) continue;
    const std::function<void(const json&)> take = [&](const json& list) {
      for (const json& span : list) {
        spans[span["name"]] = span;
        take(span["children"]);
      }
    };
    take(tree["spans"]);
  }
  return spans;
}

class TraceTest : public ::testing::Test {
 protected:
  TraceTest()
      : server_(StartDescribedServer({TextService("Echo", {"Say", "Hang", "Fail"})}, EchoMethods)),
        bridge_({"--call-timeout", "300ms", "echo=" + server_->target()}) {}

  // Calls with these contexts, empty for none.
  void Call(const std::string& tool, const std::string& header, const std::string& meta,
            const json& arguments = json::object()) {
    std::vector<std::string> headers;
    if (!header.empty()) headers.push_back("traceparent: " + header);
    json extra = json::object();
    if (!meta.empty()) extra["traceparent"] = meta;
    OpenRequest request(bridge_.mcp_port(), ModernCall(tool, arguments, headers, extra));
    EXPECT_EQ(request.Read().status, 200);
  }

  std::string NewestTrace() {
    const json list = Fetch(bridge_.admin_port(), "GET", "/debug/traces").Json();
    return list["traces"].empty() ? "" : list["traces"][0]["traceId"].get<std::string>();
  }

  std::string SentTraceparent() const {
    return server_->received().back().metadata.at("traceparent");
  }

  std::unique_ptr<GenericServer> server_;
  BridgeProcess bridge_;
};

TEST_F(TraceTest, HeaderOnly) {
  Call("Echo_Say", Traceparent(kHeaderTrace, kHeaderSpan), "");
  auto spans = Spans(bridge_, kHeaderTrace, 3);
  ASSERT_EQ(spans.size(), 3u);
  const json http = spans["POST /mcp"];
  const json mcp = spans["tools/call Echo_Say"];
  const json rpc = spans["t.Echo.Echo/Say"];
  EXPECT_EQ(http["parentSpanId"], kHeaderSpan);
  EXPECT_EQ(mcp["parentSpanId"], http["spanId"]);
  EXPECT_EQ(rpc["parentSpanId"], mcp["spanId"]);
  EXPECT_EQ(SentTraceparent(), Traceparent(kHeaderTrace, rpc["spanId"]));
  EXPECT_TRUE(mcp["links"].empty());
}

TEST_F(TraceTest, RepairedArgumentsAreCounted) {
  Call("Echo_Say", Traceparent(kHeaderTrace, kHeaderSpan), "", json(R"({"text":"x"})"));
  auto spans = Spans(bridge_, kHeaderTrace, 3);
  EXPECT_EQ(spans["tools/call Echo_Say"]["attributes"]["mcp_bridge.arguments.repaired"], 1);
}

TEST_F(TraceTest, MetaOnly) {
  Call("Echo_Say", "", Traceparent(kMetaTrace, kMetaSpan));
  auto spans = Spans(bridge_, kMetaTrace, 3);
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans["POST /mcp"]["parentSpanId"], kMetaSpan);
  EXPECT_EQ(spans["tools/call Echo_Say"]["parentSpanId"], kMetaSpan);
  ASSERT_EQ(spans["tools/call Echo_Say"]["links"].size(), 1u);
  EXPECT_EQ(spans["tools/call Echo_Say"]["links"][0]["spanId"], spans["POST /mcp"]["spanId"]);
}

TEST_F(TraceTest, BothOfOneTrace) {
  Call("Echo_Say", Traceparent(kMetaTrace, kHeaderSpan), Traceparent(kMetaTrace, kMetaSpan));
  auto spans = Spans(bridge_, kMetaTrace, 3);
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans["POST /mcp"]["parentSpanId"], kHeaderSpan);
  EXPECT_EQ(spans["tools/call Echo_Say"]["parentSpanId"], kMetaSpan);
  EXPECT_TRUE(spans["POST /mcp"]["links"].empty());
}

TEST_F(TraceTest, BothOfTwoTracesAreJoinedByLinks) {
  Call("Echo_Say", Traceparent(kHeaderTrace, kHeaderSpan), Traceparent(kMetaTrace, kMetaSpan));
  auto http = Spans(bridge_, kHeaderTrace, 1);
  auto mcp = Spans(bridge_, kMetaTrace, 2);
  ASSERT_EQ(http.size(), 1u);
  ASSERT_EQ(mcp.size(), 2u);
  EXPECT_EQ(http["POST /mcp"]["parentSpanId"], kHeaderSpan);
  EXPECT_EQ(mcp["tools/call Echo_Say"]["parentSpanId"], kMetaSpan);
  EXPECT_EQ(http["POST /mcp"]["links"][0]["traceId"], kMetaTrace);
  EXPECT_EQ(mcp["tools/call Echo_Say"]["links"][0]["traceId"], kHeaderTrace);
  EXPECT_EQ(SentTraceparent().substr(3, 32), kMetaTrace);
}

TEST_F(TraceTest, InvalidContextsAreAsIfAbsent) {
  Call("Echo_Say", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "nonsense");
  const std::string sent = SentTraceparent();
  EXPECT_EQ(sent.size(), 55u);
  EXPECT_EQ(Spans(bridge_, sent.substr(3, 32), 3).size(), 3u);
}

TEST_F(TraceTest, AnUnsampledParentIsPassedOnAndRecordsNothing) {
  Call("Echo_Say", Traceparent(kHeaderTrace, kHeaderSpan, "00"), "");
  EXPECT_EQ(SentTraceparent().substr(0, 36), std::string("00-") + kHeaderTrace + "-");
  EXPECT_TRUE(SentTraceparent().ends_with("-00"));
  Call("Echo_Say", "", "");  // a sampled one behind it shows that the first has had its time
  EXPECT_EQ(Spans(bridge_, SentTraceparent().substr(3, 32), 3).size(), 3u);
  EXPECT_EQ(Fetch(bridge_.admin_port(), "GET", std::string("/debug/traces/") + kHeaderTrace).status,
            404);
}

TEST_F(TraceTest, AttributesOfASuccess) {
  Call("Echo_Say", Traceparent(kHeaderTrace, kHeaderSpan), "", {{"text", "secret-argument"}});
  auto spans = Spans(bridge_, kHeaderTrace, 3);
  const json http = spans["POST /mcp"]["attributes"];
  EXPECT_EQ(http["http.request.method"], "POST");
  EXPECT_EQ(http["http.route"], "/mcp");
  EXPECT_EQ(http["http.response.status_code"], 200);
  const json mcp = spans["tools/call Echo_Say"]["attributes"];
  EXPECT_EQ(mcp["mcp.method.name"], "tools/call");
  EXPECT_EQ(mcp["gen_ai.tool.name"], "Echo_Say");
  EXPECT_EQ(mcp["gen_ai.operation.name"], "execute_tool");
  EXPECT_EQ(mcp["mcp.protocol.version"], "2026-07-28");
  EXPECT_EQ(mcp["jsonrpc.request.id"], "1");
  const json rpc = spans["t.Echo.Echo/Say"]["attributes"];
  EXPECT_EQ(rpc["rpc.system.name"], "grpc");
  EXPECT_EQ(rpc["rpc.method"], "t.Echo.Echo/Say");
  EXPECT_EQ(rpc["rpc.status_code"], "OK");
  EXPECT_EQ(rpc["server.address"], "127.0.0.1");
  EXPECT_EQ(rpc["server.port"], server_->port());
  EXPECT_EQ(rpc["mcp_bridge.upstream"], "echo");
  const std::string all =
      Fetch(bridge_.admin_port(), "GET", std::string("/debug/traces/") + kHeaderTrace).body;
  EXPECT_EQ(all.find("secret-argument"), std::string::npos);
}

TEST_F(TraceTest, AttributesOfAFailureAndADeadline) {
  Call("Echo_Fail", Traceparent(kHeaderTrace, kHeaderSpan), "");
  auto spans = Spans(bridge_, kHeaderTrace, 3);
  EXPECT_EQ(spans["t.Echo.Echo/Fail"]["attributes"]["rpc.status_code"], "NOT_FOUND");
  EXPECT_EQ(spans["t.Echo.Echo/Fail"]["attributes"]["error.type"], "NOT_FOUND");
  EXPECT_EQ(spans["tools/call Echo_Fail"]["attributes"]["error.type"], "tool_error");
  EXPECT_EQ(spans["POST /mcp"]["attributes"].contains("error.type"), false);
  Call("Echo_Hang", Traceparent(kMetaTrace, kHeaderSpan), "");
  spans = Spans(bridge_, kMetaTrace, 3);
  EXPECT_EQ(spans["t.Echo.Echo/Hang"]["attributes"]["rpc.status_code"], "DEADLINE_EXCEEDED");
}

TEST_F(TraceTest, ACancelledCallIsNotTheBridgesError) {
  const size_t before = server_->received().size();
  OpenRequest request(bridge_.mcp_port(),
                      ModernCall("Echo_Hang", json::object(),
                                 {"traceparent: " + Traceparent(kHeaderTrace, kHeaderSpan)}));
  ASSERT_EQ(server_->WaitForRequests(before + 1), before + 1);
  request.Close();
  auto spans = Spans(bridge_, kHeaderTrace, 3);
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans["t.Echo.Echo/Hang"]["attributes"]["rpc.status_code"], "CANCELLED");
  EXPECT_EQ(spans["tools/call Echo_Hang"]["attributes"]["mcp_bridge.cancelled"], true);
  EXPECT_EQ(spans["tools/call Echo_Hang"]["attributes"].contains("error.type"), false);
}

TEST_F(TraceTest, AnUnknownToolIsTheCallersFault) {
  Call("Echo_Nope", Traceparent(kHeaderTrace, kHeaderSpan), "");
  auto spans = Spans(bridge_, kHeaderTrace, 2);
  ASSERT_EQ(spans.size(), 2u);
  const json mcp = spans["tools/call"];
  EXPECT_EQ(mcp["attributes"]["rpc.response.status_code"], "-32602");
  EXPECT_EQ(mcp["attributes"].contains("error.type"), false);
  EXPECT_EQ(mcp["attributes"].contains("gen_ai.tool.name"), false);
  EXPECT_EQ(mcp["attributes"]["mcp_bridge.tool.requested"], "Echo_Nope");
}

// With no collector listening, a call is neither lost nor delayed beyond its own time.
TEST(Export, ADeadCollectorFailsNoCall) {
  const std::unique_ptr<GenericServer> server(
      StartDescribedServer({TextService("Echo", {"Say"})}, EchoMethods));
  BridgeProcess bridge({"echo=" + server->target()},
                       {"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1",
                        "OTEL_EXPORTER_OTLP_TIMEOUT=100", "OTEL_BSP_SCHEDULE_DELAY=10"});
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(bridge.Call("Echo_Say", {{"text", "x"}})["result"]["structuredContent"]["text"], "x");
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  bool counted = false;
  while (!counted && std::chrono::steady_clock::now() < deadline) {
    const std::string metrics = Fetch(bridge.admin_port(), "GET", "/metrics").body;
    counted = metrics.find("mcp_bridge_otel_spans_dropped_total ") != std::string::npos &&
              metrics.find("mcp_bridge_otel_spans_dropped_total 0\n") == std::string::npos;
  }
  EXPECT_TRUE(counted);
}

}  // namespace
}  // namespace bridge::testing
