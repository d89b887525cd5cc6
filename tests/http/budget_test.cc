// Many peers that send half of a large body, or read nothing of a large answer: one at a time each
// keeps within its limits, together they must not take the machine's memory.
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <fstream>
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

constexpr size_t kMiB = 1 << 20;
constexpr size_t kPeers = 48;
constexpr size_t kBudget = 32 * kMiB;
// What the process may grow by: sanitizers keep freed memory back, or shadow what is used.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kGrowth = 9 * kBudget;
#else
constexpr size_t kGrowth = 2 * kBudget;
#endif
constexpr size_t kBodyBytes = 4 * kMiB;

Limits WithBudget(size_t bytes) {
  Limits limits;
  limits.buffered_bytes = bytes;
  return limits;
}

size_t ResidentBytes() {
  std::ifstream status("/proc/self/statm");
  size_t size = 0, resident = 0;
  status >> size >> resident;
  return resident * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

// The head and all but the last byte of a large body.
std::string HalfRequest(bool chunked) {
  std::string request = "POST / HTTP/1.1\r\nHost: h\r\n";
  request += chunked ? "Transfer-Encoding: chunked\r\n\r\n400000\r\n"
                     : "Content-Length: " + std::to_string(kBodyBytes) + "\r\n\r\n";
  return request.append(kBodyBytes - 1, 'b');
}

void ExpectFull(Client& client, const Reply& reply, const char* of_what) {
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.Find("Retry-After"), "1");
  EXPECT_THAT(reply.body, HasSubstr(of_what));
  EXPECT_TRUE(client.AtEnd());
}

void Ok(const Request&, Responder responder) {
  responder.Send(Text("ok"));
}

class BodyBudgetTest : public ::testing::TestWithParam<bool> {};

TEST_P(BodyBudgetTest, IsForAllConnectionsTogether) {
  ServerThread server(Ok, WithBudget(kBudget));
  const std::string request = HalfRequest(GetParam());
  const size_t resident = ResidentBytes();
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < kPeers; ++i) {
    clients.push_back(std::make_unique<Client>(server.port()));
    clients.back()->Send(request);
    EXPECT_LT(ResidentBytes(), resident + kGrowth) << i;
  }
  // Small requests go on, and so do those that were let in.
  Client small(server.port());
  EXPECT_EQ(small.Ask(Post("/", "small")).status, 200);
  const std::string_view end = GetParam() ? "b\r\n0\r\n\r\n" : "b";
  size_t let_in = 0;
  for (auto& client : clients) {
    const Reply reply = client->Ask(end);
    if (reply.status == 200) {
      ++let_in;
      continue;
    }
    ExpectFull(*client, reply, "too many request bodies");
  }
  EXPECT_GE(let_in, 4u);
  EXPECT_LE(let_in, 16u);
  // What they held serves others.
  Client late(server.port());
  late.Send(request);
  EXPECT_EQ(late.Ask(end).status, 200);
}

INSTANTIATE_TEST_SUITE_P(Framings, BodyBudgetTest, ::testing::Values(false, true),
                         [](const auto& test) { return test.param ? "Chunked" : "Sized"; });

// A body is held until the handler has read it, not until the answer is there: many that wait for
// theirs need no more room than one.
TEST_P(BodyBudgetTest, IsFreeAgainOnceTheHandlerHasReadIt) {
  Parking parking;
  ServerThread server(parking.handler(), WithBudget(6 * kMiB));
  const std::string request = HalfRequest(GetParam()) + (GetParam() ? "b\r\n0\r\n\r\n" : "b");
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < 12; ++i) {
    clients.push_back(std::make_unique<Client>(server.port()));
    clients.back()->Send(request);
    parking.Await(i + 1);
  }
  for (size_t i = 0; i < clients.size(); ++i) {
    server.Run([&](Server&) { parking.places[i].responder.Send(Text("done")); });
    EXPECT_EQ(clients[i]->Read().body, "done");
  }
}

