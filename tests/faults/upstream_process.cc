#include "tests/faults/upstream_process.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/faults/raw_upstream.h"

namespace bridge::testing {
namespace {

std::vector<std::string> Words(const std::string& service, const std::vector<std::string>& methods,
                               int port) {
  std::vector<std::string> words = {FAULT_UPSTREAM_BINARY, std::to_string(port), service};
  words.insert(words.end(), methods.begin(), methods.end());
  return words;
}

}  // namespace

UpstreamProcess::UpstreamProcess(const std::string& service,
                                 const std::vector<std::string>& methods, int port)
    : process_(Words(service, methods, port)), port_(std::atoi(process_.ReadLine().c_str())) {
  EXPECT_GT(port_, 0) << "cannot listen on port " << port;
}

int FindFreePort() {
  return RawUpstream(0, [](int) {}).port();
}

}  // namespace bridge::testing
