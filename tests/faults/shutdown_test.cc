// The end at every phase, again and again: before the first catalog, under calls, with a thread
// that is stuck, behind a log that nobody reads.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "tests/faults/raw_upstream.h"
#include "tests/faults/tool_error.h"
#include "tests/faults/upstream_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr int kRuns = 40;
constexpr int kAtOnce = 4;

// Makes kRuns runs, some at a time.
void Repeat(const std::function<void(int)>& run) {
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtOnce; ++i) {
    threads.emplace_back([&] {
      for (int number; (number = next++) < kRuns && !::testing::Test::HasFailure();) run(number);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

constexpr char kList[] =
    R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}})";

std::string ListRequest() {
  const std::string body = kList;
  return "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Lists and a call wait for the first catalog, which does not come: none is answered with what is
// not known, and the end is clean.
TEST(A10FirstCatalog, ASignalBeforeItEndsCleanly) {
  RawUpstream silent(0, Swallow);
  Repeat([&](int run) {
    const int port = FindFreePort();
    ChildProcess bridge({BridgeBinary(), "serve", "--listen", "127.0.0.1:" + std::to_string(port),
                         "--admin", "127.0.0.1:0", "--reactors", run % 2 == 0 ? "1" : "3",
                         "silent=" + silent.target()});
    ASSERT_TRUE(Becomes(seconds(30), [&] { return Listens(port); }));
    std::vector<std::unique_ptr<OpenRequest>> waiting;
    for (int i = 0; i < 6; ++i) {
      waiting.push_back(std::make_unique<OpenRequest>(port, ListRequest()));
      waiting.push_back(std::make_unique<OpenRequest>(port, ModernCall("A_B", json::object())));
    }
    for (int i = 0; i < run; ++i) Listens(port);  // another moment each time
    bridge.Signal(SIGTERM);
    EXPECT_EQ(bridge.WaitFor(seconds(20)), 0);
    // On a machine that is very busy the first catalog may come, after 5 s: an empty one.
    const bool ready = !bridge.ReadLine().empty();
    for (const auto& request : waiting) {
      const int status = request->Read().status;
      EXPECT_TRUE(status == 0 || ready) << status;
    }
  });
}

// One upstream answers, another hangs: the signal may come before, with or after the first catalog.
TEST(A10FirstCatalog, ASignalWithItEndsCleanly) {
  const std::unique_ptr<GenericServer> server(StartDescribedServer(
      {TextService("Echo", {"Say"})},
      [](const Received& call) -> Answer { return {.response = call.request}; }));
  Repeat([&](int run) {
    const int port = FindFreePort();
    ChildProcess bridge({BridgeBinary(), "serve", "--listen", "127.0.0.1:" + std::to_string(port),
                         "--admin", "127.0.0.1:0", "--reactors", run % 2 == 0 ? "1" : "3",
                         "echo=" + server->target()});
    ASSERT_TRUE(Becomes(seconds(30), [&] { return Listens(port); }));
    OpenRequest list(port, ListRequest());
    for (int i = 0; i < run; ++i) Listens(port);
    bridge.Signal(SIGTERM);
    const HttpAnswer answer = list.Read();
    if (answer.status != 0) {
      EXPECT_EQ(answer.Json()["result"]["tools"].size(), 1u) << answer.body;
    }
    EXPECT_EQ(bridge.WaitFor(seconds(20)), 0);
  });
}

std::unique_ptr<GenericServer> StartSlow() {
  return std::unique_ptr<GenericServer>(StartDescribedServer(
      {TextService("Slow", {"Hang", "Wait"})}, [](const Received& call) -> Answer {
        if (call.path.ends_with("/Hang")) return {.hang = true};
        return {.response = call.request, .delay = milliseconds(400)};
      }));
}

// 24 calls under way on three reactors: every one is answered in full, within the drain time.
TEST(A11Drain, CutsNoCall) {
  Repeat([&](int run) {
    const auto server = StartSlow();
    BridgeProcess bridge({"--reactors", "3", "--drain-timeout", "20", "up=" + server->target()});
    const size_t before = server->received().size();
    std::vector<std::unique_ptr<OpenRequest>> calls;
    for (int i = 0; i < 24; ++i) {
      calls.push_back(std::make_unique<OpenRequest>(
          bridge.mcp_port(), ModernCall("Slow_Wait", {{"text", std::to_string(i)}})));
    }
    // Some of them may still be on their way in.
    server->WaitForRequests(before + 1 + static_cast<size_t>(run) % 24);
    bridge.process().Signal(SIGTERM);
    for (int i = 0; i < 24; ++i) {
      const HttpAnswer answer = calls[static_cast<size_t>(i)]->Read();
      EXPECT_THAT(answer.body,
                  HasSubstr(R"("structuredContent":{"text":")" + std::to_string(i) + "\"}"))
          << "run " << run << ": " << answer.status;
    }
    EXPECT_EQ(bridge.process().WaitFor(seconds(20)), 0);
  });
}

