// Whole calls through the real process: HTTP in, gRPC out, and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>

#include "tests/support/bridge_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kTraceId[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kTraceparent[] =
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// What the methods of TextService "Echo" do.
Answer EchoMethods(const Received& call) {
  if (call.path.ends_with("/Hang")) return {.hang = true};
  if (call.path.ends_with("/Fail")) {
    return {.status = {::grpc::StatusCode::FAILED_PRECONDITION, "not \xff now"}};
  }
  if (call.path.ends_with("/Garbage")) return {.response = "\x0a\xff\xff"};
  return {.response = call.request};
}

std::unique_ptr<GenericServer> StartEcho(const std::string& address = "127.0.0.1:0") {
  return std::unique_ptr<GenericServer>(StartDescribedServer(
      {TextService("Echo", {"Say", "Hang", "Fail", "Garbage"})}, EchoMethods, address));
}

std::string Text(const json& message) {
  return message["result"]["content"][0]["text"];
}

TEST(Call, ComesBackTypedAndAsText) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"echo=" + echo->target()});
  EXPECT_EQ(bridge.tools(), 4);
  const json message = bridge.Call("Echo_Say", {{"text", "hello \xc3\xbc"}});
  EXPECT_EQ(message["result"]["structuredContent"]["text"], "hello \xc3\xbc");
  EXPECT_EQ(json::parse(Text(message)), message["result"]["structuredContent"]);
  EXPECT_EQ(message["result"]["resultType"], "complete");
  EXPECT_FALSE(message["result"].contains("isError"));
}

TEST(Call, AClientThatVanishesCancelsTheGrpcCall) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"echo=" + echo->target()});
  const size_t before = echo->received().size();
  OpenRequest request(bridge.mcp_port(), ModernCall("Echo_Hang", json::object()));
  ASSERT_EQ(echo->WaitForRequests(before + 1), before + 1);
  EXPECT_EQ(echo->WaitForCancels(0), 0);
  request.Close();
  EXPECT_EQ(echo->WaitForCancels(1), 1);
  EXPECT_EQ(bridge.Call("Echo_Say", {{"text", "x"}})["result"]["structuredContent"]["text"], "x");
}

TEST(Call, ALegacyCallEndsByNotificationsCancelled) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"echo=" + echo->target()});
  const std::vector<std::string> headers = {"Content-Type: application/json",
                                            "Accept: application/json, text/event-stream"};
  const HttpAnswer hello = Fetch(
      bridge.mcp_port(), "POST", "/mcp", headers,
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})");
  std::vector<std::string> in_session = headers;
  in_session.push_back("Mcp-Session-Id: " + hello.headers.at("mcp-session-id"));
  const size_t before = echo->received().size();
  const std::string body =
      R"({"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"Echo_Hang"}})";
  std::string text = "POST /mcp HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& header : in_session) text += header + "\r\n";
  OpenRequest call(bridge.mcp_port(),
                   text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  ASSERT_EQ(echo->WaitForRequests(before + 1), before + 1);
  const HttpAnswer accepted =
      Fetch(bridge.mcp_port(), "POST", "/mcp", in_session,
            R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}})");
  EXPECT_EQ(accepted.status, 202);
  EXPECT_THAT(Text(call.Read().Json()), HasSubstr("CANCELLED"));
}

TEST(Call, HasADeadline) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"--call-timeout", "200ms", "echo=" + echo->target()});
  const json message = bridge.Call("Echo_Hang", json::object());
  EXPECT_TRUE(message["result"]["isError"]);
  EXPECT_THAT(Text(message), HasSubstr("DEADLINE_EXCEEDED: No answer within 200 ms."));
}

TEST(Call, AnUpstreamStatusBecomesAToolError) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"echo=" + echo->target()});
  const json message = bridge.Call("Echo_Fail", json::object());
  EXPECT_TRUE(message["result"]["isError"]);
  EXPECT_FALSE(message["result"].contains("structuredContent"));
  EXPECT_THAT(Text(message), HasSubstr("FAILED_PRECONDITION: "));
  EXPECT_EQ(message["result"]["_meta"]["grpc-mcp-bridge/status"]["code"], 9);
}

TEST(Call, BytesThatAreNoMessageBecomeAToolError) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"echo=" + echo->target()});
  const json message = bridge.Call("Echo_Garbage", json::object());
  EXPECT_TRUE(message["result"]["isError"]);
  EXPECT_THAT(Text(message), HasSubstr("could not be read as t.Echo.Text"));
}

