// What crosses threads: several reactors behind one port. The kernel spreads connections over them,
// so that with sixteen connections each, no reactor is without some (but once in 32,768).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include "tests/support/bridge_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr int kConnections = 16;

Answer Methods(const Received& call) {
  if (call.path.ends_with("/Hang")) return {.hang = true};
  return {.response = call.request,
          .delay = std::chrono::milliseconds(call.path.ends_with("/Wait") ? 1'000 : 0)};
}

std::unique_ptr<GenericServer> Start(const std::vector<std::string>& methods,
                                     const std::string& address = "127.0.0.1:0") {
  return std::unique_ptr<GenericServer>(
      StartDescribedServer({TextService("Echo", methods)}, Methods, address));
}

bool Eventually(const std::function<bool()>& so) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    if (so()) return true;
    std::this_thread::yield();
  }
  return false;
}

// A legacy client whose every request comes over a connection of its own.
class Session final {
 public:
  explicit Session(int port) : port_(port) {
    const HttpAnswer hello = Fetch(
        port_, "POST", "/mcp", headers_,
        R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})");
    headers_.push_back("Mcp-Session-Id: " + hello.headers.at("mcp-session-id"));
  }

  HttpAnswer Send(const std::string& body) const {
    return Fetch(port_, "POST", "/mcp", headers_, body);
  }
  int Ping() const { return Send(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status; }
  int Delete() const { return Fetch(port_, "DELETE", "/mcp", headers_).status; }
  std::unique_ptr<OpenRequest> Call(const std::string& tool, const std::string& id) const {
    const std::string body = R"({"jsonrpc":"2.0","id":)" + id +
                             R"(,"method":"tools/call","params":{"name":")" + tool + "\"}}";
    std::string text = "POST /mcp HTTP/1.1\r\nHost: localhost\r\n";
    for (const std::string& header : headers_) text += header + "\r\n";
    return std::make_unique<OpenRequest>(
        port_, text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

 private:
  const int port_;
  std::vector<std::string> headers_ = {"Content-Type: application/json",
                                       "Accept: application/json, text/event-stream"};
};

TEST(Reactors, ACancelReachesTheCallOnWhicheverReactorItRuns) {
  const auto echo = Start({"Hang"});
  const BridgeProcess bridge({"--reactors", "2", "echo=" + echo->target()});
  const Session session(bridge.mcp_port());
  const Session stranger(bridge.mcp_port());
  const size_t before = echo->received().size();
  std::vector<std::unique_ptr<OpenRequest>> calls;
  for (int id = 0; id < kConnections; ++id) {
    calls.push_back(session.Call("Echo_Hang", std::to_string(id)));
  }
  ASSERT_EQ(echo->WaitForRequests(before + kConnections), before + kConnections);
  const auto cancel = [](int id) {
    return R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" +
           std::to_string(id) + "}}";
  };
  // Those of another session, and of ids that are none, cancel nothing.
  for (int id = 0; id < kConnections; ++id) {
    EXPECT_EQ(stranger.Send(cancel(id)).status, 202);
    EXPECT_EQ(session.Send(cancel(id + 100)).status, 202);
  }
  EXPECT_EQ(echo->WaitForCancels(0), 0);
  for (int id = 0; id < kConnections; ++id) {
    EXPECT_EQ(session.Send(cancel(id)).status, 202);
    EXPECT_EQ(echo->WaitForCancels(id + 1), id + 1);
    const json answer = calls[static_cast<size_t>(id)]->Read().Json();
    EXPECT_EQ(answer["id"], id);
    EXPECT_THAT(answer["result"]["content"][0]["text"].get<std::string>(), HasSubstr("CANCELLED"));
  }
}

TEST(Reactors, ADeletedSessionEndsOnAllReactors) {
  const auto echo = Start({"Say"});
  const BridgeProcess bridge({"--reactors", "2", "echo=" + echo->target()});
  const Session session(bridge.mcp_port());
  const Session other(bridge.mcp_port());
  for (int i = 0; i < kConnections; ++i) EXPECT_EQ(session.Ping(), 200);
  EXPECT_EQ(session.Delete(), 204);
  for (int i = 0; i < kConnections; ++i) {
    EXPECT_TRUE(Eventually([&] { return session.Ping() == 404; }));
  }
  for (int i = 0; i < kConnections; ++i) {
    EXPECT_EQ(session.Ping(), 404);
    EXPECT_EQ(other.Ping(), 200);
  }
}

TEST(Reactors, ANewCatalogReachesAll) {
  auto echo = Start({"Say", "Sleep"});
  const BridgeProcess bridge({"--reactors", "2", "--refresh", "1", "echo=" + echo->target()});
  for (int i = 0; i < kConnections; ++i) {
    EXPECT_EQ(bridge.Modern("tools/list").Json()["result"]["tools"].size(), 2u);
  }
  const std::string address = echo->target();
  echo.reset();
  echo = Start({"Say", "Sing"}, address);
  for (int i = 0; i < kConnections; ++i) {
    EXPECT_TRUE(Eventually([&] {
      const json tools = bridge.Modern("tools/list").Json()["result"]["tools"];
      return tools.size() == 2 && tools[1]["name"] == "Echo_Sing" && tools[0]["name"] == "Echo_Say";
    }));
  }
  for (int i = 0; i < kConnections; ++i) {
    EXPECT_EQ(bridge.Modern("tools/list").Json()["result"]["tools"][1]["name"], "Echo_Sing");
    EXPECT_EQ(bridge.Call("Echo_Sleep", json::object())["error"]["code"], -32602);
  }
}

TEST(Reactors, ADrainLetsCallsOfAllFinish) {
  const auto echo = Start({"Wait"});
  BridgeProcess bridge({"--reactors", "2", "echo=" + echo->target()});
  const size_t before = echo->received().size();
  std::vector<std::unique_ptr<OpenRequest>> calls;
  for (int i = 0; i < kConnections; ++i) {
    calls.push_back(std::make_unique<OpenRequest>(
        bridge.mcp_port(), ModernCall("Echo_Wait", {{"text", std::to_string(i)}})));
  }
  ASSERT_EQ(echo->WaitForRequests(before + kConnections), before + kConnections);
  bridge.process().Signal(SIGTERM);
  for (int i = 0; i < kConnections; ++i) {
    const json answer = calls[static_cast<size_t>(i)]->Read().Json();
    EXPECT_EQ(answer["result"]["structuredContent"]["text"], std::to_string(i));
  }
  EXPECT_EQ(bridge.process().Wait(), 0);
}

}  // namespace
}  // namespace bridge::testing
