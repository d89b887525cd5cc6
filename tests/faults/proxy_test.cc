// A proxy that the environment names: nothing goes to it, unless it is asked for.
#include <gtest/gtest.h>

#include <atomic>

#include "tests/faults/raw_upstream.h"
#include "tests/faults/tool_error.h"
#include "tests/faults/upstream_process.h"

namespace bridge::testing {
namespace {

struct Proxy {
  std::atomic<int> connections{0};
  std::atomic<int> tunnels{0};  // asked for
  RawUpstream listener{0, [this](int socket) {
                         ++connections;
                         std::string word;
                         if (ReceiveExactly(socket, 8, &word) && word == "CONNECT ") ++tunnels;
                       }};
};

TEST(A13Proxy, IsIgnored) {
  Proxy proxy;
  UpstreamProcess upstream("Front", {"Say"});
  const std::string address = "http://user:secret@" + proxy.listener.target();
  BridgeProcess bridge({"front=" + upstream.target()},
                       {"http_proxy=" + address, "https_proxy=" + address, "grpc_proxy=" + address,
                        "all_proxy=" + address, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1"});
  EXPECT_EQ(CallTool(bridge, "Front_Say").status, "OK");
  EXPECT_EQ(bridge.Stop(SIGTERM), 0);
  EXPECT_EQ(proxy.connections, 0);
}

TEST(A13Proxy, IsUsedWhenAskedFor) {
  Proxy proxy;
  UpstreamProcess upstream("Front", {"Say"});
  BridgeProcess bridge({"--use-proxy", "front=" + upstream.target()},
                       {"http_proxy=http://" + proxy.listener.target()});
  EXPECT_TRUE(Becomes(std::chrono::seconds(20), [&] { return proxy.tunnels > 0; }));
}

}  // namespace
}  // namespace bridge::testing