TEST(Call, OneMoreThanTheLimitIsRefusedAtOnceAndMayBeRetried) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"--max-calls", "1", "echo=" + echo->target()});
  const size_t before = echo->received().size();
  OpenRequest request(bridge.mcp_port(), ModernCall("Echo_Hang", json::object()));
  ASSERT_EQ(echo->WaitForRequests(before + 1), before + 1);
  const json message = bridge.Call("Echo_Say", {{"text", "x"}});
  EXPECT_THAT(Text(message), HasSubstr("too many calls under way"));
  EXPECT_EQ(message["result"]["_meta"]["grpc-mcp-bridge/status"]["retryable"], true);
  EXPECT_EQ(echo->received().size(), before + 1);
}

// Models send the JSON text of an object where the object has to be.
TEST(Call, AStringWithTheArgumentsIsReadAsThem) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"echo=" + echo->target()});
  const json message = bridge.Call("Echo_Say", json(R"({"text":"x"})"));
  EXPECT_EQ(message["result"]["structuredContent"]["text"], "x");
  EXPECT_THAT(Fetch(bridge.admin_port(), "GET", "/metrics").body,
              HasSubstr("\nmcp_bridge_arguments_repaired_total 1\n"));
  EXPECT_EQ(bridge.Call("Echo_Say", json("{]"))["error"]["message"],
            "params.arguments must be an object");
}

TEST(Call, WithoutArgumentRepairAStringStaysOne) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"--no-argument-repair", "echo=" + echo->target()});
  EXPECT_EQ(bridge.Call("Echo_Say", json(R"({"text":"x"})"))["error"]["message"],
            "params.arguments must be an object");
}

// peers.md 4.5, 8.
TEST(PeersAcceptance, No8_AnUnknownFieldNamesTheNearestAndNothingIsSent) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"echo=" + echo->target()});
  const size_t before = echo->received().size();
  const json message = bridge.Call("Echo_Say", {{"txet", "x"}});
  EXPECT_TRUE(message["result"]["isError"]);
  EXPECT_THAT(Text(message), HasSubstr("\"txet\""));
  EXPECT_THAT(Text(message), HasSubstr("\"text\""));
  EXPECT_EQ(echo->received().size(), before);
}

// peers.md 4.5, 16.
TEST(PeersAcceptance, No16_TraceHeadersAreOfTheRequestNotOfTheSession) {
  const auto echo = StartEcho();
  const BridgeProcess bridge({"echo=" + echo->target()});
  for (const bool traced : {true, false}) {
    const std::vector<std::string> headers =
        traced ? std::vector<std::string>{kTraceparent} : std::vector<std::string>();
    OpenRequest request(bridge.mcp_port(), ModernCall("Echo_Say", json::object(), headers));
    EXPECT_EQ(request.Read().status, 200);
    const std::string sent = echo->received().back().metadata.at("traceparent");
    EXPECT_EQ(sent.substr(3, 32) == kTraceId, traced) << sent;
  }
}

TEST(Drain, ACallUnderWayFinishesAndTheEndIsClean) {
  const auto echo = StartEcho();
  BridgeProcess bridge({"--call-timeout", "400ms", "echo=" + echo->target()});
  const size_t before = echo->received().size();
  OpenRequest request(bridge.mcp_port(), ModernCall("Echo_Hang", json::object()));
  ASSERT_EQ(echo->WaitForRequests(before + 1), before + 1);
  EXPECT_EQ(bridge.Stop(SIGTERM), 0);
  EXPECT_THAT(Text(request.Read().Json()), HasSubstr("DEADLINE_EXCEEDED"));
}

TEST(Drain, WhatTakesTooLongIsCancelled) {
  const auto echo = StartEcho();
  BridgeProcess bridge({"--drain-timeout", "0", "echo=" + echo->target()});
  const size_t before = echo->received().size();
  OpenRequest request(bridge.mcp_port(), ModernCall("Echo_Hang", json::object()));
  ASSERT_EQ(echo->WaitForRequests(before + 1), before + 1);
  EXPECT_EQ(bridge.Stop(SIGINT), 0);
  EXPECT_EQ(echo->WaitForCancels(1), 1);
}

}  // namespace
}  // namespace bridge::testing