// While calls hang on all of three reactors, none takes a new connection; then all calls are
// cancelled at one time, not one reactor after the other: each answer says so.
TEST(A11Drain, IsForAllReactorsAtOnce) {
  const auto server = StartSlow();
  BridgeProcess bridge({"--reactors", "3", "--drain-timeout", "8", "up=" + server->target()});
  const size_t before = server->received().size();
  std::vector<std::unique_ptr<OpenRequest>> calls;
  for (int i = 0; i < 24; ++i) {
    calls.push_back(
        std::make_unique<OpenRequest>(bridge.mcp_port(), ModernCall("Slow_Hang", json::object())));
  }
  ASSERT_EQ(server->WaitForRequests(before + 24), before + 24);
  bridge.process().Signal(SIGTERM);
  EXPECT_TRUE(Becomes(seconds(6), [&] {
    int taken = 0;
    for (int i = 0; i < 24; ++i) taken += Listens(bridge.mcp_port()) ? 1 : 0;
    return taken == 0;
  }));
  EXPECT_EQ(server->WaitForCancels(0), 0);
  for (const auto& call : calls) EXPECT_THAT(call->Read().body, HasSubstr("CANCELLED"));
  EXPECT_EQ(bridge.process().WaitFor(seconds(20)), 0);
}

// The reactor's thread of a process.
pid_t ReactorThread(pid_t process) {
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::ifstream file(task.path() / "comm");
    std::string name;
    file >> name;
    if (name == "reactor") return std::stoi(task.path().filename());
  }
  return -1;
}

// One of two reactors stands still, as in an endless loop: /livez says so, and the end comes in
// spite of it, with exit code 1; calls of the other one finish.
TEST(A11Stuck, AReactorThatIsStuckDoesNotKeepTheProcess) {
  const auto server = StartSlow();
  BridgeProcess bridge({"--reactors", "2", "--drain-timeout", "1", "up=" + server->target()});
  pid_t thread = -1;
  ASSERT_TRUE(
      Becomes(seconds(20), [&] { return (thread = ReactorThread(bridge.process().pid())) > 0; }));
  ASSERT_EQ(ptrace(PTRACE_SEIZE, thread, nullptr, nullptr), 0) << strerror(errno);
  ASSERT_EQ(ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr), 0);
  ASSERT_EQ(waitpid(thread, nullptr, __WALL), thread);
  EXPECT_TRUE(Becomes(seconds(20),
                      [&] { return Fetch(bridge.admin_port(), "GET", "/livez").status == 503; }));
  bridge.process().Signal(SIGTERM);
  // What is traced must be waited for, or the process has not ended.
  EXPECT_TRUE(
      Becomes(seconds(30), [&] { return waitpid(thread, nullptr, __WALL | WNOHANG) != 0; }));
  EXPECT_EQ(bridge.process().WaitFor(seconds(10)), 1);
}

// stderr is a full pipe that nobody reads, in blocking mode: the bridge starts, serves, says that
// it lives, and ends.
TEST(A12Log, AReaderThatStandsStillStopsNothing) {
  int unread[2];
  ASSERT_EQ(pipe2(unread, O_CLOEXEC), 0);
  ASSERT_EQ(fcntl(unread[1], F_SETFL, O_NONBLOCK), 0);
  const std::string block(4096, 'x');
  while (write(unread[1], block.data(), block.size()) > 0) continue;
  ASSERT_EQ(fcntl(unread[1], F_SETFL, 0), 0);
  const int own = dup(STDERR_FILENO);
  RawUpstream garbage(0, [](int socket) { SendAll(socket, "no gRPC here\n"); });
  const auto server = StartSlow();
  dup2(unread[1], STDERR_FILENO);
  BridgeProcess bridge({"--log-level", "debug", "--refresh", "1", "up=" + server->target(),
                        "garbage=" + garbage.target()});
  dup2(own, STDERR_FILENO);
  close(own);
  EXPECT_EQ(bridge.tools(), 2);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Fetch(bridge.admin_port(), "GET", "/livez").status, 200);
    EXPECT_EQ(CallTool(bridge, "Slow_Wait", {{"text", "x"}}).status, "OK");
  }
  bridge.process().Signal(SIGTERM);
  EXPECT_EQ(bridge.process().WaitFor(seconds(20)), 0);
  close(unread[0]);
  close(unread[1]);
}

}  // namespace
}  // namespace bridge::testing
