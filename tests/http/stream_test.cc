#include <memory>
#include <string>
#include <utility>

#include "bridge/http/server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/loopback.h"

namespace bridge::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kMiB = 1 << 20;

TEST(StreamTest, SendsChunks) {
  ServerThread server([](const Request&, Responder responder) {
    responder.StartStream(200, "text/event-stream", "Cache-Control: no-store\r\n");
    EXPECT_TRUE(responder.connected());
    EXPECT_NE(responder.Write("data: 1\n\n"), Responder::Written::kGone);
    EXPECT_NE(responder.Write(""), Responder::Written::kGone);  // must not end the stream
    EXPECT_NE(responder.Write("data: 2\n\n"), Responder::Written::kGone);
    responder.Close();
    EXPECT_EQ(responder.Write("late"), Responder::Written::kGone);
    EXPECT_FALSE(responder.connected());
  });
  Client client(server.port());
  client.Send(Get("/") + Get("/"));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.ReadUntil("0\r\n\r\n"));
    const Reply reply = client.Read();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "data: 1\n\ndata: 2\n\n");
    EXPECT_EQ(reply.Find("Content-Type"), "text/event-stream");
    EXPECT_EQ(reply.Find("Cache-Control"), "no-store");
    EXPECT_EQ(reply.Find("Transfer-Encoding"), "chunked");
    EXPECT_EQ(reply.Find("Content-Length"), std::nullopt);
  }
}

TEST(StreamTest, FramesAsHttp11Says) {
  ServerThread server([](const Request&, Responder responder) {
    responder.StartStream(200, "text/event-stream", "");
    responder.Write(std::string(26, 'a'));
    responder.Close("last");
  });
  Client client(server.port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd().value_or(""),
              EndsWith("\r\n\r\n1a\r\naaaaaaaaaaaaaaaaaaaaaaaaaa\r\n4\r\nlast\r\n0\r\n\r\n"));
}

// Each event must reach the client when it is written, not with the next one.
TEST(StreamTest, EventsAreNotHeldBack) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port());
  client.Send(Get("/"));
  parking.Await(1);
  server.Run(
      [&](Server&) { parking.places[0].responder.StartStream(200, "text/event-stream", ""); });
  EXPECT_TRUE(client.ReadUntil("\r\n\r\n"));
  for (int i = 0; i < 3; ++i) {
    const std::string event = "data: " + std::to_string(i) + "\n\n";
    server.Run([&](Server&) {
      EXPECT_NE(parking.places[0].responder.Write(event), Responder::Written::kGone);
    });
    EXPECT_TRUE(client.ReadUntil(event));
  }
}

TEST(StreamTest, EndsWithTheConnectionForHttp10) {
  ServerThread server([](const Request&, Responder responder) {
    responder.StartStream(200, "text/event-stream", "");
    responder.Write("data: 1\n\n");
    responder.Close("data: 2\n\n");
  });
  Client client(server.port());
  client.Send("GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n");
  const std::string text = client.ReadToEnd().value_or("");
  EXPECT_THAT(text, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(text, EndsWith("\r\n\r\ndata: 1\n\ndata: 2\n\n"));
}

TEST(StreamTest, HasNoBodyForHead) {
  ServerThread server([](const Request&, Responder responder) {
    responder.StartStream(200, "text/event-stream", "");
    EXPECT_NE(responder.Write("data: 1\n\n"), Responder::Written::kGone);
    responder.Close("data: 2\n\n");
  });
  Client client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.Send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.Read(true).status, 200);
    EXPECT_EQ(client.pending, "");
  }
}

TEST(StreamTest, OneLargeChunkIsTakenWhole) {
  const std::string large(5 * kMiB, 'x');
  ServerThread server([&](const Request&, Responder responder) {
    responder.StartStream(200, "text/plain", "");
    EXPECT_NE(responder.Write(large), Responder::Written::kGone);
    responder.Close("end");
  });
  Client client(server.port(), 4096);
  for (int i = 0; i < 2; ++i) {
    const Reply reply = client.Ask(Get("/"));
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.body == large + "end");
  }
}

TEST(StreamTest, AReaderThatIsTooSlowIsCutOff) {
  Parking parking;
  ServerThread server(parking.handler());
  Client client(server.port(), 4096);
  client.Send(Get("/"));
  parking.Await(1);
  const std::string chunk(64 * 1024, 'x');
  const size_t taken = server.Run([&](Server&) {
    Responder& responder = parking.places[0].responder;
    responder.StartStream(200, "text/event-stream", "");
    size_t bytes = 0;
    while (responder.Write(chunk) != Responder::Written::kGone) bytes += chunk.size();
    EXPECT_EQ(responder.Write("x"), Responder::Written::kGone);
    EXPECT_FALSE(responder.connected());
    responder.Close("must not arrive");
    return bytes;
  });
  EXPECT_GT(taken, kMiB);
  EXPECT_LT(taken, 32 * kMiB);  // the rest is what the sockets hold
  // Cut off: the end of the stream must not look like its end.
  const std::string text = client.ReadToEnd().value_or("");
  EXPECT_THAT(text.substr(text.size() - std::min<size_t>(text.size(), 20)),
              Not(EndsWith("0\r\n\r\n")));
  EXPECT_LT(text.size(), taken);
}

TEST(StreamTest, AForgottenStreamIsCutOff) {
  ServerThread server([](const Request&, Responder responder) {
    responder.StartStream(200, "text/event-stream", "");
    responder.Write("data: 1\n\n");
  });
  Client client(server.port());
  client.Send(Get("/"));
  EXPECT_THAT(client.ReadToEnd().value_or(""), EndsWith("data: 1\n\n\r\n"));
}

TEST(StreamTest, StartsOnce) {
  ServerThread server([](const Request&, Responder responder) {
    EXPECT_EQ(responder.Write("early"), Responder::Written::kGone);
    responder.StartStream(201, "text/plain", "");
    responder.StartStream(500, "text/html", "");
    responder.Close("x");
  });
  Client client(server.port());
  const Reply reply = client.Ask(Get("/"));
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body, "x");
}

}  // namespace
}  // namespace bridge::http
