// What the bridge knows of its upstreams, at start and as they change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <thread>

#include "tests/support/bridge_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

Answer Echo(const Received& call) {
  return {.response = call.request};
}

std::unique_ptr<GenericServer> Start(Files files, const std::string& address = "127.0.0.1:0") {
  return std::unique_ptr<GenericServer>(StartDescribedServer(std::move(files), Echo, address));
}

std::vector<std::string> ToolNames(const BridgeProcess& bridge) {
  std::vector<std::string> names;
  json params = json::object();
  while (true) {
    const json result = bridge.Modern("tools/list", params).Json()["result"];
    for (const json& tool : result["tools"]) names.push_back(tool["name"]);
    if (!result.contains("nextCursor")) return names;
    params["cursor"] = result["nextCursor"];
  }
}

// Asks until it is so, for at most 20 s.
bool Eventually(const std::function<bool()>& so) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    if (so()) return true;
    std::this_thread::yield();
  }
  return false;
}

std::vector<std::string> Many(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("Method" + std::to_string(i));
  return names;
}

TEST(Catalog, AThousandToolsComeInPagesOfOneStableOrder) {
  const auto server = Start({TextService("Wide", Many(1000))});
  const BridgeProcess bridge({"--page-size", "100", "wide=" + server->target()});
  EXPECT_EQ(bridge.tools(), 1000);
  const std::vector<std::string> names = ToolNames(bridge);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 1000u);
  EXPECT_EQ(names.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(ToolNames(bridge), names);
  EXPECT_EQ(bridge.Modern("tools/list").Json()["result"]["tools"].size(), 100u);
}

// peers.md 4.5, 13.
TEST(PeersAcceptance, No13_ToolsListIsTheSameBytesEachTime) {
  const auto server = Start({TextService("B", {"Two", "One"}), TextService("A", {"Three"})});
  const BridgeProcess bridge({"up=" + server->target()});
  const BridgeProcess replica({"up=" + server->target()});
  const std::string body = bridge.Modern("tools/list").body;
  EXPECT_EQ(bridge.Modern("tools/list").body, body);
  EXPECT_EQ(replica.Modern("tools/list").body, body);
  EXPECT_EQ(ToolNames(bridge), (std::vector<std::string>{"A_Three", "B_One", "B_Two"}));
}

TEST(Catalog, ABadCursorIsRefusedAndOneOfAReplicaIsNot) {
  const auto server = Start({TextService("Wide", Many(150))});
  const BridgeProcess bridge({"--page-size", "100", "up=" + server->target()});
  const BridgeProcess replica({"--page-size", "100", "up=" + server->target()});
  const json page = bridge.Modern("tools/list").Json()["result"];
  const json next = replica.Modern("tools/list", {{"cursor", page["nextCursor"]}}).Json()["result"];
  EXPECT_EQ(next["tools"].size(), 50u);
  EXPECT_FALSE(next.contains("nextCursor"));
  for (const json& cursor : {json(""), json("x"), json(7), json("0.0000000000000000.1")}) {
    const HttpAnswer answer = bridge.Modern("tools/list", {{"cursor", cursor}});
    EXPECT_EQ(answer.status, 200) << cursor;
    EXPECT_EQ(answer.Json()["error"]["code"], -32602) << cursor;
  }
}

