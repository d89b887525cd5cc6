// `grpc-mcp-bridge health` against a real admin address in every state.
#include "bridge/app/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <string>
#include <thread>

#include "bridge/app/admin_thread.h"
#include "bridge/telemetry/options.h"

namespace bridge::app {
namespace {

using boost::asio::ip::tcp;
using ::testing::EndsWith;
using ::testing::HasSubstr;

struct Said {
  int exit_code;
  std::string out;
  std::string err;
};

Said Ask(uint16_t port, bool ready) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int exit_code = CheckHealth({.admin = {"127.0.0.1", port}, .ready = ready});
  return {exit_code, ::testing::internal::GetCapturedStdout(),
          ::testing::internal::GetCapturedStderr()};
}

struct Row {
  const char* name;
  transport::AdminState state;
  int live;
  int ready;
  std::string text;  // part of what --ready prints, on stdout when well and else on stderr
};

TEST(Health, ItsExitCodeIsTheStateOfTheBridge) {
  const transport::UpstreamStatus up{.name = "a", .address = "a:1", .described = true};
  const transport::UpstreamStatus down{.name = "b", .address = "b:1", .problem = "refused"};
  const Row rows[] = {
      {"serving", {.serving = true, .upstreams = {up}}, 0, 0, "ok\nok   a a:1\n"},
      {"one upstream is enough", {.serving = true, .upstreams = {up, down}}, 0, 0, "down b b:1"},
      {"no upstream", {.serving = true, .upstreams = {down}}, 0, 1, "down b b:1: refused\n"},
      {"starting or draining", {.serving = false, .upstreams = {up}}, 0, 1, "503, not serving\n"},
      {"stuck", {.alive = false, .serving = true, .upstreams = {up}}, 1, 0, "ok   a"},
  };
  transport::AdminState state;
  telemetry::Tracer tracer{telemetry::TracerOptions()};
  const transport::OriginPolicy origins({}, {}, "127.0.0.1");
  AdminThread admin(origins, tracer, false, [&state] { return state; });
  ASSERT_TRUE(admin.Start("127.0.0.1", 0).ok());
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    state = row.state;
    const Said live = Ask(admin.port(), false);
    EXPECT_EQ(live.exit_code, row.live) << live.err;
    EXPECT_THAT(row.live == 0 ? live.out : live.err,
                HasSubstr(row.live == 0 ? "ok\n" : "/livez: 503, a thread"));
    const Said ready = Ask(admin.port(), true);
    EXPECT_EQ(ready.exit_code, row.ready) << ready.err;
    EXPECT_THAT(row.ready == 0 ? ready.out : ready.err, HasSubstr(row.text));
  }
}

TEST(Health, NobodyListensThere) {
  boost::asio::io_context io;
  uint16_t port = 0;
  {
    const tcp::acceptor taken(io, tcp::endpoint(tcp::v4(), 0));
    port = taken.local_endpoint().port();
  }
  const Said said = Ask(port, false);
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, HasSubstr("127.0.0.1:" + std::to_string(port) + "/livez: Connection ref"));
}

// What accepts and says `text`, or nothing for ever.
TEST(Health, WhatAnswersIsNoBridge) {
  for (const auto& [text, problem] : {std::pair{"SSH-2.0-x\r\n", "no answer in HTTP\n"},
                                      {"HTTP/1.1 200 OK\r\n", "no answer in HTTP\n"},
                                      {"", "Connection timed out\n"}}) {
    boost::asio::io_context io;
    tcp::acceptor acceptor(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    std::optional<tcp::socket> silent;
    std::thread peer([&acceptor, &silent, text = std::string(text)] {
      tcp::socket socket = acceptor.accept();
      std::string request;  // read, as closing with bytes unread would reset the connection
      boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n");
      boost::asio::write(socket, boost::asio::buffer(text));
      if (text.empty()) silent = std::move(socket);
    });
    const Said said = Ask(acceptor.local_endpoint().port(), false);
    peer.join();
    EXPECT_EQ(said.exit_code, 1);
    EXPECT_THAT(said.err, EndsWith(problem));
  }
}

}  // namespace
}  // namespace bridge::app
