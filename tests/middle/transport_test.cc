// What the transport makes of calls that are under way: batches, answers without room, peers that
// go away. Real sockets, a fake upstream; everything of the bridge on the server's thread.
#include <algorithm>
#include <thread>

#include "bridge/transport/batch.h"
#include "bridge/transport/exchange.h"
#include "tests/http/loopback.h"
#include "tests/middle/middle.h"

namespace bridge::mcp {
namespace {

using ::testing::HasSubstr;

constexpr size_t kMiB = 1u << 20;

// A body is a batch where it begins with a bracket, else one call, as StreamableHttp runs them.
class Transport : public Middle {
 protected:
  Transport() { Start(64 * kMiB); }

  void Start(size_t budget) {
    http_.reset();
    Restart({}, budget);
    http_ = std::make_unique<http::ServerThread>(
        [this](const http::Request& request, http::Responder responder) {
          auto exchange = std::make_unique<transport::Exchange>();
          exchange->responder = std::move(responder);
          exchange->span = tracer_.StartSpan("POST /mcp", telemetry::SpanKind::kServer, nullptr);
          if (request.path == "/events") exchange->form = transport::Exchange::Form::kStream;
          if (request.body.starts_with('[')) return RunBatch(request.body, std::move(exchange));
          RunCall(request.body, std::move(exchange));
        },
        http::Limits(), "127.0.0.1", budget_.get());
  }

  ~Transport() override {
    http_->Run([](http::Server&) {
      while (CountUnderWay() > 0) UnderWay().EndCancelled();
    });
    http_.reset();
  }

  template <typename Work>
  auto Run(Work work) {
    return http_->Run([&](http::Server&) { return work(); });
  }
  void Await(size_t calls) {
    while (Run([] { return CountUnderWay(); }) != calls) std::this_thread::yield();
  }

  // Fills the budget but for so many bytes; returns how many were taken for it.
  size_t LeaveRoomFor(size_t left) {
    size_t taken = 0;
    for (size_t step = 1u << 24; step > 0; step /= 2) {
      for (; budget_->HasRoomFor(left + step); taken += step) budget_->Take(step);
    }
    return taken;
  }

  std::unique_ptr<http::ServerThread> http_;

 private:
  void RunBatch(std::string_view body, std::unique_ptr<transport::Exchange> exchange) {
    std::vector<std::string_view> elements;
    jsonrpc::ParseFailure failure;
    ASSERT_TRUE(transport::ReadBatch(body, &elements, &failure)) << failure.message;
    const Caller caller{
        .revision = FindRevision("2025-03-26"), .network = &kTestNetwork, .session = "s"};
    const std::shared_ptr<transport::Exchange> shared = std::move(exchange);
    const auto batch = transport::Batch::Run(
        elements, caller, &shared->span, server_.get(),
        {.reserve = [shared](size_t bytes) { return shared->responder.Reserve(bytes); },
         .end =
             [shared](std::optional<Reply> reply) {
               if (!reply.has_value()) return shared->SendEmpty(202);
               shared->Respond(200, *std::move(reply));
             }});
    shared->responder.OnDisconnect([weak = std::weak_ptr(batch)] {
      if (const auto alive = weak.lock()) alive->Cancel(Operation::Why::kPeerGone);
    });
  }

  void RunCall(std::string_view body, std::unique_ptr<transport::Exchange> exchange) {
    jsonrpc::Message message;
    jsonrpc::ParseFailure failure;
    ASSERT_TRUE(jsonrpc::ParseMessage(body, &message, &failure)) << failure.message;
    transport::Exchange* const waiting = exchange.get();
    const mcp::Call call{.message = message,
                         .caller = {.revision = FindRevision(kModern), .network = &kTestNetwork},
                         .parent_span = &waiting->span};
    Operation* const operation = server_->Handle(call, std::move(exchange));
    if (operation == nullptr) return;
    waiting->responder.OnDisconnect([operation] { operation->Cancel(Operation::Why::kPeerGone); });
  }
};

std::string CallText(const std::string& id, const std::string& arguments = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + id +
         R"(,"method":"tools/call","params":{"name":"Orders_Put","arguments":)" + arguments + "}}";
}

TEST_F(Transport, ABatchIsAnsweredWhenItsLastCallIs) {
  http::Client client(http_->port());
  client.Send(http::Post("/", "[" + CallText("1") + "," + CallText("\"two\"") +
                                  R"(,{"jsonrpc":"2.0","id":3,"method":"ping"},)"
                                  R"({"jsonrpc":"2.0","method":"notifications/initialized"},)" +
                                  CallText("4", R"({"x":1})") + "]"));
  Await(2);
  Run([] {
    UnderWay(1).Answer(Order("b"));
    UnderWay(0).Answer(Order("a"));
  });
  const Json answers = Json::parse(client.Read().body);
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0], Json::parse(R"({"jsonrpc":"2.0","id":3,"result":{}})"));
  EXPECT_EQ(answers[1]["id"], 4);  // refused: its arguments do not fit
  EXPECT_EQ(answers[2]["id"], "two");
  EXPECT_THAT(answers[2]["result"]["content"][0]["text"], HasSubstr("\"b\""));
  EXPECT_EQ(answers[3]["id"], 1);
  EXPECT_THAT(answers[3]["result"]["content"][0]["text"], HasSubstr("\"a\""));
}

