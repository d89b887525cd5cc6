#include "bridge/upstream/target.h"

#include <gtest/gtest.h>

namespace bridge::upstream {
namespace {

struct Case {
  const char* text;
  const char* want;  // name address host port, or "error"
};

std::string Dump(const char* text) {
  const auto target = ParseTarget(text);
  if (!target.ok()) return "error";
  return target->name + " " + target->address + " " + target->host + " " +
         std::to_string(target->port);
}

TEST(ParseTarget, Table) {
  constexpr Case kCases[] = {
      {"orders:50051", "orders orders:50051 orders 50051"},
      {"orders.shop.svc.cluster.local:50051",
       "orders orders.shop.svc.cluster.local:50051 orders.shop.svc.cluster.local 50051"},
      {"shop=orders:1", "shop orders:1 orders 1"},
      {"127.0.0.1:50051", "127_0_0_1_50051 127.0.0.1:50051 127.0.0.1 50051"},
      {"v6=[::1]:50051", "v6 [::1]:50051 ::1 50051"},
      {"dns:///orders:50051", "orders dns:///orders:50051 orders 50051"},
      {"ipv4:10.0.0.1:5", "10_0_0_1_5 ipv4:10.0.0.1:5 10.0.0.1 5"},
      {"unix:/run/orders.sock", "orders_sock unix:/run/orders.sock /run/orders.sock 0"},
      {"a=unix:/run/x", "a unix:/run/x /run/x 0"},
      {"", "error"},
      {"orders", "error"},
      {"orders:", "error"},
      {":50051", "error"},
      {"orders:0", "error"},
      {"orders:65536", "error"},
      {"orders:5x", "error"},
      {"http://orders:50051", "error"},
      {"=orders:50051", "error"},
      {"a b=orders:50051", "error"},
      {"orders :50051", "error"},
      {"::1:50051", "error"},
      {"unix:", "error"},
      {"unix:/run/", "error"},
      {"n\n=orders:1", "error"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Dump(c.text), c.want) << c.text;
}

TEST(ParsePeer, Table) {
  constexpr Case kCases[] = {
      {"ipv4:127.0.0.1:50051", "127.0.0.1 50051"},
      {"ipv6:%5B::1%5D:50051", "::1 50051"},
      {"ipv6:[fd00::7]:5", "fd00::7 5"},
      {"unix:/run/orders.sock", "/run/orders.sock 0"},
      {"unknown", "error"},
      {"unix:", "error"},
      {"", "error"},
  };
  for (const Case& c : kCases) {
    const auto peer = ParsePeer(c.text);
    EXPECT_EQ(peer.ok() ? peer->host + " " + std::to_string(peer->port) : "error", c.want)
        << c.text;
  }
}

TEST(ParseTarget, ErrorsShowTheForm) {
  EXPECT_EQ(ParseTarget("https://orders:443").status().message(),
            "target \"https://orders:443\": gRPC targets have no http:// or https://; write "
            "[NAME=]HOST:PORT or [NAME=]unix:PATH");
}

}  // namespace
}  // namespace bridge::upstream
