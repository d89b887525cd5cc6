// Peers that go away, and Responders that outlive everything they answer to.
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "bridge/http/server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/loopback.h"

namespace bridge::http {
namespace {

struct Leaving {
  const char* name;
  void (*leave)(Client&);
};

class DisconnectTest : public ::testing::TestWithParam<Leaving> {};

TEST_P(DisconnectTest, IsToldWhileTheHandlerWorks) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  client.Send(Post("/mcp", "{\"id\":1}"));
  parking.Await(1);
  server.Run([&](Server&) {
    EXPECT_FALSE(parking.places[0].gone);
    EXPECT_TRUE(parking.places[0].responder.connected());
  });
  GetParam().leave(client);
  parking.AwaitGone(1);
  server.Run([&](Server& s) {
    Parking::Place& place = parking.places[0];
    EXPECT_EQ(s.connections(), 0u);
    EXPECT_FALSE(place.responder.connected());
    // The request lives as long as its Responder.
    EXPECT_EQ(place.request->body, "{\"id\":1}");
    EXPECT_EQ(place.request->Find("Host"), "localhost");
    EXPECT_EQ(place.responder.Write("x"), Responder::Written::kGone);
    place.responder.StartStream(200, "text/plain", "");
    place.responder.Send(Text("nobody"));
  });
}

TEST_P(DisconnectTest, IsToldDuringAStream) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  client.Send(Get("/"));
  parking.Await(1);
  server.Run([&](Server&) {
    parking.places[0].responder.StartStream(200, "text/event-stream", "");
    EXPECT_NE(parking.places[0].responder.Write("data: 1\n\n"), Responder::Written::kGone);
  });
  EXPECT_TRUE(client.ReadUntil("data: 1"));
  GetParam().leave(client);
  parking.AwaitGone(1);
  server.Run([&](Server&) {
    EXPECT_EQ(parking.places[0].responder.Write("data: 2\n\n"), Responder::Written::kGone);
    parking.places[0].responder.Close("data: 3\n\n");
  });
}

TEST_P(DisconnectTest, IsToldBehindPipelinedBytes) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  client.Send(Get("/") + Get("/more"));
  parking.Await(1);
  GetParam().leave(client);
  parking.AwaitGone(1);
  server.Run([&](Server&) { EXPECT_EQ(parking.places.size(), 1u); });
}

