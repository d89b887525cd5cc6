// The program fault_upstream (upstream_main.cc) as a process.
#pragma once

#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace bridge::testing {

class UpstreamProcess final {
 public:
  // Serves one service of these methods on `port`; 0: a free one. Listens when it returns.
  explicit UpstreamProcess(const std::string& service, const std::vector<std::string>& methods,
                           int port = 0);

  int port() const { return port_; }
  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }
  ChildProcess& process() { return process_; }

 private:
  ChildProcess process_;
  int port_;
};

// A port nobody listens on, and none that the kernel gives to clients: else a connection of another
// test could take it before it is listened on.
int FindFreePort();
// Whether a connection to it can be made.
bool Listens(int port);

}  // namespace bridge::testing
