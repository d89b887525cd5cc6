// An upstream as a process of its own, so that it can be killed and stopped:
//   fault_upstream PORT SERVICE METHOD...
// Prints the port it listens on (0: a free one). Methods behave as their names begin: Say and all
// others echo, Hang never answers, Slow answers after 20 ms, Big with a megabyte, Fail with a
// status.
#include <csignal>
#include <cstdio>
#include <memory>

#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

constexpr std::chrono::milliseconds kSlow{20};

Answer Behave(const Received& call) {
  const std::string method = call.path.substr(call.path.rfind('/') + 1);
  if (method.starts_with("Hang")) return {.hang = true};
  if (method.starts_with("Slow")) return {.response = call.request, .delay = kSlow};
  if (method.starts_with("Big")) return {.response = EncodeText(std::string(1 << 20, 'x'))};
  if (method.starts_with("Fail")) {
    return {.status = {::grpc::StatusCode::FAILED_PRECONDITION, "not now"}};
  }
  return {.response = call.request};
}

}  // namespace
}  // namespace bridge::testing

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const std::unique_ptr<bridge::testing::GenericServer> server(
      bridge::testing::StartDescribedServer(
          {bridge::testing::TextService(argv[2], {argv + 3, argv + argc})}, bridge::testing::Behave,
          std::string("127.0.0.1:") + argv[1]));
  std::printf("%d\n", server->port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}