TEST_P(DisconnectTest, BeforeARequestNobodyIsTold) {
  Parking parking;
  ServerThread server(parking.handler());
  for (const char* bytes :
       {"", "GET /", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n"}) {
    Client client(server.port());
    client.Send(bytes);
    while (server.connections() != 1) std::this_thread::yield();
    GetParam().leave(client);
    while (server.connections() != 0) std::this_thread::yield();
  }
  server.Run([&](Server&) { EXPECT_TRUE(parking.places.empty()); });
}

INSTANTIATE_TEST_SUITE_P(Ways, DisconnectTest,
                         ::testing::Values(Leaving{"Close", [](Client& c) { c.Close(); }},
                                           Leaving{"HalfClose", [](Client& c) { c.EndSending(); }},
                                           Leaving{"Reset", [](Client& c) { c.Reset(); }}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(OnDisconnectTest, IsForgottenWithTheResponse) {
  int told = 0;
  ServerThread server([&](const Request&, Responder responder) {
    responder.OnDisconnect([&] { ++told; });
    responder.Send(Text("x"));
  });
  {
    Client client(server.port());
    EXPECT_EQ(client.Ask(Get("/")).status, 200);
  }
  while (server.connections() != 0) std::this_thread::yield();
  EXPECT_EQ(server.Run([&](Server&) { return told; }), 0);
}

TEST(OnDisconnectTest, AskedLateItIsToldSoon) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  client.Send(Get("/"));
  parking.Await(1);
  client.Close();
  parking.AwaitGone(1);
  std::promise<void> told;
  auto future = told.get_future();
  server.Run([&](Server&) {
    parking.places[0].responder.OnDisconnect([&] { told.set_value(); });
    EXPECT_EQ(future.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  });
  future.wait();
}

TEST(OnDisconnectTest, MayDestroyTheResponder) {
  struct Call {
    Responder responder;
  };
  std::promise<void> destroyed;
  ServerThread server([&](const Request& request, Responder responder) {
    auto call = std::make_shared<Call>();
    call->responder = std::move(responder);
    const bool answer = request.path == "/answer";
    Call& place = *call;
    place.responder.OnDisconnect([&destroyed, answer, call]() mutable {
      if (answer) call->responder.Send(Text("nobody"));
      call.reset();
      destroyed.set_value();
    });
  });
  for (const char* path : {"/", "/answer"}) {
    destroyed = std::promise<void>();
    auto done = destroyed.get_future();
    Client client(server.port());
    client.Send(Get(path));
    while (server.connections() != 1) std::this_thread::yield();
    client.Close();
    done.wait();
  }
}

TEST(LifetimeTest, AServerMayBeDestroyedWithLiveConnections) {
  Parking parking;
  {
    ServerThread server(parking.handler());
    Client idle(server.port());
    Client partial(server.port());
    partial.Send("GET / HT");
    Client waiting(server.port());
    waiting.Send(Post("/mcp", "body") + Get("/more"));
    parking.Await(1);
    Client streaming(server.port());
    streaming.Send(Get("/"));
    parking.Await(2);
    server.Run([&](Server&) {
      parking.places[1].responder.StartStream(200, "text/event-stream", "");
      parking.places[1].responder.Write("data: 1\n\n");
    });
    server.Stop();
    EXPECT_EQ(idle.ReadToEnd().value_or(""), "");
    EXPECT_EQ(waiting.ReadToEnd().value_or(""), "");
    EXPECT_FALSE(parking.places[0].gone);
    EXPECT_EQ(parking.places[0].request->body, "body");
    parking.places[0].responder.OnDisconnect([] { ADD_FAILURE() << "the server is gone"; });
    EXPECT_EQ(parking.places[1].responder.Write("data: 2\n\n"), Responder::Written::kGone);
  }
  // Now the io_context has gone too.
  EXPECT_EQ(parking.places[0].request->body, "body");
  parking.places[0].responder.Send(Text("nobody"));
  parking.places[1].responder.Close();
}

TEST(LifetimeTest, AHandlerMayDestroyTheServer) {
  boost::asio::io_context io;
  std::unique_ptr<Server> server;
  auto listening =
      Server::Listen(io, "127.0.0.1", 0, {}, [&](const Request& r, Responder responder) {
        server.reset();
        EXPECT_EQ(r.path, "/last");
        EXPECT_FALSE(responder.connected());
        responder.Send(Text("nobody"));
      });
  ASSERT_TRUE(listening.ok());
  server = *std::move(listening);
  Client client(server->port());
  client.Send(Get("/last"));
  io.run();
  EXPECT_EQ(server, nullptr);
  EXPECT_EQ(client.ReadToEnd().value_or(""), "");
}

TEST(LifetimeTest, TheRequestOutlivesASynchronousAnswer) {
  std::string seen;
  ServerThread server([&](const Request& request, Responder responder) {
    Response response = Text("x");
    response.close = request.path == "/close";
    responder.Send(std::move(response));
    seen = std::string(request.path) + std::string(request.body);
  });
  for (const char* path : {"/stay", "/close"}) {
    Client client(server.port());
    EXPECT_EQ(client.Ask(Post(path, "body") + Get("/stay")).status, 200);
    server.Run(
        [&](Server&) { EXPECT_THAT(seen, ::testing::AnyOf(std::string(path) + "body", "/stay")); });
  }
}

}  // namespace
}  // namespace bridge::http
