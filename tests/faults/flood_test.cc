// One client that does all it can to keep the bridge busy, and others beside it.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <memory>
#include <thread>

#include "tests/faults/tool_error.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

int ConnectTo(int port, const char* from = "127.0.0.1") {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, from, &address.sin_addr);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return fd;
}

// Pipelines one request over and over, as fast as it is taken, until it is destroyed.
class Flood final {
 public:
  Flood(int port, const std::string& request) : socket_(ConnectTo(port)) {
    for (int i = 0; i < 500; ++i) block_ += request;
    sender_ = std::thread([this] {
      while (send(socket_, block_.data(), block_.size(), MSG_NOSIGNAL) > 0) continue;
    });
    reader_ = std::thread([this] {
      std::string buffer(1 << 20, '\0');
      for (ssize_t got; (got = recv(socket_, buffer.data(), buffer.size(), 0)) > 0;) {
        received_ += static_cast<size_t>(got);
      }
    });
  }
  ~Flood() {
    shutdown(socket_, SHUT_RDWR);
    sender_.join();
    reader_.join();
    close(socket_);
  }
  size_t received() const { return received_; }

 private:
  const int socket_;
  std::string block_;
  std::atomic<size_t> received_{0};
  std::thread sender_;
  std::thread reader_;
};

std::unique_ptr<GenericServer> StartEcho() {
  return std::unique_ptr<GenericServer>(StartDescribedServer(
      {TextService("Echo", {"Say", "Wait"})}, [](const Received& call) -> Answer {
        return {.response = call.request,
                .delay = milliseconds(call.path.ends_with("/Wait") ? 5 : 0)};
      }));
}

const std::string kPing =
    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: nothing\r\nContent-Length: 2\r\n\r\n{}";

// The flood ends only when the calls are answered: so they are answered while it lasts. How long
// that took is printed, not judged: the machine may be busy.
TEST(A1Flood, OthersAreServedWhileItLasts) {
  const auto server = StartEcho();
  const BridgeProcess bridge({"--call-timeout", "20s", "up=" + server->target()});
  ExpectRecovery(bridge, "Echo_Say", seconds(30));  // its upstream is connected
  for (const std::string& request :
       {std::string("GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), kPing}) {
    Flood flood(bridge.mcp_port(), request);
    ASSERT_TRUE(Becomes(seconds(20), [&] { return flood.received() > 100'000; }));
    std::vector<milliseconds> took;
    for (int i = 0; i < 40; ++i) {
      const size_t before = flood.received();
      const Outcome outcome = CallTool(bridge, i % 2 == 0 ? "Echo_Say" : "Echo_Wait");
      ASSERT_EQ(outcome.status, "OK") << outcome.text;
      took.push_back(outcome.took);
      EXPECT_EQ(Fetch(bridge.admin_port(), "GET", "/livez").status, 200);
      ASSERT_TRUE(Becomes(seconds(20), [&] { return flood.received() > before; }));
    }
    std::nth_element(took.begin(), took.begin() + 20, took.end());
    std::cout << "median of a call under the flood: " << took[20].count() << " ms\n";
  }
}

// A deadline holds under the flood: the call that hangs is answered while it lasts.
TEST(A1Flood, ADeadlineHoldsWhileItLasts) {
  const std::unique_ptr<GenericServer> server(StartDescribedServer(
      {TextService("Echo", {"Hang"})}, [](const Received&) { return Answer{.hang = true}; }));
  const BridgeProcess bridge({"--call-timeout", "500ms", "up=" + server->target()});
  const Flood flood(bridge.mcp_port(), "GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(Becomes(seconds(20), [&] { return flood.received() > 100'000; }));
  const Outcome outcome = CallTool(bridge, "Echo_Hang");
  EXPECT_EQ(outcome.status, "DEADLINE_EXCEEDED") << outcome.text;
}

// One address has its share: what it opens beyond is refused, and other addresses are served.
TEST(A7Hoard, OneAddressDoesNotTakeAllConnections) {
  const auto server = StartEcho();
  const BridgeProcess bridge({"--connections-per-address", "100", "up=" + server->target()});
  std::vector<int> idle;
  for (int i = 0; i < 300; ++i) idle.push_back(ConnectTo(bridge.mcp_port(), "127.0.0.9"));
  const std::string call = ModernCall("Echo_Say", {{"text", "x"}});
  for (const char* from : {"127.0.0.1", "127.0.0.2", "127.0.0.8"}) {
    const int fd = ConnectTo(bridge.mcp_port(), from);
    ASSERT_EQ(send(fd, call.data(), call.size(), MSG_NOSIGNAL), static_cast<ssize_t>(call.size()));
    char answer[13] = {};
    EXPECT_EQ(recv(fd, answer, 12, MSG_WAITALL), 12);
    EXPECT_STREQ(answer, "HTTP/1.1 200") << from;
    close(fd);
  }
  char refusal[13] = {};
  EXPECT_EQ(recv(idle[120], refusal, 12, MSG_WAITALL), 12);
  EXPECT_STREQ(refusal, "HTTP/1.1 503");
  for (const int fd : idle) close(fd);
}

// A client that sends a large call, or more behind it, and closes: the upstream call is cancelled.
TEST(A9Vanished, TheUpstreamCallIsCancelledAtEverySize) {
  const std::unique_ptr<GenericServer> server(StartDescribedServer(
      {TextService("Echo", {"Hang"})}, [](const Received&) { return Answer{.hang = true}; }));
  const BridgeProcess bridge({"--call-timeout", "60s", "up=" + server->target()});
  size_t requests = server->received().size();
  int cancels = 0;
  for (const size_t text : {10u, 16'000u, 19'000u, 25'000u, 200'000u, 3'000'000u}) {
    for (const size_t behind : {0u, 20u << 10, 1u << 20}) {
      const std::string bytes =
          ModernCall("Echo_Hang", {{"text", std::string(text, 'x')}}) + std::string(behind, 'x');
      const int fd = ConnectTo(bridge.mcp_port());
      for (size_t sent = 0; sent < bytes.size();) {
        const ssize_t now = send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        ASSERT_GT(now, 0) << text << " " << behind;
        sent += static_cast<size_t>(now);
      }
      ASSERT_EQ(server->WaitForRequests(requests + 1), requests + 1) << text << " " << behind;
      ++requests;
      EXPECT_EQ(server->WaitForCancels(cancels), cancels);
      close(fd);
      EXPECT_EQ(server->WaitForCancels(cancels + 1), cancels + 1) << text << " " << behind;
      ++cancels;
    }
  }
}

}  // namespace
}  // namespace bridge::testing
