#include "bridge/http/limits.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/loopback.h"

namespace bridge::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

void Ok(const Request&, Responder responder) {
  responder.Send(Text("ok"));
}

void AwaitConnections(ServerThread& server, size_t count) {
  while (server.connections() != count) std::this_thread::yield();
}

// Limits are answered by what they are given to, not only by the guard's table.
TEST(LimitsTest, AnswersWhatIsTooLarge) {
  Limits limits;
  limits.head_bytes = 500;
  limits.headers = 5;
  limits.body_bytes = 10;
  ServerThread server(Ok, limits);
  struct {
    std::string request;
    int status;
  } const cases[] = {
      {Post("/", "0123456789"), 200},
      {Post("/", "0123456789a"), 413},
      {Post("/", "", "X: " + std::string(500, 'x') + "\r\n"), 431},
      {Post("/", "", "A:1\r\nA:2\r\nA:3\r\n"), 200},
      {Post("/", "", "A:1\r\nA:2\r\nA:3\r\nA:4\r\n"), 431},
      {Get("/" + std::string(500, 'x')), 414},
  };
  for (const auto& c : cases) {
    Client client(server.port());
    const Reply reply = client.Ask(c.request);
    EXPECT_EQ(reply.status, c.status) << reply.body;
    if (c.status != 200) {
      EXPECT_TRUE(client.AtEnd());
    }
  }
}

