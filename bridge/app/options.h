// The command line of `grpc-mcp-bridge`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bridge/http/limits.h"
#include "bridge/mcp/core.h"
#include "bridge/metrics/metrics.h"
#include "bridge/schema/tool.h"
#include "bridge/upstream/target.h"

namespace bridge::app {

struct Endpoint {
  std::string host;   // an IP address
  uint16_t port = 0;  // 0: a free one
};

struct ServeOptions {
  Endpoint listen{"127.0.0.1", 8080};
  Endpoint admin{"127.0.0.1", 9090};
  std::vector<upstream::Target> targets;
  std::vector<std::string> descriptor_sets;  // paths
  schema::SchemaOptions schema;
  std::vector<std::string> allow_hosts;
  std::vector<std::string> allow_origins;
  bool trace_intake = false;
  bool use_proxy = false;  // one that the environment names
  std::chrono::milliseconds call_timeout{30'000};
  mcp::StreamLimits stream;
  std::chrono::seconds refresh{60};  // 0: never
  std::chrono::seconds session_ttl{24 * 3600};
  std::chrono::seconds drain_timeout{20};
  std::vector<std::string> session_key_files;  // the first signs
  int reactors = 1;
  size_t max_calls = 10'000;  // under way at once, of each reactor
  size_t connections_per_address = http::Limits().connections_per_address;
  bool repair_arguments = true;
  bool show_internal_errors = false;
  size_t page_tools = 10'000;
  int list_ttl_ms = 0;
  std::string log_level = "info";
  bool log_calls = false;
  size_t metrics_tools = metrics::Options().tools;
};

// As ServeOptions, of which it uses what is not about HTTP.
struct StdioOptions {
  ServeOptions serve;
};

struct ClientConfigCommand {
  enum class Client : uint8_t { kClaude, kCursor, kVsCode, kGeneric };
  Client client = Client::kGeneric;
  std::string name = "grpc";
  std::string url;                 // of a bridge that serves HTTP; empty: stdio
  std::vector<std::string> words;  // of the command line of stdio: options and targets
};

struct HealthOptions {
  Endpoint admin{"127.0.0.1", 9090};
  bool ready = false;  // ask /readyz, not /livez
};

struct SchemaCommand {
  std::vector<std::string> files;  // paths of descriptor sets
  schema::SchemaOptions schema;
  bool list_guessed_hints = false;  // on stderr, those of each tool
};

using Command =
    std::variant<ServeOptions, StdioOptions, ClientConfigCommand, HealthOptions, SchemaCommand>;

// Reads the arguments. When there is nothing to do (--help, --version, a mistake) it has printed
// what the user needs and `exit_code` is set.
std::optional<Command> ParseCommandLine(int argc, char** argv, int* exit_code);

}  // namespace bridge::app
