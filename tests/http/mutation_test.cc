// Requests damaged at random (fixed seed): the guard must neither crash nor hang, must understand
// the same whichever way the bytes are cut, and must answer with one of the documented statuses.
#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/guard_reading.h"
#include "tests/http/loopback.h"

namespace bridge::http {
namespace {

using ::testing::AnyOf;

constexpr std::string_view kSeeds[] = {
    "POST /mcp?a=b HTTP/1.1\r\nHost: localhost:80\r\nContent-Type: application/json\r\n"
    "Mcp-Method: tools/call\r\nMcp-Name: x\r\nContent-Length: 12\r\n\r\n{\"a\":[1,2]}\n",
    "POST /mcp HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer t\r\n"
    "\r\n5;e=\"x\"\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n",
    "OPTIONS * HTTP/1.0\r\nHost: h\r\nConnection: keep-alive, x\r\nOrigin: http://h\r\n\r\n"
    "GET http://h/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nz",
};

// Bytes that mean something to a parser.
constexpr std::string_view kPieces[] = {"\r",
                                        "\n",
                                        "\r\n",
                                        "\r\n\r\n",
                                        " ",
                                        "\t",
                                        ":",
                                        ",",
                                        ";",
                                        "0",
                                        "ffffffffffffffff",
                                        "-1",
                                        "\x7f",
                                        "\xff",
                                        "Host: h\r\n",
                                        "Content-Length: 5\r\n",
                                        "Transfer-Encoding: chunked\r\n",
                                        "HTTP/1.1",
                                        "HTTP/1.0",
                                        "chunked",
                                        "0\r\n\r\n",
                                        "Connection: close\r\n",
                                        "Expect: x\r\n",
                                        "X: y\r\n z\r\n"};

class Mutator {
 public:
  std::string Next() {
    std::string bytes(kSeeds[Pick(std::size(kSeeds))]);
    for (size_t changes = 1 + Pick(4); changes > 0; --changes) Change(bytes);
    return bytes;
  }
  size_t Pick(size_t count) { return count == 0 ? 0 : random_() % count; }

 private:
  void Change(std::string& bytes) {
    const size_t at = Pick(bytes.size());
    switch (Pick(6)) {
      case 0:
        bytes.erase(at, 1 + Pick(8));
        break;
      case 1:
        bytes.insert(at, kPieces[Pick(std::size(kPieces))]);
        break;
      case 2:
        if (!bytes.empty()) bytes[at] = static_cast<char>(Pick(256));
        break;
      case 3:
        bytes.insert(at, bytes.substr(Pick(bytes.size() + 1), Pick(40)));
        break;
      case 4:
        bytes.insert(at, std::string(Pick(1500), 'a'));
        break;
      default:
        bytes.resize(at);
    }
  }

  std::mt19937 random_{20261121};
};

TEST(MutationTest, CutsNeverChangeTheMeaning) {
  Mutator mutator;
  size_t refused = 0, understood = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = mutator.Next();
    const Outcome whole = Read(bytes, std::string::npos);
    for (size_t step : {size_t{1}, 2 + mutator.Pick(30)}) {
      const Outcome cut = Read(bytes, step);
      ASSERT_EQ(whole.requests, cut.requests) << i << " step " << step << "\n" << bytes;
      ASSERT_EQ(whole.refusal.status, cut.refusal.status) << i << " step " << step << "\n" << bytes;
    }
    refused += whole.refusal.status != 0;
    understood += !whole.requests.empty();
  }
  EXPECT_GT(refused, 5000u);
  EXPECT_GT(understood, 2000u);
}

TEST(MutationTest, AnswersAreDocumentedStatuses) {
  ServerThread server(
      [](const Request&, Responder responder) {
        Response response;
        response.content_type = "text/plain";
        response.body = "ok";
        responder.Send(std::move(response));
      },
      SmallLimits());
  Mutator mutator;
  size_t answers = 0;
  for (int i = 0; i < 3'000; ++i) {
    const std::string bytes = mutator.Next();
    Client client(server.port());
    client.Send(bytes);
    client.EndSending();
    const auto received = client.ReadToEnd();
    ASSERT_TRUE(received.has_value()) << i << " was reset\n" << bytes;
    const std::string_view text = *received;
    for (size_t at = text.find("HTTP/1.1 "); at != text.npos; at = text.find("HTTP/1.1 ", at + 1)) {
      const int status = std::stoi(std::string(text.substr(at + 9, 3)));
      ASSERT_THAT(status, AnyOf(100, 200, 400, 413, 414, 417, 431, 501, 505)) << i << "\n" << bytes;
      ++answers;
    }
  }
  EXPECT_GT(answers, 2000u);
  while (server.connections() > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace bridge::http