// A budget that others use too: what they hold is not there for bodies and answers.
TEST(BudgetTest, IsSharedWithOthers) {
  ByteBudget budget(6 * kMiB);
  ServerThread server(Ok, Limits(), "127.0.0.1", &budget);
  Client first(server.port());
  EXPECT_EQ(first.Ask(HalfRequest(false) + "b").status, 200);
  server.Run([&](Server&) { budget.Take(4 * kMiB); });
  Client second(server.port());
  EXPECT_EQ(second.Ask(HalfRequest(false) + "b").status, 503);
  server.Run([&](Server&) { budget.GiveBack(4 * kMiB); });
  Client third(server.port());
  EXPECT_EQ(third.Ask(HalfRequest(false) + "b").status, 200);
}

TEST(BudgetTest, CountsAnswersNobodyReads) {
  const auto shared = std::make_shared<const std::string>(8 * kMiB, 's');
  ServerThread server(
      [&](const Request& request, Responder responder) {
        Response response = Text(request.path == "/own" ? std::string(8 * kMiB, 'x') : "");
        if (request.path == "/shared") response.shared = shared;
        responder.Send(std::move(response));
      },
      WithBudget(kBudget));
  const size_t resident = ResidentBytes();
  std::vector<std::unique_ptr<Client>> clients;
  size_t refused = 0;
  for (size_t i = 0; i < kPeers; ++i) {
    Client& client = *clients.emplace_back(std::make_unique<Client>(server.port(), 4096));
    client.Send(Get("/own"));
    ASSERT_TRUE(client.ReadUntil("\r\n\r\n"));
    if (!client.pending.starts_with("HTTP/1.1 503")) continue;
    ExpectFull(client, client.Read(), "too many answers");
    ++refused;
  }
  EXPECT_EQ(refused, kPeers - 3);  // heads count too
  EXPECT_LT(ResidentBytes(), resident + kGrowth);
  // Bytes that many answers share take no room of their own.
  Client other(server.port());
  EXPECT_EQ(other.Ask(Get("/shared")).body.size(), shared->size());
  for (auto& client : clients) client->Close();
  while (server.connections() > 1) std::this_thread::yield();
  EXPECT_EQ(other.Ask(Get("/own")).body.size(), 8 * kMiB);
}

TEST(BudgetTest, CountsAnswersThatAreGathered) {
  Parking parking;
  ServerThread server(parking.handler(), WithBudget(kMiB));
  Client first(server.port());
  first.Send(Get("/"));
  parking.Await(1);
  Client second(server.port());
  second.Send(Get("/"));
  parking.Await(2);
  server.Run([&](Server&) {
    EXPECT_TRUE(parking.places[0].responder.Reserve(100'000));
    EXPECT_TRUE(parking.places[0].responder.Reserve(600'000));  // all so far, not more
    EXPECT_FALSE(parking.places[1].responder.Reserve(600'000));
    parking.places[0].responder.Send(Text("done"));
    EXPECT_FALSE(parking.places[0].responder.Reserve(1));
    EXPECT_TRUE(parking.places[1].responder.Reserve(600'000));
  });
  EXPECT_EQ(first.Read().body, "done");
  second.Close();
  parking.AwaitGone(1);
  server.Run([&](Server&) { EXPECT_FALSE(parking.places[1].responder.Reserve(1)); });
}

// An answer that is small for the socket is only counted when it waits, and is sent whole even with
// nothing left: what it tells has happened. A stream is cut then, so that its reader does not take
// it for whole.
TEST(BudgetTest, ASmallAnswerWaitsInAnyCaseAndAStreamNeedsRoom) {
  ServerThread server(
      [](const Request& request, Responder responder) {
        if (request.path == "/stream") {
          responder.StartStream(200, "text/plain", "");
          while (responder.Write(std::string(60'000, 's')) != Responder::Written::kGone) continue;
          return responder.Close();
        }
        responder.Send(Text(std::string(60'000, 'x')));
      },
      WithBudget(70'000));
  Client reader(server.port());
  EXPECT_EQ(reader.Ask(Get("/")).body.size(), 60'000u);
  Client idler(server.port(), 4096);
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += Get("/");
  idler.Send(requests);
  Client streaming(server.port(), 4096);
  streaming.Send(Get("/stream"));
  while (server.connections() > 2) std::this_thread::yield();
  EXPECT_EQ(reader.Ask(Get("/")).body.size(), 60'000u);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(idler.Read().body.size(), 60'000u) << i;
}

}  // namespace
}  // namespace bridge::http
