#include "bridge/transport/origin.h"

#include <gtest/gtest.h>

namespace bridge::transport {
namespace {

bool Allowed(const OriginPolicy& policy, std::string_view host, std::string_view origin = {}) {
  http::Request request;
  request.headers.push_back({"Host", host});
  if (!origin.empty()) request.headers.push_back({"Origin", origin});
  return policy.Refusal(request).empty();
}

TEST(OriginPolicy, LoopbackIsAllowedAtAnyPortAndNothingElse) {
  const OriginPolicy policy({}, {});
  for (const char* host :
       {"localhost", "localhost:8080", "LocalHost:1", "127.0.0.1:80", "[::1]:9"}) {
    EXPECT_TRUE(Allowed(policy, host)) << host;
  }
  for (const char* host : {"evil.example.com", "localhost.evil.com", "127.0.0.1.evil.com", "",
                           "localhost@evil.com", "[::2]:9", "0.0.0.0"}) {
    EXPECT_FALSE(Allowed(policy, host)) << host;
  }
}

TEST(OriginPolicy, AnOriginMustBeAWebPageOfAnAllowedHost) {
  const OriginPolicy policy({"bridge.example.com"}, {"https://app.example.com"});
  EXPECT_TRUE(Allowed(policy, "bridge.example.com"));
  for (const char* origin : {"http://localhost:3000", "https://127.0.0.1",
                             "https://bridge.example.com", "https://app.example.com"}) {
    EXPECT_TRUE(Allowed(policy, "localhost", origin)) << origin;
  }
  for (const char* origin :
       {"null", "https://evil.example.com", "http://app.example.com",
        "https://app.example.com.evil.com", "evil://localhost:1;x", "localhost", "file://"}) {
    EXPECT_FALSE(Allowed(policy, "localhost", origin)) << origin;
  }
}

TEST(OriginPolicy, StarsAllowAllButOnlyWhatTheyStandFor) {
  EXPECT_TRUE(Allowed(OriginPolicy({"*"}, {}), "anything.example.com"));
  EXPECT_FALSE(Allowed(OriginPolicy({"*"}, {}), "a.example.com", "https://evil.example.com"));
  EXPECT_TRUE(Allowed(OriginPolicy({}, {"*"}), "localhost", "https://any.example.com"));
  EXPECT_FALSE(Allowed(OriginPolicy({}, {"*"}), "any.example.com"));
}

TEST(OriginPolicy, TheRefusalNamesTheRemedy) {
  http::Request request;
  request.headers.push_back({"Host", "bridge.internal:80"});
  EXPECT_EQ(
      OriginPolicy({}, {}).Refusal(request),
      "Host \"bridge.internal:80\" is not allowed; start the bridge with --allow-host NAME to "
      "serve it");
}

}  // namespace
}  // namespace bridge::transport
