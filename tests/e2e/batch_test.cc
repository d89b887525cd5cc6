// What one batch may cost.
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "tests/support/bridge_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;

TEST(Batch, AnswersThatAreTooLargeTogetherBecomeErrors) {
  constexpr int kCalls = 30;
  const std::unique_ptr<GenericServer> server(StartDescribedServer(
      {TextService("Book", {"Read"})},
      [](const Received&) { return Answer{.response = EncodeText(std::string(3 << 20, 'x'))}; }));
  const BridgeProcess bridge({"book=" + server->target()});
  std::vector<std::string> headers = {"Content-Type: application/json",
                                      "Accept: application/json, text/event-stream"};
  const HttpAnswer hello = Fetch(
      bridge.mcp_port(), "POST", "/mcp", headers,
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})");
  headers.push_back("Mcp-Session-Id: " + hello.headers.at("mcp-session-id"));
  json batch = json::array();
  for (int id = 0; id < kCalls; ++id) {
    batch.push_back({{"jsonrpc", "2.0"},
                     {"id", id},
                     {"method", "tools/call"},
                     {"params", {{"name", "Book_Read"}}}});
  }
  const HttpAnswer answer = Fetch(bridge.mcp_port(), "POST", "/mcp", headers, batch.dump());
  EXPECT_EQ(answer.status, 200);
  EXPECT_LT(answer.body.size(), 40u << 20);
  std::set<int> answered;
  int errors = 0;
  for (const json& message : answer.Json()) {
    answered.insert(message["id"].get<int>());
    errors += message.contains("error") ? 1 : 0;
  }
  EXPECT_EQ(answered.size(), static_cast<size_t>(kCalls));
  EXPECT_GT(errors, 0);
  EXPECT_LT(errors, kCalls);
}

}  // namespace
}  // namespace bridge::testing
