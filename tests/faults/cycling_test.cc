// Servers and proxies that end connections as a matter of course, every few calls or moments: no
// call fails. CYCLING_CALLS is how many are made of each (2,000).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/faults/tool_error.h"
#include "tests/faults/upstream_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kCallers = 8;

int Calls() {
  const char* calls = std::getenv("CYCLING_CALLS");
  return calls == nullptr ? 2'000 : std::atoi(calls);
}

// Makes the calls, eight at a time; the answers that were no success.
std::vector<std::string> Failures(const BridgeProcess& bridge, const std::string& tool) {
  const std::string text = ModernCall(tool, {{"text", "x"}});
  std::mutex mutex;
  std::vector<std::string> failures;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&] {
      OpenRequest connection(bridge.mcp_port(), text);
      for (int i = 0; i < Calls() / kCallers; ++i) {
        if (i > 0) connection.Send(text);
        const HttpAnswer answer = connection.Read();
        if (answer.body.find(R"("isError")") == std::string::npos && answer.status == 200) continue;
        const std::lock_guard lock(mutex);
        failures.push_back(answer.body);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  return failures;
}

// nginx before one upstream: each of its connections takes 20 requests, on both sides.
class Nginx final {
 public:
  explicit Nginx(int upstream_port)
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("cycling_", getpid(), "_", port_)) {
    std::filesystem::create_directories(folder_);
    std::string temporary;
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      absl::StrAppend(&temporary, kind, "_temp_path ", folder_.string(), "/", kind, "; ");
    }
    std::ofstream(folder_ / "nginx.conf")
        << "daemon off; master_process off; pid " << folder_.string() << "/pid; error_log "
        << folder_.string() << "/log;\n"
        << "events { worker_connections 512; }\n"
        << "http { access_log off; " << temporary << "\n"
        << "  upstream behind { server 127.0.0.1:" << upstream_port
        << "; keepalive 8; keepalive_requests 20; }\n"
        << "  server { listen 127.0.0.1:" << port_ << " http2; keepalive_requests 20;\n"
        << "    location / { grpc_pass grpc://behind; grpc_read_timeout 2s; } } }\n";
    process_ = std::make_unique<ChildProcess>(std::vector<std::string>{
        "/usr/sbin/nginx", "-p", folder_.string(), "-c", (folder_ / "nginx.conf").string(), "-e",
        (folder_ / "log").string()});
    EXPECT_TRUE(Becomes(seconds(10), [this] { return Listens(port_); }));
  }
  ~Nginx() {
    process_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string target() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  const int port_ = FindFreePort();
  const std::filesystem::path folder_;
  std::unique_ptr<ChildProcess> process_;
};

TEST(B25Cycling, BehindNginxNoCallFails) {
  UpstreamProcess behind("Front", {"Say"});
  Nginx nginx(behind.port());
  BridgeProcess bridge({"--refresh", "0", "front=" + nginx.target()});
  EXPECT_THAT(Failures(bridge, "Front_Say"), ::testing::IsEmpty());
}

TEST(B25Cycling, AServerWithAConnectionAgeLosesNoCall) {
  for (const milliseconds age : {milliseconds(50), milliseconds(200), milliseconds(1000)}) {
    SCOPED_TRACE(age.count());
    const std::unique_ptr<GenericServer> server(StartDescribedServer(
        {TextService("Front", {"Say"})},
        [](const Received& call) { return Answer{.response = call.request}; }, "127.0.0.1:0", age));
    BridgeProcess bridge({"--refresh", "0", "front=" + server->target()});
    EXPECT_THAT(Failures(bridge, "Front_Say"), ::testing::IsEmpty());
  }
}

// The service works on while nginx has given up and answers with a page for people.
TEST(B25Cycling, AProxyThatGivesUpLeavesOpenWhatHappened) {
  UpstreamProcess behind("Front", {"Hang"});
  Nginx nginx(behind.port());
  BridgeProcess bridge({"--refresh", "0", "--call-timeout", "5s", "front=" + nginx.target()});
  const Outcome outcome = CallTool(bridge, "Front_Hang");
  EXPECT_EQ(outcome.status, "UNAVAILABLE");
  EXPECT_THAT(outcome.text, ::testing::HasSubstr("The call may have taken effect."));
  EXPECT_THAT(outcome.text, ::testing::HasSubstr("HTTP status 504"));
  EXPECT_FALSE(outcome.retryable);
}

}  // namespace
}  // namespace bridge::testing
