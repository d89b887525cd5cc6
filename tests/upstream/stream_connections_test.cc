// How streams share connections: no service allows any number of them on one.
#include <dirent.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/stream_server.h"
#include "tests/upstream/stream_fixture.h"

namespace bridge::upstream {
namespace {

using bridge::testing::Script;
using bridge::testing::Seen;
using bridge::testing::StreamServer;
using std::chrono::milliseconds;

// Of this process, whose servers are at the other end.
size_t ConnectionsTo(int port) {
  size_t count = 0;
  DIR* const folder = opendir("/proc/self/fd");
  while (const dirent* const entry = readdir(folder)) {
    sockaddr_in6 peer{};  // gRPC's sockets are of both kinds; the port is in the same place
    socklen_t size = sizeof(peer);
    if (getpeername(atoi(entry->d_name), reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        (peer.sin6_family == AF_INET6 || peer.sin6_family == AF_INET) &&
        ntohs(peer.sin6_port) == port) {
      ++count;
    }
  }
  closedir(folder);
  return count;
}

class StreamConnections : public StreamTest {
 protected:
  // Each gets its first message and stays.
  void Open(const StreamServer& server, size_t count) {
    if (!channel_) {
      channel_ =
          std::make_unique<Channel>(*ParseTarget(server.target()), options_, loop_.completions());
    }
    for (size_t i = 0; i < count; ++i) {
      auto sink = std::make_unique<Collector>();
      sink->call = channel_->StartStream({.path = "/a.B/C"}, Shape::kServerStream, Encoded({"r"}),
                                         sink.get());
      Next(sink->call);
      sinks_.push_back(std::move(sink));
    }
  }
  // Until `count` streams have a message.
  void WaitForMessages(size_t count) {
    loop_.RunUntil([&] {
      size_t got = 0;
      for (const auto& sink : sinks_) got += sink->messages.empty() ? 0 : 1;
      return got >= count;
    });
  }
  void CancelAllFrom(size_t first) {
    for (size_t i = first; i < sinks_.size(); ++i) {
      if (sinks_[i]->dones == 0) Cancel(sinks_[i]->call);
    }
    loop_.RunUntil([&] {
      size_t ended = 0;
      for (size_t i = first; i < sinks_.size(); ++i) ended += sinks_[i]->dones > 0 ? 1 : 0;
      return ended == sinks_.size() - first;
    });
  }
  void WaitForConnections(const StreamServer& server, size_t count) {
    loop_.RunUntil([&] { return ConnectionsTo(server.port()) == count; });
  }

  std::vector<std::unique_ptr<Collector>> sinks_;
};

TEST_F(StreamConnections, EachHundredStreamsHaveOne) {
  StreamServer server({.messages = {"m"}, .hang = true, .streams = 100});
  Open(server, 100);
  WaitForMessages(100);
  EXPECT_EQ(ConnectionsTo(server.port()), 1u);
  Open(server, 150);
  WaitForMessages(250);
  EXPECT_EQ(ConnectionsTo(server.port()), 3u);
  CancelAllFrom(0);
  WaitForConnections(server, 1);
  Open(server, 100);  // on what is left
  WaitForMessages(350);
  EXPECT_EQ(ConnectionsTo(server.port()), 1u);
  CancelAllFrom(0);
}

// A service that allows fewer: what waits is told from what is merely silent.
TEST_F(StreamConnections, WhatTheServiceDoesNotTakeIsTold) {
  StreamServer server({.messages = {"m"}, .hang = true, .streams = 2});
  Open(server, 3);
  WaitForMessages(2);
  RunFor(milliseconds(50));
  // Any of them: they all waited for the connection.
  const auto waiting = std::find_if(sinks_.begin(), sinks_.end(),
                                    [](const auto& sink) { return sink->messages.empty(); });
  ASSERT_NE(waiting, sinks_.end());
  std::iter_swap(waiting, sinks_.begin() + 2);
  CancelAllFrom(2);
  EXPECT_TRUE(sinks_[2]->untaken);
  EXPECT_EQ(sinks_[2]->sent, 0u);
  CancelAllFrom(0);
  EXPECT_FALSE(sinks_[0]->untaken);
  EXPECT_FALSE(sinks_[1]->untaken);
}

TEST_F(StreamConnections, CallsOutliveTheirChannel) {
  StreamServer server({.messages = {"m"}});
  Open(server, 3);
  bool done = false;
  channel_->StartUnary({.path = "/a.B/C", .request = "r"}, [&](const CallResult&) { done = true; });
  channel_.reset();
  loop_.RunUntil(
      [&] { return done && sinks_[0]->dones > 0 && sinks_[1]->dones > 0 && sinks_[2]->dones > 0; });
  for (const auto& sink : sinks_) {
    EXPECT_EQ(sink->code, StatusCode::kOk);
    EXPECT_EQ(sink->messages, std::vector<std::string>({"m"}));
  }
  WaitForConnections(server, 0);
}

}  // namespace
}  // namespace bridge::upstream