TEST(LimitsTest, AHeadMustComeInTime) {
  Limits limits;
  limits.head_timeout = milliseconds(30);
  ServerThread server(Ok, limits);
  Client client(server.port());
  // The time between requests does not count.
  EXPECT_EQ(client.Ask(Get("/")).status, 200);
  const Reply reply = client.Ask("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(reply.status, 408);
  EXPECT_THAT(reply.body, HasSubstr("head took too long"));
  EXPECT_TRUE(client.AtEnd());
}

TEST(LimitsTest, ABodyMustComeInTime) {
  Limits limits;
  limits.body_timeout = milliseconds(30);
  ServerThread server(Ok, limits);
  for (const char* framing : {"Content-Length: 10", "Transfer-Encoding: chunked"}) {
    Client client(server.port());
    const Reply reply =
        client.Ask("POST / HTTP/1.1\r\nHost: h\r\n" + std::string(framing) + "\r\n\r\n5\r\na");
    EXPECT_EQ(reply.status, 408);
    EXPECT_THAT(reply.body, HasSubstr("body took too long"));
    EXPECT_TRUE(client.AtEnd());
  }
}

// A client that sends a byte now and then gains no time by it.
TEST(LimitsTest, TricklingGainsNoTime) {
  Limits limits;
  limits.head_timeout = milliseconds(100);
  ServerThread server(Ok, limits);
  Client client(server.port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\nX: ");
  while (server.connections() == 0) std::this_thread::yield();
  while (server.Run([](Server& s) { return s.connections(); }) == 1 && client.pending.empty()) {
    if (!client.Send("x")) break;
    client.ReceiveWithin(milliseconds(5));
  }
  EXPECT_THAT(client.pending, StartsWith("HTTP/1.1 408 Request Timeout"));
}

TEST(LimitsTest, ABodyMustMakeProgress) {
  Limits limits;
  limits.body_interval = milliseconds(50);
  limits.body_progress = 100'000;
  ServerThread server(Ok, limits);
  for (const char* framing :
       {"Content-Length: 1000", "Content-Length: 1000000", "Transfer-Encoding: chunked"}) {
    Client client(server.port());
    client.Send("POST / HTTP/1.1\r\nHost: h\r\n" + std::string(framing) + "\r\n\r\nf4240\r\n");
    while (client.pending.empty() && client.Send("x")) client.ReceiveWithin(milliseconds(5));
    EXPECT_THAT(client.pending, StartsWith("HTTP/1.1 408 Request Timeout")) << framing;
  }
}

// Looked at several times, a body that makes enough progress goes on until its time is over.
TEST(LimitsTest, ABodyThatMakesProgressGoesOn) {
  Limits limits;
  limits.body_interval = milliseconds(20);
  limits.body_progress = 0;
  limits.idle_timeout = milliseconds(200);
  ServerThread server(Ok, limits);
  Client client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n1");
  Client idle(server.port());
  EXPECT_TRUE(idle.AtEnd());
  EXPECT_EQ(client.Ask("2").status, 200);

  limits.body_timeout = milliseconds(60);
  ServerThread strict(Ok, limits);
  Client late(strict.port());
  EXPECT_EQ(late.Ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n1").status, 408);
}

TEST(LimitsTest, AnIdleConnectionIsClosedSilently) {
  Limits limits;
  limits.idle_timeout = milliseconds(30);
  ServerThread server(Ok, limits);
  Client unused(server.port());
  EXPECT_TRUE(unused.AtEnd());
  Client used(server.port());
  EXPECT_EQ(used.Ask(Get("/")).status, 200);
  EXPECT_TRUE(used.AtEnd());
}

TEST(LimitsTest, AHandlerMayTakeItsTime) {
  Limits limits;
  limits.head_timeout = limits.body_timeout = limits.idle_timeout = limits.write_timeout =
      milliseconds(20);
  Parking parking;
  ServerThread server(parking.handler(), limits);
  Client client(server.port());
  client.Send(Get("/"));
  parking.Await(1);
  Client idle(server.port());
  EXPECT_TRUE(idle.AtEnd());  // so all the timeouts have passed
  server.Run([&](Server&) { parking.places[0].responder.Send(Text("late")); });
  EXPECT_EQ(client.Read().body, "late");
}

TEST(LimitsTest, AReaderMustMakeProgress) {
  Limits limits;
  limits.write_timeout = milliseconds(2000);  // a busy machine takes a while for 16 MiB
  const auto large = std::make_shared<const std::string>(16 << 20, 'x');
  Parking parking;
  auto park = parking.handler();
  ServerThread server(
      [&](const Request& request, Responder responder) {
        if (request.path == "/stream") return park(request, std::move(responder));
        Response response = Text("");
        response.shared = large;
        responder.Send(std::move(response));
      },
      limits);
  Client client(server.port(), 4096);
  client.Send(Get("/"));
  ASSERT_TRUE(client.ReadUntil("\r\n\r\n"));
  AwaitConnections(server, 0);

  Client streaming(server.port(), 4096);
  streaming.Send(Get("/stream"));
  parking.Await(1);
  server.Run([&](Server&) {
    Responder& responder = parking.places[0].responder;
    responder.StartStream(200, "text/event-stream", "");
    EXPECT_NE(responder.Write(*large), Responder::Written::kGone);
  });
  parking.AwaitGone(1);
  AwaitConnections(server, 0);
}

// Reading a little now and then is not enough, though the socket takes more each time.
TEST(LimitsTest, AReaderMustMakeEnoughProgress) {
  Limits limits;
  limits.write_timeout = milliseconds(100);
  limits.write_progress = 64 << 20;
  ServerThread server(
      [](const Request&, Responder responder) { responder.Send(Text(std::string(64 << 20, 'x'))); },
      limits);
  Client client(server.port(), 4096);
  client.Send(Get("/"));
  ASSERT_TRUE(client.ReadUntil("\r\n\r\n"));
  size_t read = 0;
  while (server.connections() == 1) {
    client.ReceiveWithin(milliseconds(5));
    read += client.pending.size();
    client.pending.clear();
  }
  EXPECT_LT(read, size_t{64} << 20);
}

TEST(LimitsTest, ConnectionsOverTheLimitAreTurnedAway) {
  Limits limits;
  limits.connections = 2;
  ServerThread server(Ok, limits);
  Client first(server.port());
  Client second(server.port());
  EXPECT_EQ(first.Ask(Get("/")).status, 200);
  EXPECT_EQ(second.Ask(Get("/")).status, 200);
  Client third(server.port());
  const Reply reply = third.Ask(Get("/"));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.Find("Retry-After"), "1");
  EXPECT_THAT(reply.body, HasSubstr("too many connections"));
  EXPECT_TRUE(third.AtEnd());
  third.Close();
  first.Close();
  AwaitConnections(server, 1);
  Client fourth(server.port());
  EXPECT_EQ(fourth.Ask(Get("/")).status, 200);
  EXPECT_EQ(second.Ask(Get("/")).status, 200);
}

TEST(LimitsTest, OutOfDescriptorsItWaitsForSome) {
  Limits limits;
  limits.head_timeout = milliseconds(40);  // for a short sweep
  ServerThread server(Ok, limits);
  Client first(server.port());
  EXPECT_EQ(first.Ask(Get("/")).status, 200);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{256, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  std::vector<int> hoard;
  for (int fd = ::dup(STDOUT_FILENO); fd >= 0; fd = ::dup(STDOUT_FILENO)) hoard.push_back(fd);
  ASSERT_FALSE(hoard.empty());
  ::close(hoard.back());
  hoard.pop_back();
  Client late(server.port());  // takes the last descriptor
  EXPECT_EQ(first.Ask(Get("/")).status, 200);
  EXPECT_EQ(server.connections(), 1u);
  for (int fd : hoard) ::close(fd);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(late.Ask(Get("/")).status, 200);
}

// Far more than may wait to read their 503: the rest is reset, and the server goes on.
TEST(LimitsTest, SurvivesAFloodOfConnections) {
  Limits limits;
  limits.connections = 1;
  ServerThread server(Ok, limits);
  Client first(server.port());
  EXPECT_EQ(first.Ask(Get("/")).status, 200);
  std::vector<std::unique_ptr<Client>> flood;
  for (int i = 0; i < 200; ++i) flood.push_back(std::make_unique<Client>(server.port()));
  EXPECT_EQ(first.Ask(Get("/")).status, 200);
  EXPECT_LE(server.connections(), 65u);
  flood.clear();
  AwaitConnections(server, 1);
  EXPECT_EQ(first.Ask(Get("/")).status, 200);
}

}  // namespace
}  // namespace bridge::http
