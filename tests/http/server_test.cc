#include "bridge/http/server.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/loopback.h"

namespace bridge::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Answers with what it understood.
void Echo(const Request& request, Responder responder) {
  responder.Send(Text(std::string(request.method) + " " + std::string(request.path) + " ?" +
                      std::string(request.query) + " " + std::string(request.body)));
}

TEST(ServerTest, AnswersRequestsOneAfterAnother) {
  ServerThread server(Echo);
  Client client(server.port());
  for (int i = 0; i < 3; ++i) {
    const Reply reply = client.Ask(Post("/mcp?x=1", "{\"a\":1}"));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "POST /mcp ?x=1 {\"a\":1}");
    EXPECT_EQ(reply.Find("content-type"), "text/plain");
    EXPECT_EQ(reply.Find("Connection"), std::nullopt);
    EXPECT_THAT(reply.Find("Date").value_or(""), HasSubstr(" GMT"));
  }
}

std::string AddressAndPort(const Request& request) {
  return std::string(request.peer_address) + " " + std::to_string(request.peer_port);
}

TEST(ServerTest, TellsAPeerOfIPv4AsSuchAlsoOnASocketForBothFamilies) {
  ServerThread server([](const Request& request,
                         Responder responder) { responder.Send(Text(AddressAndPort(request))); },
                      Limits(), "::");
  Client client(server.port());
  EXPECT_EQ(client.Ask(Get("/")).body, "127.0.0.1 " + std::to_string(client.port()));
}

TEST(ServerTest, TellsWhoAsksAndWhen) {
  const auto before = std::chrono::system_clock::now();
  std::chrono::system_clock::time_point received;
  ServerThread server([&](const Request& request, Responder responder) {
    received = request.received;
    responder.Send(Text(AddressAndPort(request)));
  });
  Client client(server.port());
  EXPECT_EQ(client.Ask(Get("/")).body, "127.0.0.1 " + std::to_string(client.port()));
  server.Run([&](Server&) {
    EXPECT_GE(received, before);
    EXPECT_LE(received, std::chrono::system_clock::now());
  });
}

TEST(ServerTest, SendsAllPiecesInOrder) {
  const auto shared = std::make_shared<const std::string>("shared,");
  ServerThread server([&](const Request&, Responder responder) {
    Response response = Text("body,");
    response.status = 418;
    response.headers = "X-A: 1\r\nX-B: 2\r\n";
    response.shared = shared;
    response.tail = "tail";
    responder.Send(std::move(response));
  });
  Client client(server.port());
  const Reply reply = client.Ask(Get("/"));
  EXPECT_EQ(reply.status, 418);
  EXPECT_EQ(reply.body, "body,shared,tail");
  EXPECT_EQ(reply.Find("X-A"), "1");
  EXPECT_EQ(reply.Find("X-B"), "2");
  EXPECT_EQ(reply.Find("Content-Length"), "16");
}

TEST(ServerTest, WritesNoBodyWhereNoneMayBe) {
  struct {
    const char* request;
    int status;
    bool length;
  } const cases[] = {
      {"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", 200, true},
      {"GET /204 HTTP/1.1\r\nHost: h\r\n\r\n", 204, false},
      {"GET /304 HTTP/1.1\r\nHost: h\r\n\r\n", 304, false},
      {"GET /202 HTTP/1.1\r\nHost: h\r\n\r\n", 202, true},
  };
  ServerThread server([](const Request& request, Responder responder) {
    Response response = Text(request.path == "/202" ? "" : "some text");
    if (request.path.size() > 1) response.status = std::stoi(std::string(request.path.substr(1)));
    if (response.body.empty()) response.content_type = {};
    responder.Send(std::move(response));
  });
  Client client(server.port());
  for (const auto& c : cases) {
    client.Send(c.request);
    const Reply reply = client.Read(true);
    EXPECT_EQ(reply.status, c.status);
    EXPECT_EQ(reply.Find("Content-Length").has_value(), c.length) << c.request;
    EXPECT_EQ(reply.Find("Content-Type").has_value(), c.status != 202) << c.request;
    // What follows is the next response and no body.
    EXPECT_EQ(client.Ask(Get("/")).body, "some text") << c.request;
  }
}

TEST(ServerTest, SaysAndDoesWhatPersistenceWasAsked) {
  struct {
    const char* request;
    std::optional<std::string> connection;
  } const cases[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", std::nullopt},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "close"},
      {"GET / HTTP/1.0\r\nHost: h\r\n\r\n", "close"},
      {"GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", "keep-alive"},
      {"GET /close HTTP/1.1\r\nHost: h\r\n\r\n", "close"},
  };
  ServerThread server([](const Request& request, Responder responder) {
    Response response = Text("x");
    response.close = request.path == "/close";
    responder.Send(std::move(response));
  });
  for (const auto& c : cases) {
    Client client(server.port());
    const Reply reply = client.Ask(c.request);
    EXPECT_EQ(reply.body, "x");
    EXPECT_EQ(reply.Find("Connection"), c.connection) << c.request;
    if (c.connection == "close") {
      EXPECT_TRUE(client.AtEnd()) << c.request;
    } else {
      EXPECT_EQ(client.Ask(Get("/")).status, 200) << c.request;
    }
  }
}

