#include "tests/faults/upstream_process.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace bridge::testing {
namespace {

std::vector<std::string> Words(const std::string& service, const std::vector<std::string>& methods,
                               int port) {
  std::vector<std::string> words = {FAULT_UPSTREAM_BINARY, std::to_string(port), service};
  words.insert(words.end(), methods.begin(), methods.end());
  return words;
}

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

UpstreamProcess::UpstreamProcess(const std::string& service,
                                 const std::vector<std::string>& methods, int port)
    : process_(Words(service, methods, port)), port_(std::atoi(process_.ReadLine().c_str())) {
  EXPECT_GT(port_, 0) << "cannot listen on port " << port;
}

int FindFreePort() {
  static std::atomic<int> next{getpid() * 61};
  while (true) {
    const int port = 10'000 + next++ % 20'000;
    const sockaddr_in address = Loopback(port);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool mine = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    close(fd);
    if (mine) return port;
  }
}

bool Listens(int port) {
  const sockaddr_in address = Loopback(port);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool open = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return open;
}

}  // namespace bridge::testing
