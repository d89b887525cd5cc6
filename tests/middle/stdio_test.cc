// One client on lines of text, in both eras.
#include "bridge/transport/stdio.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>

#include "tests/middle/middle.h"

namespace bridge::mcp {
namespace {

using ::testing::HasSubstr;

constexpr char kEnvelope[] = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                             R"("io.modelcontextprotocol/clientCapabilities":{}})";

std::string ModernCall(const std::string& id) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{)" + kEnvelope +
         R"(,"name":"Orders_Get","arguments":{"id":"7"}}})";
}

std::string Initialize(const std::string& version) {
  return R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
         version + R"(","capabilities":{},"clientInfo":{"name":"c","version":"1"}}})";
}

class StdioTest : public Middle {
 protected:
  StdioTest() {
    if (::pipe(ends_.data()) != 0) throw std::runtime_error("no pipe");
    writer_ = std::make_unique<transport::LineWriter>(ends_[1], [] {});
    stdio_ = std::make_unique<transport::Stdio>(*server_, *budget_, *writer_);
  }
  ~StdioTest() override {
    while (CountUnderWay() > 0) UnderWay().EndCancelled();
    stdio_.reset();
    writer_.reset();
    for (const int end : ends_) ::close(end);
  }

  void Say(const std::string& line) { stdio_->Handle(line, true); }

  // The next line that it wrote.
  Json Read() {
    std::string line;
    for (char byte = 0; ::read(ends_[0], &byte, 1) == 1 && byte != '\n';) line.push_back(byte);
    return Json::parse(line);
  }

  // True if it has written nothing that was not read.
  bool IsQuiet() {
    writer_->Flush(std::chrono::seconds(30));
    pollfd poll{ends_[0], POLLIN, 0};
    return ::poll(&poll, 1, 0) == 0;
  }

  std::array<int, 2> ends_{};
  std::unique_ptr<transport::LineWriter> writer_;
  std::unique_ptr<transport::Stdio> stdio_;
};

TEST_F(StdioTest, EachMessageHasItsOwnEra) {
  Say(ModernCall("\"m\""));
  UnderWay().Answer(Order("7"));
  EXPECT_EQ(Read()["result"]["resultType"], "complete");
  Say(Initialize("2025-06-18"));
  EXPECT_EQ(Read()["result"]["protocolVersion"], "2025-06-18");
  Say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  Say(R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"Orders_Get"}})");
  UnderWay().Answer(Order("8"));
  const Json legacy = Read();
  EXPECT_EQ(legacy["id"], 2);
  EXPECT_FALSE(legacy["result"].contains("resultType"));
  EXPECT_EQ(legacy["result"]["structuredContent"]["id"], "8");
  Say(ModernCall("3"));
  UnderWay().Answer(Order("9"));
  EXPECT_EQ(Read()["result"]["structuredContent"]["id"], "9");
}

TEST_F(StdioTest, BeforeInitializeThereAreOnlyInitializeAndPing) {
  Say(R"({"jsonrpc":"2.0","id":1,"method":"server/discover"})");
  const Json refused = Read();
  EXPECT_EQ(refused["error"]["code"], -32600);
  EXPECT_THAT(refused["error"]["message"], HasSubstr("send initialize first"));
  Say(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  EXPECT_EQ(Read()["result"], Json::object());
  Say(Initialize("2025-11-25"));
  EXPECT_TRUE(Read().contains("result"));
  Say(R"({"jsonrpc":"2.0","id":3,"method":"tools/list"})");
  EXPECT_EQ(Read()["result"]["tools"].size(), 2u);
}

TEST_F(StdioTest, AnUnsupportedVersionIsToldWithTheSupportedOnes) {
  std::string call = ModernCall("1");
  call.replace(call.find("2026-07-28"), 10, "2027-01-01");
  Say(call);
  const Json error = Read()["error"];
  EXPECT_EQ(error["code"], -32022);
  EXPECT_EQ(error["data"], Json::parse(R"({"supported":["2026-07-28"],"requested":"2027-01-01"})"));
}

// MCP 2026-07-28, "Cancellation": nothing more is sent for that request.
TEST_F(StdioTest, ACancelledRequestIsCancelledUpstreamAndNotAnswered) {
  for (const char* id : {"1", "\"one\""}) {
    SCOPED_TRACE(id);
    Say(ModernCall(id));
    Say(std::string(
            R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)") +
        id + "}}");
    ASSERT_EQ(CountUnderWay(), 1u);
    EXPECT_EQ(UnderWay().cancelled, 1);
    UnderWay().EndCancelled();
    EXPECT_TRUE(IsQuiet());
  }
  Say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"unknown"}})");
  EXPECT_TRUE(IsQuiet());
}

TEST_F(StdioTest, ABatchIsOneLineWhereTheRevisionHasBatches) {
  const std::string batch =
      R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/x"},)"
      R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"Orders_Get"}}])";
  Say(batch);
  EXPECT_EQ(Read()["error"]["code"], -32600);
  Say(Initialize("2025-03-26"));
  Read();
  Say(batch);
  EXPECT_TRUE(IsQuiet());  // before its last answer
  UnderWay().Answer(Order("7"));
  const Json answers = Read();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0], Json::parse(R"({"jsonrpc":"2.0","id":1,"result":{}})"));
  EXPECT_EQ(answers[1]["id"], 2);
  Say(R"([{"jsonrpc":"2.0","method":"notifications/x"}])");
  EXPECT_TRUE(IsQuiet());
}

TEST_F(StdioTest, WhatIsNoMessageIsAnsweredWithoutAnId) {
  Say("{");
  EXPECT_EQ(Read()["error"]["code"], -32700);
  stdio_->Handle("{\"jsonrpc\"", false);
  const Json error = Read();
  EXPECT_EQ(error["error"]["code"], -32600);
  EXPECT_THAT(error["error"]["message"], HasSubstr("4194304 bytes"));
  EXPECT_FALSE(error.contains("id"));
  Say(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_TRUE(IsQuiet());
}

TEST_F(StdioTest, WhenNobodyReadsAnyMoreItsCallsAreCancelled) {
  ::signal(SIGPIPE, SIG_IGN);
  Say(ModernCall("1"));
  ::close(ends_[0]);
  writer_->Write("x");
  writer_->Flush(std::chrono::seconds(30));
  ASSERT_TRUE(writer_->gone());
  stdio_->OnWriterEvent();
  EXPECT_EQ(UnderWay().cancelled, 1);
  ends_[0] = ::open("/dev/null", O_RDONLY);
}

}  // namespace
}  // namespace bridge::mcp
