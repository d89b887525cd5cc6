#include "bridge/app/process.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <ctime>

#include "bridge/app/proxies.h"
#include "bridge/app/read_file.h"
#include "bridge/base/status_macros.h"
#include "bridge/base/version.h"
#include "bridge/telemetry/log.h"

namespace bridge::app {
namespace {

using telemetry::LogLevel;

sigset_t BlockSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return set;
}

// gRPC lets a connection attempt that no call waits for go on only when its own poller comes by:
// every five seconds, later than the attempt times out. So a reconnect could fail again and again.
void PollReconnects() {
  setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "200", /*overwrite=*/0);
}

// The C library makes up to eight heaps a core, and what one thread allocates and another frees
// leaves each of them full of holes: under mixed load 62 MiB instead of 36 for 10 MiB in use.
void LimitHeaps(int reactors) {
  mallopt(M_ARENA_MAX, 1 + reactors);
}

// Many systems let a process open 1,024 files unless it asks for more, and each client is one. With
// all of them taken, a probe would not be answered either.
void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

sigset_t PrepareProcess(const ServeOptions& options) {
  telemetry::SetLogLevel(telemetry::ParseLogLevel(options.log_level).value_or(LogLevel::kInfo));
  const sigset_t signals = BlockSignals();
  SettleProxies(options.use_proxy);
  PollReconnects();
  LimitHeaps(options.reactors);
  RaiseFileLimit();
  return signals;
}

void EndAtNextSignal(const sigset_t& signals) {
  static std::atomic<time_t> first;
  static_assert(std::atomic<time_t>::is_always_lock_free);
  first = std::time(nullptr);
  for (const int number : {SIGTERM, SIGINT}) {
    signal(number, [](int taken) {
      if (std::time(nullptr) > first + 1) _exit(128 + taken);
    });
  }
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

telemetry::TracerOptions MakeTracerOptions(const ServeOptions& given) {
  std::vector<std::string> warnings;
  auto options = telemetry::ParseTelemetryOptions(
      [](const char* name) { return std::getenv(name); }, "grpc-mcp-bridge", &warnings);
  for (const std::string& warning : warnings) {
    telemetry::Log(LogLevel::kWarning, "telemetry", "option not used as given",
                   {{"problem", warning}});
  }
  // It is the collector then, and all of a trace belongs there.
  if (given.trace_intake) options.sampler.traces_per_second = 0;
  options.resource.attributes.push_back({"service.version", std::string(BRIDGE_VERSION)});
  return options;
}

mcp::ServerOptions MakeServerOptions(const ServeOptions& options) {
  mcp::ServerOptions server;
  server.call_timeout = options.call_timeout;
  server.stream = options.stream;
  server.list_ttl_ms = options.list_ttl_ms;
  server.max_calls = options.max_calls;
  server.repair_arguments = options.repair_arguments;
  server.show_internal_errors = options.show_internal_errors;
  return server;
}

metrics::Options MakeMetricsOptions(const ServeOptions& options) {
  metrics::Options metrics;
  metrics.tools = options.metrics_tools;
  metrics.reactors = static_cast<size_t>(options.reactors);
  for (const upstream::Target& target : options.targets) metrics.upstreams.push_back(target.name);
  return metrics;
}

absl::StatusOr<std::vector<std::string>> ReadComments(const ServeOptions& options) {
  std::vector<std::string> comments;
  for (const std::string& path : options.descriptor_sets) {
    ASSIGN_OR_RETURN(const auto set, ReadDescriptorSet(path));
    comments.push_back(set.SerializePartialAsString());
  }
  return comments;
}

}  // namespace bridge::app
