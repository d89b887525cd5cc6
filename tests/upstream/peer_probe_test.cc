#include "bridge/upstream/peer_probe.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "bridge/upstream/reflection.h"
#include "tests/support/child_process.h"
#include "tests/support/generic_server.h"

namespace bridge::upstream {
namespace {

using bridge::testing::Answer;
using bridge::testing::ChildProcess;
using bridge::testing::GenericServer;
using bridge::testing::Received;

constexpr std::chrono::seconds kLong{10};

// OpenSSL's server with a certificate of its own.
class TlsServer final {
 public:
  TlsServer() : folder_(std::filesystem::temp_directory_path() / "b34_XXXXXX") {
    std::string name = folder_.string();
    folder_ = mkdtemp(name.data());
    const std::string key = (folder_ / "key").string();
    const std::string certificate = (folder_ / "certificate").string();
    EXPECT_EQ(ChildProcess({"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                            "-keyout", key, "-out", certificate, "-days", "2", "-subj",
                            "/CN=localhost", "-batch"})
                  .Wait(),
              0);
    server_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{"/usr/bin/openssl", "s_server", "-www", "-accept", "127.0.0.1:0",
                                 "-cert", certificate, "-key", key});
    std::string line;
    do line = server_->ReadLine();
    while (!line.empty() && !line.starts_with("ACCEPT "));
    target_ = line.substr(line.rfind(' ') + 1);
  }
  ~TlsServer() {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  const std::string& target() const { return target_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<ChildProcess> server_;
  std::string target_;
};

// Answers every connection with the same bytes, once something came.
class Says final {
 public:
  explicit Says(std::string bytes) : listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listening_, generic, size), 0);
    EXPECT_EQ(listen(listening_, 8), 0);
    EXPECT_EQ(getsockname(listening_, generic, &size), 0);
    target_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this, bytes = std::move(bytes)] {
      for (int peer; (peer = accept(listening_, nullptr, nullptr)) >= 0; close(peer)) {
        char buffer[1000];
        if (recv(peer, buffer, sizeof(buffer), 0) > 0) {
          send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        }
      }
    });
  }
  ~Says() {
    shutdown(listening_, SHUT_RDWR);
    thread_.join();
    close(listening_);
  }
  const std::string& target() const { return target_; }

 private:
  const int listening_;
  std::string target_;
  std::thread thread_;
};

std::string WhyUnreachable(const std::string& target) {
  const auto found = Reflect(*ParseTarget("it=" + target), ReflectionLimits(), nullptr);
  EXPECT_TRUE(absl::IsUnavailable(found.status())) << found.status();
  return std::string(found.status().message());
}

TEST(B34Probe, TlsIsRecognized) {
  const TlsServer server;
  EXPECT_EQ(ProbePeer(*ParseTarget(server.target()), kLong), Speaks::kTls);
  EXPECT_THAT(WhyUnreachable(server.target()), ::testing::HasSubstr("seems to speak TLS"));
  const Says alert(std::string("\x15\x03\x01\x00\x02\x02\x46", 7));
  EXPECT_EQ(ProbePeer(*ParseTarget(alert.target()), kLong), Speaks::kTls);
}

TEST(B34Probe, Http1IsRecognized) {
  const Says server("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(ProbePeer(*ParseTarget(server.target()), kLong), Speaks::kHttp1);
  EXPECT_THAT(WhyUnreachable(server.target()), ::testing::HasSubstr("speaks HTTP/1.1"));
}

TEST(B34Probe, AllElseIsUnknown) {
  GenericServer grpc([](const Received&) { return Answer{}; });
  EXPECT_EQ(ProbePeer(*ParseTarget(grpc.target()), kLong), Speaks::kUnknown);
  const Says garbage("garbage");
  EXPECT_EQ(ProbePeer(*ParseTarget(garbage.target()), kLong), Speaks::kUnknown);
  const Says nothing("");
  EXPECT_EQ(ProbePeer(*ParseTarget(nothing.target()), kLong), Speaks::kUnknown);
  EXPECT_EQ(ProbePeer(*ParseTarget("127.0.0.1:1"), kLong), Speaks::kUnknown);
  EXPECT_EQ(ProbePeer(*ParseTarget("unix:/nowhere.sock"), kLong), Speaks::kUnknown);
  EXPECT_EQ(ProbePeer(*ParseTarget("no.such.host.invalid:1"), kLong), Speaks::kUnknown);
}

}  // namespace
}  // namespace bridge::upstream
