#include "bridge/http/server.h"

#include <future>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/loopback.h"

namespace bridge::http {
namespace {

using ::testing::HasSubstr;

// Answers with what it understood.
void Echo(const Request& request, Responder responder) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::string(request.method) + " " + std::string(request.path) + " ?" +
                  std::string(request.query) + " " + std::string(request.body);
  responder.Send(std::move(response));
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
  }
}

TEST(ServerTest, StreamsInChunks) {
  ServerThread server([](const Request&, Responder responder) {
    responder.StartStream(200, "text/event-stream", "Cache-Control: no-store\r\n");
    EXPECT_TRUE(responder.Write("data: 1\n\n"));
    EXPECT_TRUE(responder.Write("data: 2\n\n"));
    responder.Close("data: 3\n\n");
  });
  Client client(server.port());
  for (int i = 0; i < 2; ++i) {
    const Reply reply = client.Ask(Get("/"));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
    EXPECT_EQ(reply.Find("Content-Type"), "text/event-stream");
    EXPECT_EQ(reply.Find("Cache-Control"), "no-store");
  }
}

TEST(ServerTest, TellsWhenThePeerHasGone) {
  std::promise<void> received, gone;
  Responder waiting;
  ServerThread server([&](const Request&, Responder responder) {
    responder.OnDisconnect([&gone] { gone.set_value(); });
    waiting = std::move(responder);
    received.set_value();
  });
  Client client(server.port());
  client.Send(Get("/"));
  received.get_future().wait();
  client.Close();
  gone.get_future().wait();
  EXPECT_FALSE(server.Run([&](Server&) { return waiting.connected(); }));
  server.Run([&](Server&) { waiting = Responder(); });
}

TEST(ServerTest, RefusesWithAReason) {
  ServerThread server(Echo);
  Client client(server.port());
  const Reply reply = client.Ask("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("Host is missing"));
  EXPECT_EQ(reply.Find("Connection"), "close");
  EXPECT_TRUE(client.AtEnd());
}

}  // namespace
}  // namespace bridge::http
