#include "bridge/app/proxies.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace bridge::app {
namespace {

TEST(A13Proxies, AreForgottenUnlessAskedFor) {
  for (const bool use : {true, false}) {
    setenv("http_proxy", "http://user:secret@127.0.0.1:3128", 1);
    setenv("ALL_PROXY", "socks5://127.0.0.1:1080", 1);
    SettleProxies(use);
    EXPECT_EQ(std::getenv("http_proxy") != nullptr, use);
    EXPECT_EQ(std::getenv("ALL_PROXY") != nullptr, use);
  }
}

TEST(A13Proxies, AreNamedWithoutCredentials) {
  EXPECT_EQ(WithoutCredentials("http://user:secret@proxy.example:3128/"), "proxy.example:3128");
  EXPECT_EQ(WithoutCredentials("http://user:p@ss@proxy.example:3128"), "proxy.example:3128");
  EXPECT_EQ(WithoutCredentials("user:secret@proxy.example"), "proxy.example");
  EXPECT_EQ(WithoutCredentials("proxy.example:3128"), "proxy.example:3128");
  EXPECT_EQ(WithoutCredentials("http://proxy.example/?key=secret@x"), "proxy.example");
  EXPECT_EQ(WithoutCredentials("http://[::1]:3128"), "[::1]:3128");
}

}  // namespace
}  // namespace bridge::app
