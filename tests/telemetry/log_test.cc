#include "bridge/telemetry/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "bridge/telemetry/log_limit.h"

namespace bridge::telemetry {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// Catches what is logged while it lives.
class LogTest : public testing::Test {
 protected:
  LogTest() {
    EXPECT_EQ(pipe2(pipe_, O_NONBLOCK), 0);
    SetLogDescriptor(pipe_[1]);
  }
  ~LogTest() override {
    SetLogDescriptor(STDERR_FILENO);
    SetLogLevel(LogLevel::kInfo);
    close(pipe_[0]);
    close(pipe_[1]);
  }

  std::string Text() {
    std::string text;
    char bytes[4096];
    for (ssize_t got; (got = read(pipe_[0], bytes, sizeof(bytes))) > 0;) {
      text.append(bytes, static_cast<size_t>(got));
    }
    return text;
  }

  std::vector<json> Lines() {
    std::vector<json> lines;
    std::string text = Text();
    for (size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      lines.push_back(json::parse(text.substr(0, end), nullptr, /*allow_exceptions=*/false));
    }
    EXPECT_EQ(text, "");
    return lines;
  }

  int pipe_[2];
};

TEST_F(LogTest, ALineHasAllItsMembers) {
  const TraceContext context =
      *ParseTraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const std::string target = "orders:50051";
  Log(LogLevel::kWarning, "upstream", "not \"ready\"\n",
      {{"target", target},
       {"literal", "a"},
       {"view", std::string_view("b")},
       {"count", size_t{3}},
       {"negative", -1},
       {"share", 0.5},
       {"nan", std::numeric_limits<double>::quiet_NaN()},
       {"final", true}},
      &context);
  const std::vector<json> lines = Lines();
  ASSERT_EQ(lines.size(), 1u);
  json line = lines[0];
  EXPECT_THAT(line["ts"].dump(),
              MatchesRegex("\"20[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9]+Z\""));
  line.erase("ts");
  EXPECT_EQ(line, json({{"level", "warning"},
                        {"logger", "upstream"},
                        {"msg", "not \"ready\"\n"},
                        {"trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"},
                        {"span_id", "00f067aa0ba902b7"},
                        {"target", "orders:50051"},
                        {"literal", "a"},
                        {"view", "b"},
                        {"count", 3},
                        {"negative", -1},
                        {"share", 0.5},
                        {"nan", nullptr},
                        {"final", true}}));
}

TEST_F(LogTest, HostileTextStaysInItsValue) {
  const std::string hostile =
      std::string("\",\"level\":\"error\"}\r\n{\"x\":\0\x1b[31m", 30) + "\xff";
  Log(LogLevel::kInfo, "a", hostile, {{"value", hostile}});
  const std::vector<json> lines = Lines();
  ASSERT_EQ(lines.size(), 1u);
  ASSERT_TRUE(lines[0].is_object());
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["value"], "\",\"level\":\"error\"}\n{\"x\":[31");
}

class A14Log : public LogTest {};

TEST_F(A14Log, WhatCannotBeSeenIsNotWritten) {
  const struct {
    const char* written;
    const char* seen;
  } rows[] = {
      {"a\xc2\x9b"
       "31mb",
       "a31mb"},                                                 // C1: CSI
      {"a\xc2\x85z", "az"},                                      // C1: next line
      {"user\xe2\x80\xaetxt.exe", "usertxt.exe"},                // right-to-left override
      {"a\xe2\x81\xa6z\xe2\x81\xa9", "az"},                      // bidirectional isolates
      {"a\xf3\xa0\x81\x81\xf3\xa0\x81\xbfz", "az"},              // tag characters
      {"a\xe2\x80\x8bz", "az"},                                  // zero width space
      {"a\xff\xfez", "az"},                                      // no UTF-8
      {"caf\xc3\xa9 \xe6\x97\xa5", "caf\xc3\xa9 \xe6\x97\xa5"},  // all else stays
  };
  RouteLibraryLogs();
  for (const auto& row : rows) {
    Log(LogLevel::kInfo, "a", row.written, {{"value", row.written}});
    gpr_log("chttp2.cc", __LINE__, GPR_LOG_SEVERITY_ERROR, "Error parsing metadata: %s",
            row.written);
    const std::vector<json> lines = Lines();
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0]["msg"], row.seen);
    EXPECT_EQ(lines[0]["value"], row.seen);
    EXPECT_EQ(lines[1]["logger"], "grpc");
    EXPECT_EQ(lines[1]["msg"], std::string("Error parsing metadata: ") + row.seen);
  }
}

TEST_F(LogTest, LongTextIsCut) {
  Log(LogLevel::kInfo, "a", "m", {{"value", std::string(1023, 'x') + "\xc3\xa9"}});
  const std::vector<json> lines = Lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["value"], std::string(1023, 'x'));
}

