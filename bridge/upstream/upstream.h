// One gRPC server to call: where it is, how to connect to it, and what each call carries. A value:
// whoever holds it shares it as `shared_ptr<const Upstream>`, and what changes is a new one.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bridge/upstream/target.h"

namespace bridge::upstream {

// One pair of a call's metadata. The key is in lower case; where it ends in "-bin" the value is raw
// bytes. Always legal: anything else would end the process inside gRPC.
struct Metadata {
  std::string key, value;
  bool operator==(const Metadata&) const = default;
};

// A header of the client's request that goes to the service as metadata.
struct ForwardedHeader {
  std::string from, to;
  bool operator==(const ForwardedHeader&) const = default;
};

// PEM texts, not paths.
struct TlsOptions {
  std::string ca;                // empty: the system's
  std::string certificate, key;  // both or none
  std::string server_name;       // whose certificate is expected; empty: the target's host
  bool operator==(const TlsOptions&) const = default;
};

// Every server permits a ping each five minutes.
struct Keepalive {
  std::chrono::milliseconds time{300'000};
  std::chrono::milliseconds timeout{20'000};
  bool without_calls = false;
  bool operator==(const Keepalive&) const = default;
};

struct ConnectionOptions {
  std::optional<TlsOptions> tls;  // none: plaintext
  std::string authority;          // empty: the target's
  bool round_robin = false;       // over all addresses; else the first that answers
  int channels = 1;
  Keepalive keepalive;
  bool use_proxy = false;                     // one that the environment names
  std::optional<std::string> health_service;  // grpc.health.v1 is asked for it; "": the server
  size_t max_response_bytes = 4u << 20;
  size_t max_request_bytes = 4u << 20;
  // Header fields of one frame, as HPACK counts them (RFC 7541, 4.1); a connection on which more
  // comes is over for all of its calls.
  int max_metadata_bytes = 128 << 10;
  bool operator==(const ConnectionOptions&) const = default;
};

struct Upstream {
  std::string name;  // alias: "orders"; letters, digits, '-', '_'; unique
  Target target;
  ConnectionOptions connection;
  std::vector<Metadata> metadata;  // of each call, reflection too
  std::vector<ForwardedHeader> forwarded;
  std::chrono::milliseconds timeout{30'000};  // of calls with one answer
  bool operator==(const Upstream&) const = default;
};

}  // namespace bridge::upstream
