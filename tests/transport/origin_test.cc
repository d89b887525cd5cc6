#include "bridge/transport/origin.h"

#include <gtest/gtest.h>

namespace bridge::transport {
namespace {

constexpr char kLoopback[] = "127.0.0.1";
constexpr char kEverywhere[] = "0.0.0.0";

bool Allowed(const OriginPolicy& policy, std::string_view host, std::string_view origin = {}) {
  http::Request request;
  request.Add({"Host", host});
  if (!origin.empty()) request.Add({"Origin", origin});
  return policy.Refusal(request).empty();
}

TEST(OriginPolicy, LoopbackIsAllowedAtAnyPortAndNothingElse) {
  for (const char* listen : {kLoopback, kEverywhere}) {
    const OriginPolicy policy({}, {}, listen);
    for (const char* host : {"localhost", "localhost:8080", "LocalHost:1", "127.0.0.1:80",
                             "[::1]:9", "[0:0:0:0:0:0:0:1]", "localhost.", "localhost.:80"}) {
      EXPECT_TRUE(Allowed(policy, host)) << host;
    }
    for (const char* host : {"evil.example.com", "localhost.evil.com", "127.0.0.1.evil.com", "",
                             "[::2]:9", "0.0.0.0", "[::]", "127.0.0.2"}) {
      EXPECT_FALSE(Allowed(policy, host)) << host;
    }
  }
}

TEST(OriginPolicy, AnOriginMustBeAWebPageOfAnAllowedHost) {
  const OriginPolicy policy({"bridge.example.com"}, {"https://app.example.com"}, kLoopback);
  EXPECT_TRUE(Allowed(policy, "bridge.example.com"));
  for (const char* origin :
       {"http://localhost:3000", "https://127.0.0.1", "http://[::1]:5173",
        "https://bridge.example.com", "http://bridge.example.com:8443", "https://app.example.com",
        "HTTPS://App.Example.com", "https://app.example.com:443"}) {
    EXPECT_TRUE(Allowed(policy, "localhost", origin)) << origin;
  }
  for (const char* origin :
       {"null", "https://evil.example.com", "http://app.example.com", "https://app.example.com:444",
        "https://app.example.com.evil.com", "evil://localhost:1;x", "localhost", "file://"}) {
    EXPECT_FALSE(Allowed(policy, "localhost", origin)) << origin;
  }
}

TEST(OriginPolicy, StarsAllowAllButOnlyWhatTheyStandFor) {
  EXPECT_TRUE(Allowed(OriginPolicy({"*"}, {}, kLoopback), "anything.example.com"));
  EXPECT_FALSE(
      Allowed(OriginPolicy({"*"}, {}, kLoopback), "a.example.com", "https://evil.example.com"));
  EXPECT_TRUE(Allowed(OriginPolicy({}, {"*"}, kLoopback), "localhost", "https://any.example.com"));
  EXPECT_TRUE(Allowed(OriginPolicy({}, {"*"}, kLoopback), "localhost", "null"));
  EXPECT_FALSE(Allowed(OriginPolicy({}, {"*"}, kLoopback), "any.example.com"));
}

TEST(OriginPolicy, TheRefusalNamesTheRemedy) {
  http::Request request;
  request.Add({"Host", "bridge.internal:80"});
  EXPECT_EQ(
      OriginPolicy({}, {}, kLoopback).Refusal(request),
      "Host \"bridge.internal:80\" is not allowed; start the bridge with --allow-host NAME to "
      "serve it");
  request.headers[0].value = "localhost:80 x";
  EXPECT_EQ(OriginPolicy({}, {}, kLoopback).Refusal(request),
            "Host \"localhost:80 x\" is no host name; send HOST or HOST:PORT");
}

// What only begins like an allowed host.
constexpr const char* kNoHosts[] = {"localhost:80@attacker.example",
                                    "localhost@attacker.example",
                                    "user@localhost",
                                    "user:password@localhost:80",
                                    "localhost: x",
                                    "localhost:",
                                    "localhost:80x",
                                    "localhost:+80",
                                    "localhost:80:80",
                                    "localhost:65536",
                                    "localhost:99999999999999999999",
                                    "localhost 80",
                                    " localhost",
                                    "localhost\t",
                                    "localhost/",
                                    "localhost/attacker.example",
                                    "localhost#attacker.example",
                                    "localhost?x",
                                    "localhost\\attacker.example",
                                    "localhost;x",
                                    "localhost,attacker.example",
                                    "localhost%2eattacker.example",
                                    "localhost..",
                                    ".localhost",
                                    "[::1",
                                    "[::1]x",
                                    "[::1].attacker.example",
                                    "[::1]:80@attacker.example",
                                    "[::1%25lo]",
                                    "[localhost]",
                                    "[]",
                                    "::1",
                                    ":80",
                                    "l\xc3\xb6"
                                    "calhost"};

TEST(A16StrictHost, OnlyAWholeHostIsRead) {
  for (const char* text : kNoHosts) {
    EXPECT_FALSE(Allowed(OriginPolicy({}, {}, kLoopback), text)) << text;
    EXPECT_FALSE(Allowed(OriginPolicy({"*"}, {}, kLoopback), text)) << text;
    EXPECT_EQ(ParseHost(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseHost(std::string_view("[::1\0.attacker.example]", 23)), std::nullopt);
  EXPECT_EQ(ParseHost(std::string_view("localhost\0.attacker.example", 27)), std::nullopt);
  EXPECT_EQ(ParseHost("Shop.Example.COM.:8443"), "shop.example.com");
  EXPECT_EQ(ParseHost("xn--bcher-kva.example"), "xn--bcher-kva.example");
  EXPECT_EQ(ParseHost("my_service"), "my_service");
  EXPECT_EQ(ParseHost("[2001:DB8::0:1]:80"), "[2001:db8::1]");
}

TEST(A16StrictOrigin, OnlyAWholeOriginIsRead) {
  const OriginPolicy policy({"bridge.example.com"}, {}, kLoopback);
  for (const char* scheme : {"http://", "https://"}) {
    for (const char* text : kNoHosts) {
      const std::string origin = std::string(scheme) + text;
      EXPECT_FALSE(Allowed(policy, "localhost", origin)) << origin;
      EXPECT_EQ(ParseOrigin(origin), std::nullopt) << origin;
    }
  }
  for (const char* origin :
       {"http:localhost", "http:/localhost", "http:///localhost", "//localhost", "ftp://localhost",
        "javascript://localhost", "chrome-extension://localhost", "http://http://localhost",
        "nullhttp://localhost", "http://localhost http://evil.example", "http://"}) {
    EXPECT_FALSE(Allowed(policy, "localhost", origin)) << origin;
  }
  EXPECT_EQ(ParseOrigin("HTTPS://App.example.com:443"), "https://app.example.com");
  EXPECT_EQ(ParseOrigin("http://app.example.com:443"), "http://app.example.com:443");
}

TEST(A16LoopbackOrigin, IsAllowedOnlyWhereTheListenerIsLoopbackToo) {
  constexpr const char* kOrigins[] = {"http://localhost:3000", "http://127.0.0.1:6274",
                                      "https://[::1]"};
  for (const char* listen : {"127.0.0.1", "127.0.0.53", "::1", "::ffff:127.0.0.1"}) {
    for (const char* origin : kOrigins) {
      EXPECT_TRUE(Allowed(OriginPolicy({}, {}, listen), "localhost", origin)) << listen << origin;
    }
  }
  for (const char* listen : {"0.0.0.0", "::", "10.1.2.3", "1.127.0.0", "2001:db8::1",
                             "::ffff:10.0.0.1", "::127.0.0.1"}) {
    for (const char* origin : kOrigins) {
      EXPECT_FALSE(Allowed(OriginPolicy({}, {}, listen), "localhost", origin)) << listen << origin;
    }
    EXPECT_TRUE(Allowed(OriginPolicy({}, {}, listen), "localhost"));  // no page
  }
}

TEST(A16LoopbackOrigin, IsAllowedByOption) {
  const OriginPolicy by_host({"localhost"}, {}, kEverywhere);
  EXPECT_TRUE(Allowed(by_host, "localhost", "http://localhost:3000"));
  EXPECT_FALSE(Allowed(by_host, "localhost", "http://127.0.0.1:3000"));
  const OriginPolicy by_origin({}, {"http://localhost:6274"}, kEverywhere);
  EXPECT_TRUE(Allowed(by_origin, "localhost", "http://localhost:6274"));
  EXPECT_FALSE(Allowed(by_origin, "localhost", "http://localhost:6275"));
  EXPECT_FALSE(Allowed(by_origin, "localhost", "https://localhost:6274"));
}

TEST(A16Options, AreReadAsRequestsAre) {
  const OriginPolicy policy({"Shop.example.com:8080", "[2001:DB8:0::1]", "not a host"},
                            {"https://App.example.com:443", "vscode-webview://abc", "null"},
                            kEverywhere);
  EXPECT_TRUE(Allowed(policy, "shop.EXAMPLE.com."));
  EXPECT_TRUE(Allowed(policy, "[2001:db8::1]:80"));
  EXPECT_FALSE(Allowed(policy, "not a host"));
  EXPECT_TRUE(Allowed(policy, "localhost", "https://app.example.com"));
  EXPECT_TRUE(Allowed(policy, "localhost", "vscode-webview://abc"));
  EXPECT_FALSE(Allowed(policy, "localhost", "vscode-webview://abcd"));
  EXPECT_TRUE(Allowed(policy, "localhost", "null"));
}

}  // namespace
}  // namespace bridge::transport