TEST(ServerTest, HandsOverPipelinedRequestsInOrder) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  client.Send(Get("/0") + Post("/1", "body") + Get("/2"));
  for (size_t i = 0; i < 3; ++i) {
    parking.Await(i + 1);
    server.Run([&](Server&) {
      ASSERT_EQ(parking.places.size(), i + 1);
      EXPECT_FALSE(parking.places[i].gone);
      parking.places[i].responder.Send(Text(std::string(parking.places[i].request->path)));
    });
    EXPECT_EQ(client.Read().body, "/" + std::to_string(i));
  }
}

TEST(ServerTest, KeepsWhatComesBehindARequestUpToALimit) {
  constexpr size_t kRequests = 20'000;  // far more than is read ahead
  Parking parking;
  auto park = parking.handler();
  ServerThread server([&](const Request& request, Responder responder) {
    if (request.path == "/first") return park(request, std::move(responder));
    responder.Send(Text(std::string(request.path)));
  });
  Client client(server.port());
  std::string requests;
  for (size_t i = 0; i < kRequests; ++i) requests += Get("/" + std::to_string(i));
  client.Send(Get("/first"));
  parking.Await(1);
  std::thread sender([&] { client.Send(requests); });
  server.Run([&](Server&) {
    EXPECT_FALSE(parking.places[0].gone);
    parking.places[0].responder.Send(Text("first"));
  });
  EXPECT_EQ(client.Read().body, "first");
  for (size_t i = 0; i < kRequests; ++i) {
    ASSERT_EQ(client.Read().body, "/" + std::to_string(i));
  }
  sender.join();
}

TEST(ServerTest, TakesLargeBodies) {
  ServerThread server([](const Request& request, Responder responder) {
    Response response = Text(std::string(request.body));
    response.headers = "X-Last: " + std::string(request.headers.back().value) + "\r\n";
    responder.Send(std::move(response));
  });
  Client client(server.port());
  for (size_t size : {size_t{16'000}, size_t{20'479}, size_t{300'000}, Limits().body_bytes}) {
    std::string body(size, 'x');
    for (size_t i = 0; i < size; i += 997) body[i] = static_cast<char>(i);
    // The reply is larger than what the sockets hold, so it is read while the request is sent.
    std::thread sender([&] { client.Send(Post("/", body, "X-Last: 7\r\n") + Get("/next")); });
    Reply reply = client.Read();
    EXPECT_TRUE(reply.body == body) << size;
    EXPECT_EQ(client.Read().status, 200);
    sender.join();

    std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (size_t at = 0; at < size; at += 1000) {
      const std::string_view part = std::string_view(body).substr(at, 1000);
      char line[16];
      std::snprintf(line, sizeof(line), "%zx\r\n", part.size());
      chunked.append(line).append(part).append("\r\n");
    }
    chunked += "0\r\n\r\n";
    std::thread chunks([&] { client.Send(chunked); });
    reply = client.Read();
    EXPECT_TRUE(reply.body == body) << size;
    EXPECT_EQ(reply.Find("X-Last"), "chunked");
    chunks.join();
  }
}

TEST(ServerTest, SendsLargeResponsesWhole) {
  std::string text(8 << 20, 'y');
  for (size_t i = 0; i < text.size(); i += 1009) text[i] = static_cast<char>(i);
  const auto shared = std::make_shared<const std::string>(text);
  ServerThread server([&](const Request&, Responder responder) {
    Response response = Text("[");
    response.shared = shared;
    response.tail = "]";
    responder.Send(std::move(response));
  });
  Client client(server.port(), 4096);
  for (int i = 0; i < 2; ++i) {
    const Reply reply = client.Ask(Get("/"));
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.body == "[" + text + "]");
  }
}

TEST(ServerTest, InvitesABodyThatWaits) {
  ServerThread server(Echo);
  Client client(server.port());
  const std::string head =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  client.Send(head);
  ASSERT_TRUE(client.ReadUntil("HTTP/1.1 100 Continue\r\n\r\n"));
  client.pending.clear();
  EXPECT_EQ(client.Ask("hi").body, "POST / ? hi");
  // A body that is there needs no invitation.
  const Reply reply = client.Ask(head + "ho");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "POST / ? ho");
}

