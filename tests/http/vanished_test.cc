// A peer that goes away while its request is worked on is noticed, however much it has sent.
#include <string>
#include <thread>
#include <vector>

#include "bridge/http/server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/loopback.h"

namespace bridge::http {
namespace {

constexpr size_t kBuffer = 20 * 1024;

struct Sent {
  const char* name;
  std::string bytes;
};

std::string Chunked(size_t bytes) {
  std::string text = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (size_t i = 0; i < bytes / 1000; ++i) text += "3e8\r\n" + std::string(1000, 'x') + "\r\n";
  return text + "0\r\n\r\n";
}

// A request whose last byte is the last one the buffer takes, and `more` behind it.
std::string Filling(size_t more) {
  const std::string head = Post("/mcp", "", "X: 11111\r\n");
  std::string text = Post("/mcp", std::string(kBuffer - head.size() - 4, 'x'), "X: 11111\r\n");
  EXPECT_EQ(text.size(), kBuffer);
  return text + std::string(more, 'x');
}

std::vector<Sent> AllSizes() {
  const std::string call = Post("/mcp", "{\"id\":1}");
  return {
      {"Small", call},
      {"Body19K", Post("/mcp", std::string(19 << 10, 'x'))},
      {"BodyFillsTheBuffer", Filling(0)},
      {"Body25K", Post("/mcp", std::string(25'000, 'x'))},
      {"Body100K", Post("/mcp", std::string(100'000, 'x'))},
      {"Body1M", Post("/mcp", std::string(1 << 20, 'x'))},
      {"Body4M", Post("/mcp", std::string(4 << 20, 'x'))},
      {"Chunked25K", Chunked(25'000)},
      {"Chunked1M", Chunked(1'000'000)},
      {"Behind16K", call + std::string(16 << 10, 'x')},
      {"Behind20K", call + std::string(20 << 10, 'x')},
      {"BehindAFullBuffer", Filling(1)},
      {"Behind64K", call + std::string(64 << 10, 'x')},
      {"Behind1M", call + std::string(1 << 20, 'x')},
      {"Behind10M", call + std::string(10 << 20, 'x')},
      {"Behind20KOfABody25K", Post("/mcp", std::string(25'000, 'x')) + std::string(20 << 10, 'x')},
      {"RequestsBehind", call + Post("/mcp", std::string(30'000, 'x')) + call},
  };
}

using Leave = void (*)(Client&);
class A9Vanished : public ::testing::TestWithParam<Sent> {};

TEST_P(A9Vanished, IsNoticed) {
  for (const Leave leave :
       {Leave([](Client& c) { c.Close(); }), Leave([](Client& c) { c.EndSending(); }),
        Leave([](Client& c) { c.Reset(); })}) {
    Parking parking;
    ServerThread server(parking.handler());
    Client client(server.port());
    client.Send(GetParam().bytes);
    parking.Await(1);
    server.Run([&](Server&) { EXPECT_FALSE(parking.places[0].gone); });
    leave(client);
    parking.AwaitGone(1);
    server.Run([&](Server& s) {
      EXPECT_EQ(s.connections(), 0u);
      EXPECT_EQ(parking.places.size(), 1u);
      EXPECT_EQ(parking.places[0].request->path, "/mcp");
    });
  }
}

TEST_P(A9Vanished, IsNoticedDuringAStream) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  client.Send(GetParam().bytes);
  parking.Await(1);
  server.Run([&](Server&) { parking.places[0].responder.StartStream(200, "text/plain", ""); });
  client.Close();
  parking.AwaitGone(1);
  server.Run([&](Server&) {
    EXPECT_EQ(parking.places[0].responder.Write("x"), Responder::Written::kGone);
  });
}

// One that stays gets its answer, whatever it has sent behind its request.
TEST_P(A9Vanished, WhoStaysIsAnswered) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  client.Send(GetParam().bytes);
  parking.Await(1);
  server.Run([&](Server&) {
    EXPECT_FALSE(parking.places[0].gone);
    parking.places[0].responder.Send(Text("answer"));
  });
  const Reply reply = client.Read();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "answer");
}

INSTANTIATE_TEST_SUITE_P(Sizes, A9Vanished, ::testing::ValuesIn(AllSizes()),
                         [](const auto& test) { return std::string(test.param.name); });

// What cannot be kept behind a request is said to be lost: the connection closes.
TEST(A9Behind, WhatIsDiscardedEndsTheConnection) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  std::string behind;
  for (int i = 0; i < 2000; ++i) behind += Get("/behind");
  client.Send(Get("/first") + behind);
  parking.Await(1);
  for (int i = 0; i < 100; ++i) server.connections();  // turns in which it reads
  server.Run([&](Server&) { parking.places[0].responder.Send(Text("first")); });
  const Reply reply = client.Read();
  EXPECT_EQ(reply.body, "first");
  EXPECT_EQ(reply.Find("Connection"), "close");
  EXPECT_TRUE(client.AtEnd());
}

// A large body leaves room for the next request behind it, which is served.
TEST(A9Behind, ARequestBehindALargeBodyIsServed) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  client.Send(Post("/first", std::string(25'000, 'x')) + Post("/second", std::string(3'000, 'y')));
  for (size_t i = 0; i < 2; ++i) {
    parking.Await(i + 1);
    server.Run([&](Server&) {
      parking.places[i].responder.Send(Text(std::string(parking.places[i].request->path)));
    });
  }
  EXPECT_EQ(client.Read().body, "/first");
  EXPECT_EQ(client.Read().body, "/second");
}

// Nobody is read from without end: beyond the limit the connection is cut and the request ends.
TEST(A9Behind, WhoNeverStopsIsCut) {
  Limits limits;
  limits.discarded_bytes = 1 << 20;
  Parking parking;
  ServerThread server(parking.handler(), limits);
  Client client(server.port());
  client.Send(Get("/first"));
  parking.Await(1);
  const std::string block(64 << 10, 'x');
  int sent = 0;
  while (sent < 10'000 && client.Send(block)) ++sent;
  EXPECT_LT(sent, 10'000);
  parking.AwaitGone(1);
}

}  // namespace
}  // namespace bridge::http
