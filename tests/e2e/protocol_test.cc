// Sessions, lists and forms of requests, on the real process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <thread>

#include "tests/support/bridge_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::vector<std::string> kHeaders = {"Content-Type: application/json",
                                           "Accept: application/json, text/event-stream"};

std::unique_ptr<GenericServer> StartEcho() {
  return std::unique_ptr<GenericServer>(
      StartDescribedServer({TextService("Echo", {"Say", "Hang"})}, [](const Received& call) {
        return Answer{.response = call.request, .hang = call.path.ends_with("/Hang")};
      }));
}

// The headers of a new session of `version`.
std::vector<std::string> Open(int port, const std::string& version = "2025-11-25") {
  const json params = {{"protocolVersion", version},
                       {"capabilities", json::object()},
                       {"clientInfo", {{"name", "t"}, {"version", "1"}}}};
  const json message = {
      {"jsonrpc", "2.0"}, {"id", 0}, {"method", "initialize"}, {"params", params}};
  const HttpAnswer answer = Fetch(port, "POST", "/mcp", kHeaders, message.dump());
  EXPECT_EQ(answer.status, 200) << answer.body;
  std::vector<std::string> headers = kHeaders;
  headers.push_back("Mcp-Session-Id: " + answer.headers.at("mcp-session-id"));
  return headers;
}

HttpAnswer Ask(int port, const std::vector<std::string>& headers, const std::string& method,
               const std::string& params, const std::string& id = "1") {
  return Fetch(port, "POST", "/mcp", headers,
               R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" +
                   params + "}");
}

std::string Text(const json& message) {
  return message["result"]["content"][0]["text"];
}

TEST(A8Delete, OneProcessKnowsAtOnceWhicheverReactorIsAsked) {
  const auto server = StartEcho();
  const BridgeProcess bridge({"--reactors", "3", "echo=" + server->target()});
  for (int round = 0; round < 10; ++round) {
    const auto session = Open(bridge.mcp_port());
    // Each on a connection of its own, which the kernel gives to any reactor.
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(Ask(bridge.mcp_port(), session, "ping", "null").status, 200);
    }
    EXPECT_EQ(Fetch(bridge.mcp_port(), "DELETE", "/mcp", session).status, 204);
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(Ask(bridge.mcp_port(), session, "ping", "null").status, 404);
    }
  }
}

TEST(B15Null, IsAsIfAbsentInBothEras) {
  const auto server = StartEcho();
  const BridgeProcess bridge({"echo=" + server->target()});
  for (const char* version : {"2025-11-25", "2025-06-18", "2025-03-26"}) {
    const auto session = Open(bridge.mcp_port(), version);
    const json called = Ask(bridge.mcp_port(), session, "tools/call",
                            R"({"name":"Echo_Say","arguments":null,"_meta":null})")
                            .Json();
    EXPECT_EQ(Text(called), R"({"text":""})") << called;
    for (const char* params : {"null", R"({"cursor":null})", R"({"cursor":null,"_meta":null})"}) {
      const json list = Ask(bridge.mcp_port(), session, "tools/list", params).Json();
      EXPECT_EQ(list["result"]["tools"].size(), 2u) << params << list;
    }
  }
  EXPECT_EQ(bridge.Call("Echo_Say", nullptr)["result"]["structuredContent"], (json{{"text", ""}}));
  EXPECT_EQ(bridge.Modern("tools/list", {{"cursor", nullptr}}).Json()["result"]["tools"].size(),
            2u);
}

