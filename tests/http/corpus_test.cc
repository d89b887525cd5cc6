// The shapes of guard_cases.h over real sockets: what the guard makes of bytes is also what a peer
// is answered, and what the handler gets to see.
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/guard_cases.h"
#include "tests/http/guard_reading.h"
#include "tests/http/loopback.h"

namespace bridge::http {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Answers with what it understood, as guard_cases.h writes it.
void Echo(const Request& request, Responder responder) {
  responder.Send(Text(Describe(request, Framing())));
}

class CorpusTest : public ::testing::TestWithParam<GuardCase> {
 protected:
  // `step` bytes by each send.
  void Play(size_t step) {
    const GuardCase& c = GetParam();
    ServerThread server(Echo, SmallLimits());
    Client client(server.port());
    for (size_t at = 0; at < c.bytes.size(); at += step) {
      if (!client.Send(std::string_view(c.bytes).substr(at, step))) break;
    }
    if (c.status != 0) {
      // Nothing behind a refusal may count, whatever it looks like.
      client.Send(kNext);
      ExpectRefusal(client);
    } else {
      ExpectEcho(client);
    }
  }

  static void ExpectRefusal(Client& client) {
    const GuardCase& c = GetParam();
    const Reply reply = client.Read();
    EXPECT_EQ(reply.status, c.status);
    EXPECT_THAT(reply.body, HasSubstr(std::string(c.says)));
    EXPECT_EQ(reply.Find("Connection"), "close");
    EXPECT_EQ(reply.Find("Content-Type"), "text/plain; charset=utf-8");
    client.EndSending();
    EXPECT_TRUE(client.AtEnd()) << client.pending;
  }

  static void ExpectEcho(Client& client) {
    std::string says(GetParam().says);
    const auto drop = [&says](std::string_view end) {
      const bool found = says.size() > end.size() && says.ends_with(end);
      if (found) says.resize(says.size() - end.size());
      return found;
    };
    if (drop(" continue") && client.ReadUntil("\r\n") && client.pending.starts_with(kContinue)) {
      client.pending.erase(0, kContinue.size());
    }
    const bool last = drop(" close");
    const Reply reply = client.Read();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, says);
    if (last) {
      EXPECT_TRUE(client.AtEnd());
    } else {
      EXPECT_EQ(client.Ask(kNext).body, "GET /next Host=h");
    }
  }
};

TEST_P(CorpusTest, Whole) {
  Play(std::string::npos);
}

TEST_P(CorpusTest, ByteByByte) {
  Play(1);
}

INSTANTIATE_TEST_SUITE_P(Cases, CorpusTest, ::testing::ValuesIn(GuardCases()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace bridge::http