TEST(Discovery, AnUpstreamThatIsDownIsReportedAndTheOthersWork) {
  std::string down;
  {
    down = Start({})->target();
  }
  const auto server = Start({TextService("Echo", {"Say"})});
  const BridgeProcess bridge({"up=" + server->target(), "down=" + down});
  EXPECT_EQ(bridge.tools(), 1);
  EXPECT_EQ(bridge.Call("Echo_Say", {{"text", "x"}})["result"]["structuredContent"]["text"], "x");
  const HttpAnswer ready = Fetch(bridge.admin_port(), "GET", "/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_THAT(ready.body, HasSubstr("ok   up "));
  EXPECT_THAT(ready.body, HasSubstr("down down " + down));
}

TEST(Discovery, ToolsAppearWhenTheirUpstreamComesUp) {
  std::string address;
  {
    address = Start({})->target();
  }
  const BridgeProcess bridge({"late=" + address});
  EXPECT_EQ(bridge.tools(), 0);
  EXPECT_EQ(Fetch(bridge.admin_port(), "GET", "/readyz").status, 503);
  const auto server = Start({TextService("Late", {"Say"})}, address);
  EXPECT_TRUE(Eventually([&] { return ToolNames(bridge).size() == 1; }));
  EXPECT_EQ(Fetch(bridge.admin_port(), "GET", "/readyz").status, 200);
  EXPECT_TRUE(Eventually([&] {
    const json message = bridge.Call("Late_Say", {{"text", "x"}});
    return message["result"]["structuredContent"]["text"] == "x";
  }));
}

// peers.md 4.5, 18.
TEST(PeersAcceptance, No18_AFailedReloadKeepsTheOldTools) {
  auto server = Start({TextService("Echo", {"Say"})});
  const std::string address = server->target();
  const BridgeProcess bridge({"--refresh", "1", "echo=" + address});
  EXPECT_EQ(bridge.tools(), 1);
  server.reset();
  EXPECT_TRUE(Eventually([&] {
    return Fetch(bridge.admin_port(), "GET", "/readyz").body.find("failed") != std::string::npos;
  }));
  EXPECT_EQ(ToolNames(bridge), (std::vector<std::string>{"Echo_Say"}));
  server = Start({TextService("Echo", {"Say", "Sing"})}, address);
  EXPECT_TRUE(Eventually([&] { return ToolNames(bridge).size() == 2; }));
}

TEST(Discovery, ABrokenServiceIsLeftOutAndItsNeighboursWork) {
  auto broken = TextService("Broken", {"Say"});
  broken.mutable_service(0)->mutable_method(0)->set_input_type(".t.Nowhere");
  const auto server = Start({TextService("Good", {"Say"}), broken});
  const BridgeProcess bridge({"up=" + server->target()});
  EXPECT_EQ(ToolNames(bridge), (std::vector<std::string>{"Good_Say"}));
}

// The same service behind two upstreams, as with google.longrunning.Operations.
TEST(Catalog, OneServiceOfTwoUpstreamsIsToldApartByTheirNames) {
  const auto one = Start({TextService("Jobs", {"Get"})});
  const auto two = Start({TextService("Jobs", {"Get"})});
  const BridgeProcess bridge({"one=" + one->target(), "two=" + two->target()});
  EXPECT_EQ(ToolNames(bridge), (std::vector<std::string>{"one_Jobs_Get", "two_Jobs_Get"}));
  const size_t before = one->received().size();
  bridge.Call("one_Jobs_Get", json::object());
  EXPECT_EQ(one->received().size(), before + 1);
}

// How often the server was asked what it offers: list_services is field 7 of a request.
long Questions(const GenericServer& server) {
  const std::vector<Received> received = server.received();
  return std::count_if(received.begin(), received.end(), [](const Received& call) {
    return call.path.find("ServerReflection") != std::string::npos &&
           call.request.starts_with('\x3a');
  });
}

// The bridge looks itself, once, so that a model need not list the tools again and again.
TEST(B30Unimplemented, TheUpstreamIsAskedOnceMore) {
  const std::unique_ptr<GenericServer> server(
      StartDescribedServer({TextService("Echo", {"Say", "Gone"})}, [](const Received& call) {
        if (!call.path.ends_with("/Gone")) return Echo(call);
        return Answer{.status = {::grpc::StatusCode::UNIMPLEMENTED, "unknown method"}};
      }));
  const BridgeProcess bridge({"--refresh", "0", "echo=" + server->target()});
  EXPECT_EQ(bridge.Call("Echo_Say", {{"text", "x"}})["result"]["structuredContent"]["text"], "x");
  const long before = Questions(*server);
  EXPECT_GE(before, 1);
  const std::string text = bridge.Call("Echo_Gone", json::object())["result"]["content"][0]["text"];
  EXPECT_THAT(text, HasSubstr("UNIMPLEMENTED: This cannot be called on this service"));
  EXPECT_TRUE(Eventually([&] { return Questions(*server) == before + 1; }));
  for (int i = 0; i < 20; ++i) bridge.Call("Echo_Gone", json::object());
  EXPECT_EQ(Questions(*server), before + 1);
}

}  // namespace
}  // namespace bridge::testing