TEST(B20Batch, AnElementJoinsTheTraceOfItsMeta) {
  const auto server = StartEcho();
  const BridgeProcess bridge({"echo=" + server->target()});
  const auto session = Open(bridge.mcp_port(), "2025-03-26");
  const std::string traceparent = "00-" + std::string(kTrace) + "-00f067aa0ba902b7-01";
  const json call = {{"jsonrpc", "2.0"},
                     {"id", 1},
                     {"method", "tools/call"},
                     {"params", {{"name", "Echo_Say"}, {"_meta", {{"traceparent", traceparent}}}}}};
  json other = call;
  other["id"] = 2;
  other["params"].erase("_meta");
  const HttpAnswer answer =
      Fetch(bridge.mcp_port(), "POST", "/mcp", session, json::array({call, other}).dump());
  EXPECT_EQ(answer.Json().size(), 2u) << answer.body;
  int of_trace = 0;
  for (const Received& received : server->received()) {
    if (!received.path.ends_with("/Say")) continue;
    of_trace += received.metadata.at("traceparent").find(kTrace) != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(of_trace, 1);
}

TEST(B20Cancel, MatchesTheIdByValue) {
  const auto server = StartEcho();
  const BridgeProcess bridge({"--reactors", "2", "echo=" + server->target()});
  const struct {
    const char *id, *cancels;
  } rows[] = {{R"("abc")", R"("\u0061bc")"}, {R"("a\/b")", R"("a/b")"}, {"7", "7.0"}, {"0", "-0"}};
  int cancelled = 0;
  size_t calls = server->received().size();
  for (const auto& row : rows) {
    const auto session = Open(bridge.mcp_port());
    std::thread caller([&] {
      const HttpAnswer answer =
          Ask(bridge.mcp_port(), session, "tools/call", R"({"name":"Echo_Hang"})", row.id);
      EXPECT_EQ(answer.Json()["result"]["isError"], true) << answer.body;
    });
    server->WaitForRequests(++calls);
    const auto cancel = [&](const std::string& id) {
      return Fetch(bridge.mcp_port(), "POST", "/mcp", session,
                   R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" +
                       id + "}}")
          .status;
    };
    for (const std::string& other : {std::string(R"("x")"), std::string("null"), std::string("8"),
                                     std::string("{}"), "\"" + std::string(100'000, 'a') + "\""}) {
      EXPECT_EQ(cancel(other), 202);
    }
    EXPECT_EQ(cancel(row.cancels), 202);
    caller.join();
    EXPECT_EQ(server->WaitForCancels(++cancelled), cancelled);
  }
}

TEST(B27OnePage, HoldsAllToolsInEveryRevision) {
  std::vector<std::string> methods;
  for (int i = 0; i < 500; ++i) methods.push_back("M" + std::to_string(i));
  const std::unique_ptr<GenericServer> server(StartDescribedServer(
      {TextService("Wide", methods)}, [](const Received&) { return Answer{}; }));
  const BridgeProcess bridge({"up=" + server->target()});
  const json modern = bridge.Modern("tools/list").Json()["result"];
  EXPECT_EQ(modern["tools"].size(), 500u);
  EXPECT_FALSE(modern.contains("nextCursor"));
  EXPECT_EQ(modern["resultType"], "complete");
  EXPECT_EQ(modern["ttlMs"], 0);
  EXPECT_TRUE(modern["_meta"].contains("io.modelcontextprotocol/serverInfo"));
  for (const char* version : {"2025-11-25", "2025-06-18", "2025-03-26"}) {
    const auto session = Open(bridge.mcp_port(), version);
    const json list = Ask(bridge.mcp_port(), session, "tools/list", "{}").Json()["result"];
    EXPECT_EQ(list.size(), 1u) << version;  // no member but "tools"
    EXPECT_EQ(list["tools"].size(), 500u) << version;
    EXPECT_EQ(list["tools"][0].contains("outputSchema"), std::string(version) != "2025-03-26");
  }
  const BridgeProcess paged({"--page-size", "200", "up=" + server->target()});
  const json page = paged.Modern("tools/list").Json()["result"];
  EXPECT_EQ(page["tools"].size(), 200u);
  EXPECT_TRUE(page["nextCursor"].is_string());
}

TEST(B40Arguments, ThatDoNotFitAreAResultWithTheSameWordsInEveryRevision) {
  const auto server = StartEcho();
  const BridgeProcess bridge({"echo=" + server->target()});
  const struct {
    const char *arguments, *words;
  } rows[] = {
      {R"({"txt":"x"})",
       "Invalid arguments at $: unknown field \"txt\"; did you mean \"text\"? Nothing was sent to "
       "the service; fix this and call again."},
      {R"({"text":{}})", "Nothing was sent to the service; fix this and call again."},
      {R"({"a":1,"text":[]})", "Nothing was sent to the service; fix these and call again."},
  };
  for (const auto& row : rows) {
    const json modern = bridge.Call("Echo_Say", json::parse(row.arguments));
    EXPECT_THAT(Text(modern), HasSubstr(row.words));
    for (const char* version : {"2025-11-25", "2025-06-18", "2025-03-26"}) {
      const json legacy =
          Ask(bridge.mcp_port(), Open(bridge.mcp_port(), version), "tools/call",
              R"({"name":"Echo_Say","arguments":)" + std::string(row.arguments) + "}")
              .Json();
      EXPECT_EQ(legacy["result"]["isError"], true) << version << legacy;
      EXPECT_EQ(Text(legacy), Text(modern)) << version;
    }
  }
  // What is no call of a tool stays an error of the protocol.
  const auto session = Open(bridge.mcp_port(), "2025-06-18");
  for (const char* params : {R"({"name":"Echo_Sai"})", R"({"name":"Echo_Say","arguments":[]})",
                             R"({"arguments":{}})", R"({"name":"Echo_Say","arguments":7})"}) {
    const json refused = Ask(bridge.mcp_port(), session, "tools/call", params).Json();
    EXPECT_EQ(refused["error"]["code"], -32602) << params;
  }
}

TEST(Repairs, ShowInTheMetrics) {
  const auto server = StartEcho();
  const BridgeProcess bridge({"--reactors", "2", "echo=" + server->target()});
  const auto metrics = [&] { return Fetch(bridge.admin_port(), "GET", "/metrics").body; };
  EXPECT_THAT(metrics(), HasSubstr("\nmcp_bridge_arguments_repaired_total 0\n"));
  bridge.Call("Echo_Say", {{"text", "as it should be"}});
  EXPECT_THAT(metrics(), HasSubstr("\nmcp_bridge_arguments_repaired_total 0\n"));
  for (int i = 0; i < 3; ++i) bridge.Call("Echo_Say", R"({"text":"quoted"})");
  EXPECT_THAT(metrics(), HasSubstr("\nmcp_bridge_arguments_repaired_total 3\n"));
}

// A file with a key of 32 times `byte`.
std::string KeyFile(char byte, mode_t mode) {
  const std::string path = ::testing::TempDir() + "key-" + std::to_string(getpid()) + byte;
  std::ofstream(path, std::ios::trunc) << std::string(32, byte);
  EXPECT_EQ(chmod(path.c_str(), mode), 0);
  return path;
}

TEST(SessionKeyRotation, AReplicaWithTheOldKeyBesideTheNewUnderstandsBoth) {
  const auto server = StartEcho();
  const std::string target = "echo=" + server->target();
  const std::string old_key = KeyFile('o', 0600);
  const std::string new_key = KeyFile('n', 0440);
  const BridgeProcess before({"--session-key-file", old_key, target});
  const BridgeProcess turned(
      {"--session-key-file", new_key, "--session-key-file", old_key, target});
  const BridgeProcess after({"--session-key-file", new_key, target});
  const auto status = [](const BridgeProcess& bridge, const std::vector<std::string>& session) {
    return Ask(bridge.mcp_port(), session, "ping", "{}").status;
  };
  const auto old_session = Open(before.mcp_port());
  const auto new_session = Open(turned.mcp_port());
  EXPECT_EQ(status(turned, old_session), 200);
  EXPECT_EQ(status(after, old_session), 404);
  EXPECT_EQ(status(before, new_session), 404);
  EXPECT_EQ(status(after, new_session), 200);
}

}  // namespace
}  // namespace bridge::testing
