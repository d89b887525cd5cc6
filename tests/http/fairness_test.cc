// No client keeps a server from the others: neither by many requests nor by many connections.
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bridge/http/server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/loopback.h"

namespace bridge::http {
namespace {

using ::testing::HasSubstr;

constexpr size_t kMostPerTurn = 8;

// A server whose handlers run one at a time, when the test says so.
class Steps final {
 public:
  Steps() {
    auto server = Server::Listen(io_, "127.0.0.1", 0, {}, [this](const Request& r, Responder out) {
      paths.emplace_back(r.path);
      out.Send(Text(std::string(r.path)));
    });
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  uint16_t port() const { return server_->port(); }
  void Accept(size_t count) {
    while (server_->connections() < count) io_.run_one();
  }
  // Runs one handler, waiting for it; how many requests it handed over.
  size_t RunOne() {
    const size_t before = paths.size();
    io_.run_one();
    return paths.size() - before;
  }

  std::vector<std::string> paths;

 private:
  boost::asio::io_context io_{1};
  std::unique_ptr<Server> server_;
};

std::string Many(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += Get("/" + std::to_string(i));
  return text;
}

class A1Turns : public ::testing::TestWithParam<size_t> {};

// However many requests wait in one connection, each turn hands over eight; and all are answered,
// in order.
TEST_P(A1Turns, OneEventHandsOverFewRequests) {
  const size_t count = GetParam();
  Steps server;
  Client client(server.port());
  server.Accept(1);
  ASSERT_TRUE(client.Send(Many(count)));
  while (server.paths.size() < count) ASSERT_LE(server.RunOne(), kMostPerTurn);
  for (size_t i = 0; i < count; ++i) {
    const Reply reply = client.Read();
    ASSERT_EQ(reply.status, 200);
    ASSERT_EQ(reply.body, "/" + std::to_string(i));
  }
}

// The one request of another client, sent last, comes before the third turn of any of the others.
TEST_P(A1Turns, AnotherClientIsServedMeanwhile) {
  const size_t count = GetParam();
  constexpr size_t kFloods = 3;
  Steps server;
  std::vector<std::unique_ptr<Client>> floods;
  for (size_t i = 0; i < kFloods; ++i) floods.push_back(std::make_unique<Client>(server.port()));
  Client other(server.port());
  server.Accept(kFloods + 1);
  for (const auto& flood : floods) ASSERT_TRUE(flood->Send(Many(count)));
  ASSERT_TRUE(other.Send(Get("/other")));
  while (server.paths.empty() || server.paths.back() != "/other") server.RunOne();
  EXPECT_LE(server.paths.size(), 2 * kFloods * kMostPerTurn + 1);
  EXPECT_EQ(other.Read().body, "/other");
  while (server.paths.size() < kFloods * count + 1) ASSERT_LE(server.RunOne(), kMostPerTurn);
}

// 600 do not fit into the buffer at once.
INSTANTIATE_TEST_SUITE_P(Counts, A1Turns, ::testing::Values(1, 8, 9, 64, 350, 600));

// Of the eight, none is counted twice when requests are answered later.
TEST(A1Turns, RequestsAnsweredLaterKeepTheirOrder) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  constexpr size_t kCount = 40;
  client.Send(Many(kCount));
  for (size_t i = 0; i < kCount; ++i) {
    parking.Await(i + 1);
    server.Run([&](Server&) {
      EXPECT_EQ(parking.places.size(), i + 1);
      parking.places[i].responder.Send(Text(std::string(parking.places[i].request->path)));
    });
    EXPECT_EQ(client.Read().body, "/" + std::to_string(i));
  }
}

class A7Share : public ::testing::TestWithParam<const char*> {
 protected:
  static Limits Few() {
    Limits limits;
    limits.connections = 20;
    limits.connections_per_address = 3;
    return limits;
  }
  static void Echo(const Request& request, Responder responder) {
    responder.Send(Text(std::string(request.peer_address)));
  }
  static std::unique_ptr<Client> From(uint16_t port, const char* address) {
    return std::make_unique<Client>(port, 0, address);
  }
};

// One address has its share and no more, whatever the server listens on; others are served.
TEST_P(A7Share, OneAddressLeavesRoomForOthers) {
  ServerThread server(Echo, Few(), GetParam());
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(From(server.port(), "127.0.0.1"));
    EXPECT_EQ(idle.back()->Ask(Get("/")).body, "127.0.0.1");
  }
  for (int i = 0; i < 2; ++i) {
    Client refused(server.port());
    const Reply reply = refused.Read();
    EXPECT_EQ(reply.status, 503);
    EXPECT_THAT(reply.body, HasSubstr("your address has too many connections"));
    EXPECT_EQ(reply.Find("Retry-After"), "1");
    EXPECT_TRUE(refused.AtEnd());
  }
  for (const char* other : {"127.0.0.2", "127.0.0.3", "127.1.0.1", "127.0.0.2"}) {
    EXPECT_EQ(From(server.port(), other)->Ask(Get("/")).body, other);
  }
  // What it closes it may open again.
  idle.pop_back();
  while (server.connections() != 2) std::this_thread::yield();
  EXPECT_EQ(From(server.port(), "127.0.0.1")->Ask(Get("/")).status, 200);
}

INSTANTIATE_TEST_SUITE_P(Listening, A7Share, ::testing::Values("127.0.0.1", "0.0.0.0", "::"));

// The share is of what is open: any number may come and go.
TEST_F(A7Share, ClosedConnectionsDoNotCount) {
  ServerThread server(Echo, Few());
  for (int i = 0; i < 50; ++i) {
    {
      Client client(server.port());
      EXPECT_EQ(client.Ask(Get("/")).status, 200) << i;
    }
    while (server.connections() != 0) std::this_thread::yield();
  }
}

// Refused ones that do not close are few: further ones are reset, and others have room still.
TEST_F(A7Share, RefusedConnectionsTakeNoRoom) {
  ServerThread server(Echo, Few());
  std::vector<std::unique_ptr<Client>> hoard;
  for (int i = 0; i < 200; ++i) {
    hoard.push_back(From(server.port(), "127.0.0.1"));
    EXPECT_LE(server.connections(), 3u + 64u);
  }
  EXPECT_EQ(Limits().connections_per_address * 4, Limits().connections);
}

}  // namespace
}  // namespace bridge::http