TEST(ServerTest, AnswersWhatTheHandlerForgets) {
  ServerThread server([](const Request& request, Responder responder) {
    if (request.path == "/closed") responder.Close();
    if (request.path == "/replaced") responder = Responder();
  });
  Client client(server.port());
  for (const char* path : {"/", "/closed", "/replaced"}) {
    const Reply reply = client.Ask(Get(path));
    EXPECT_EQ(reply.status, 500) << path;
    EXPECT_THAT(reply.body, HasSubstr("not answered")) << path;
  }
}

TEST(ServerTest, RefusalsReachAClientThatIsStillSending) {
  Limits limits;
  limits.body_bytes = 1000;
  ServerThread server(Echo, limits);
  Client client(server.port());
  client.Send(Post("/", std::string(1 << 20, 'x')));
  client.EndSending();
  const auto text = client.ReadToEnd();
  ASSERT_TRUE(text.has_value()) << "reset before the answer was read";
  EXPECT_THAT(*text, StartsWith("HTTP/1.1 413 Content Too Large\r\n"));
  EXPECT_THAT(*text, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(*text, HasSubstr("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(*text, HasSubstr("\r\n\r\nthe request body is too large: send less\n"));
}

TEST(ServerTest, NothingBehindARefusalIsRead) {
  ServerThread server(Echo);
  Client client(server.port());
  client.Send("GET / HTTP/1.1\r\n\r\n" + Get("/smuggled"));
  client.EndSending();
  const auto text = client.ReadToEnd();
  ASSERT_TRUE(text.has_value());
  EXPECT_THAT(*text, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(*text, Not(HasSubstr("smuggled")));
}

TEST(ServerTest, DrainEndsConnectionsAfterTheirResponse) {
  Parking parking;
  ServerThread server(parking.handler());
  Client idle(server.port());
  Client waiting(server.port());
  Client streaming(server.port());
  waiting.Send(Get("/waiting"));
  parking.Await(1);
  streaming.Send(Get("/streaming"));
  parking.Await(2);
  server.Run(
      [&](Server&) { parking.places[1].responder.StartStream(200, "text/event-stream", ""); });
  server.Drain();
  server.Drain();
  EXPECT_TRUE(idle.AtEnd());
  server.Run([&](Server&) {
    parking.places[0].responder.Send(Text("late"));
    parking.places[1].responder.Close("data: last\n\n");
  });
  const Reply reply = waiting.Read();
  EXPECT_EQ(reply.body, "late");
  EXPECT_EQ(reply.Find("Connection"), "close");
  EXPECT_TRUE(waiting.AtEnd());
  EXPECT_EQ(streaming.Read().body, "data: last\n\n");
  EXPECT_TRUE(streaming.AtEnd());
  EXPECT_FALSE(Client::CanConnect(server.port()));
}

// One that the kernel has handed over before the drain, while its handler runs after it.
TEST(ServerTest, A11DrainServesWhoIsBeingAccepted) {
  boost::asio::io_context io{1};
  bool served = false;
  const auto server = Server::Listen(io, "127.0.0.1", 0, {}, [&](const Request& r, Responder out) {
    served = true;
    Echo(r, std::move(out));
  });
  ASSERT_TRUE(server.ok());
  Client client((*server)->port());
  client.Send(Get("/"));
  boost::asio::post(io, [&] { (*server)->Drain(); });
  while (!served && !(*server)->drained()) io.run_one();
  const Reply reply = client.Read();
  EXPECT_EQ(reply.body, "GET / ? ");
  EXPECT_EQ(reply.Find("Connection"), "close");
  EXPECT_FALSE((*server)->drained());
  client.Close();
  while (!(*server)->drained()) io.run_one();
}

TEST(ListenTest, NamesWhatIsWrong) {
  boost::asio::io_context io;
  EXPECT_EQ(Server::Listen(io, "localhost", 0, {}, Echo).status().code(),
            absl::StatusCode::kInvalidArgument);
  const auto first = Server::Listen(io, "127.0.0.1", 0, {}, Echo);
  ASSERT_TRUE(first.ok());
  const auto second = Server::Listen(io, "127.0.0.1", (*first)->port(), {}, Echo);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(second.status().ToString(),
              HasSubstr("127.0.0.1:" + std::to_string((*first)->port())));
  EXPECT_EQ(Server::Listen(io, "192.0.2.1", 0, {}, Echo).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(ListenTest, ServersShareAPortIfAllAsk) {
  boost::asio::io_context io;
  const auto first = Server::Listen(io, "::1", 0, {}, Echo, {.share_port = true});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(Server::Listen(io, "::1", (*first)->port(), {}, Echo, {.share_port = true}).ok());
  EXPECT_FALSE(Server::Listen(io, "::1", (*first)->port(), {}, Echo).ok());
}

}  // namespace
}  // namespace bridge::http