TEST_F(LogTest, Levels) {
  const std::vector<LogLevel> levels = {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning,
                                        LogLevel::kError};
  for (LogLevel minimum :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError, LogLevel::kOff}) {
    SetLogLevel(minimum);
    size_t expected = 0;
    for (LogLevel level : levels) {
      Log(level, "a", "m");
      EXPECT_EQ(IsLogged(level), level >= minimum);
      expected += level >= minimum ? 1 : 0;
    }
    Log(LogLevel::kOff, "a", "m");
    EXPECT_EQ(Lines().size(), expected);
  }
  EXPECT_EQ(ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogLevel("info"), LogLevel::kInfo);
  EXPECT_EQ(ParseLogLevel("warn"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("warning"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("error"), LogLevel::kError);
  EXPECT_EQ(ParseLogLevel("off"), LogLevel::kOff);
  EXPECT_EQ(ParseLogLevel("INFO"), std::nullopt);
  EXPECT_EQ(ParseLogLevel(""), std::nullopt);
}

TEST_F(LogTest, LinesOfThreadsDoNotMix) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int j = 0; j < 5; ++j) Log(LogLevel::kInfo, "a", "threads", {{"thread", i}, {"n", j}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<json> lines = Lines();
  EXPECT_EQ(lines.size(), 20u);
  for (const json& line : lines) EXPECT_TRUE(line.is_object());
}

TEST_F(LogTest, AFullPipeDropsAndCounts) {
  const uint64_t before = DroppedLogLines();
  const std::string kilobyte(1024, 'x');
  for (uint32_t i = 0; i < LogLimit::kBurst; ++i) {
    Log(LogLevel::kInfo, "a", "full",
        {{"a", kilobyte}, {"b", kilobyte}, {"c", kilobyte}, {"d", kilobyte}});
  }
  EXPECT_GT(DroppedLogLines(), before);
}

// A small pipe in blocking mode, whose reader stands still: nobody waits, and what the reader finds
// later are whole lines. A long line that was begun is ended first.
TEST_F(LogTest, A12AReaderThatStandsStillIsNotWaitedFor) {
  EXPECT_EQ(fcntl(pipe_[1], F_SETPIPE_SZ, 4 * 4096), 4 * 4096);
  EXPECT_EQ(fcntl(pipe_[1], F_SETFL, 0), 0);
  SetLogLevel(LogLevel::kDebug);  // whose lines have no other limit
  for (const size_t size : {10u, 200u, 500u, 1024u}) {
    const uint64_t before = DroppedLogLines();
    const std::string value(size, 'x');
    const auto log = [&value](const std::string& message) {
      Log(LogLevel::kDebug, "a", message,
          {{"a", value},
           {"b", value},
           {"c", value},
           {"d", value},
           {"e", value},
           {"f", value},
           {"g", value},
           {"h", value},
           {"i", value}});
    };
    for (int i = 0; i < 200; ++i) log("still " + std::to_string(size) + " " + std::to_string(i));
    EXPECT_GT(DroppedLogLines(), before) << size;
    std::string text = Text();
    log("after " + std::to_string(size));
    text += Text();
    Log(LogLevel::kDebug, "a", "end");  // of a long line too
    text += Text();
    EXPECT_THAT(text, HasSubstr("after " + std::to_string(size)));
    size_t lines = 0;
    for (size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      EXPECT_TRUE(json::accept(text.substr(0, end))) << text.substr(0, end);
      ++lines;
    }
    EXPECT_EQ(text, "") << size;
    EXPECT_GE(lines, 2u) << size;
    EXPECT_LT(lines, 200u) << size;
  }
}

TEST_F(LogTest, AFloodIsCutAndCounted) {
  const uint64_t before = SuppressedLogLines();
  for (int i = 0; i < 1'000; ++i) Log(LogLevel::kInfo, "flood", "again", {{"n", i}});
  EXPECT_EQ(Lines().size(), LogLimit::kBurst);
  EXPECT_EQ(SuppressedLogLines(), before + 1'000 - LogLimit::kBurst);
  Log(LogLevel::kInfo, "flood", "another");
  const std::vector<json> lines = Lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_FALSE(lines[0].contains("suppressed"));
}

// gRPC writes pointers and addresses into its messages: no two are equal.
TEST_F(LogTest, AFloodOfALibraryIsCutByItsPlace) {
  grpc_init();
  RouteLibraryLogs();
  for (int i = 0; i < 1'000; ++i) gpr_log(GPR_ERROR, "subchannel %d", i);
  EXPECT_EQ(Lines().size(), LogLimit::kBurst);
  gpr_set_log_function(nullptr);
  grpc_shutdown();
}

using B38LogTest = LogTest;

TEST_F(B38LogTest, WhatGrpcSaysOfAnUpstreamNamesItOnce) {
  grpc_init();
  RouteLibraryLogs();
  for (const std::string upstream : {"b38-orders", "b38-stock", "b38-orders"}) {
    const LibraryLogsAbout about(upstream);
    for (int i = 0; i < 3; ++i) gpr_log(GPR_ERROR, "Error parsing metadata: b38");
  }
  gpr_log(GPR_ERROR, "Error parsing metadata: b38");
  std::vector<std::string> named;
  for (const json& line : Lines()) named.push_back(line.value("upstream", "-"));
  EXPECT_THAT(named, ::testing::ElementsAre("b38-orders", "b38-stock", "-"));
  gpr_set_log_function(nullptr);
  grpc_shutdown();
}

TEST_F(LogTest, GrpcLogsHere) {
  grpc_init();  // before it gRPC logs nothing
  RouteLibraryLogs();
  gpr_log(GPR_ERROR, "cannot %s \"%d\"", "connect", 7);
  const std::vector<json> lines = Lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["logger"], "grpc");
  EXPECT_EQ(lines[0]["level"], "warning");
  EXPECT_EQ(lines[0]["msg"], "cannot connect \"7\"");
  EXPECT_EQ(lines[0]["file"], "log_test.cc");
  gpr_set_log_function(nullptr);
  grpc_shutdown();
}

}  // namespace
}  // namespace bridge::telemetry