TEST_F(Transport, ABatchOfNotificationsIsAccepted) {
  http::Client client(http_->port());
  const http::Reply reply =
      client.Ask(http::Post("/", R"([{"jsonrpc":"2.0","method":"notifications/initialized"}])"));
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body, "");
}

// A notification of the batch reaches a call of the same batch, and no other session's.
TEST_F(Transport, ABatchCancelsItsOwnCalls) {
  http::Client client(http_->port());
  client.Send(http::Post(
      "/",
      "[" + CallText("1") + "," + CallText("2") +
          R"(,{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}])"));
  Await(2);
  Run([] {
    EXPECT_EQ(UnderWay(0).cancelled, 0);
    EXPECT_EQ(UnderWay(1).cancelled, 1);
    UnderWay(1).EndCancelled();
    UnderWay(0).Answer("");
  });
  EXPECT_EQ(Json::parse(client.Read().body).size(), 2u);
}

TEST_F(Transport, APeerThatGoesAwayCancelsAllOfItsBatch) {
  http::Client client(http_->port());
  client.Send(
      http::Post("/", "[" + CallText("1") + "," + CallText("2") + "," + CallText("3") + "]"));
  Await(3);
  Run([] { UnderWay(1).Answer(""); });
  client.Close();
  while (Run([] { return UnderWay(0).cancelled + UnderWay(1).cancelled; }) < 2) {
    std::this_thread::yield();
  }
}

TEST_F(Transport, APeerThatGoesAwayCancelsItsCall) {
  http::Client client(http_->port());
  client.Send(http::Post("/", CallText("1")));
  Await(1);
  client.Reset();
  while (Run([] { return UnderWay().cancelled; }) == 0) std::this_thread::yield();
}

// The body of a call is not held while the call is: only what was encoded of it is.
TEST_F(Transport, A3ABodyIsGoneOnceItsArgumentsAreEncoded) {
  Start(6 * kMiB);
  std::vector<std::unique_ptr<http::Client>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<http::Client>(http_->port()));
    std::string spaces(3 * kMiB, ' ');
    clients.back()->Send(http::Post("/", CallText("1", "{" + spaces + "}")));
    Await(clients.size());
  }
  Run([this] {
    EXPECT_TRUE(budget_->HasRoomFor(5 * kMiB));
    while (CountUnderWay() > 0) UnderWay().Answer(Order("a"));
  });
  for (auto& client : clients) EXPECT_EQ(client->Read().status, 200);
}

// Whatever else fills the memory when the answer comes, what the client gets is a result that says
// that the call was carried out; never a refusal that invites it to repeat the call.
TEST_F(Transport, B6AnAnswerWithoutRoomIsNeverARefusal) {
  for (const char* path : {"/", "/events"}) {
    for (const size_t answer : {10'000u, 60'000u, 70'000u, 1'000'000u, 3'000'000u}) {
      for (const size_t left : {size_t{0}, 2 * answer - 2'000, 2 * answer, 2 * answer + 8'000}) {
        SCOPED_TRACE(std::string(path) + " " + std::to_string(answer) + " " + std::to_string(left));
        Start(16 * kMiB);
        http::Client client(http_->port(), 4096);
        client.Send(http::Post(path, CallText("1")));
        Await(1);
        Run([&] {
          const size_t taken = LeaveRoomFor(left);
          UnderWay().Answer(Order("a", std::string(answer, 'x')));
          budget_->GiveBack(taken);
        });
        const http::Reply reply = client.Read();
        EXPECT_EQ(reply.status, 200);
        EXPECT_FALSE(reply.Find("Retry-After").has_value());
        EXPECT_EQ(reply.body.size() > 2 * answer, left > 0);
        if (left == 0) {
          EXPECT_THAT(reply.body, HasSubstr("The call has taken effect. Do not repeat it"));
        }
      }
    }
  }
}

TEST_F(Transport, B6AFullBatchSaysThatItsCallsWereMade) {
  for (const size_t left : {size_t{0}, size_t{1'900'000}, size_t{4'000'000}}) {
    SCOPED_TRACE(left);
    Start(16 * kMiB);
    http::Client client(http_->port(), 4096);
    client.Send(
        http::Post("/", "[" + CallText("1") + "," + CallText("2") + "," + CallText("3") + "]"));
    Await(3);
    Run([&] {
      LeaveRoomFor(left);
      while (CountUnderWay() > 0) UnderWay().Answer(Order("a", std::string(900'000, 'x')));
    });
    const http::Reply reply = client.Read();
    ASSERT_EQ(reply.status, 200);
    const Json answers = Json::parse(reply.body);
    ASSERT_EQ(answers.size(), 3u);
    size_t whole = 0;
    for (const Json& answer : answers) {
      const std::string text = answer.dump();
      if (text.size() > 900'000) {
        ++whole;
      } else {
        EXPECT_TRUE(text.find("The call has taken effect") != std::string::npos ||
                    text.find("the call was made") != std::string::npos)
            << text;
      }
    }
    EXPECT_EQ(whole, std::min<size_t>(3, left / 900'000));
  }
}

}  // namespace
}  // namespace bridge::mcp
