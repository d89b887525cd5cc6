// Where an upstream is, as the user writes it.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace bridge::upstream {

struct Target {
  std::string name;     // alias: "orders"; letters, digits, '-', '_'
  std::string address;  // for gRPC: "dns:///orders:50051", "unix:/run/orders.sock", "host:port"
  std::string host;     // server.address of spans
  int port = 0;         // server.port of spans; 0 for a unix socket
};

// Reads [NAME=]ADDRESS; ADDRESS is HOST:PORT, [IPV6]:PORT, unix:PATH, dns:///HOST:PORT, ipv4:... or
// ipv6:.... Without NAME the first label of the host is the name (127.0.0.1:50051 ->
// "127_0_0_1_50051").
//
// Errors: InvalidArgument names what is wrong and shows the form.
absl::StatusOr<Target> ParseTarget(std::string_view text);

// Reads what gRPC says of the other end of a connection: "ipv4:10.0.0.7:50051",
// "ipv6:%5B::1%5D:50051" or "unix:/run/orders.sock".
absl::StatusOr<Target> ParsePeer(std::string_view peer);

}  // namespace bridge::upstream
