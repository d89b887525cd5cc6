#include "bridge/app/serve.h"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "bridge/app/admin_thread.h"
#include "bridge/app/discovery.h"
#include "bridge/app/heartbeat.h"
#include "bridge/app/proxies.h"
#include "bridge/app/reactor.h"
#include "bridge/app/read_file.h"
#include "bridge/app/session_keys.h"
#include "bridge/base/status_macros.h"
#include "bridge/base/version.h"
#include "bridge/telemetry/log.h"
#include "bridge/telemetry/options.h"

namespace bridge::app {
namespace {

using telemetry::LogLevel;

// After the drain time: to cancel what is left and answer it.
constexpr std::chrono::seconds kStopTime{5};
// For gRPC to let go of calls that are answered: enough unless their peer takes no more bytes.
constexpr std::chrono::milliseconds kLetGoTime{500};

std::string Url(const std::string& host, uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

using std::chrono::milliseconds;

// SIGTERM and SIGINT are taken by the main thread alone: blocked before any thread starts.
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

// From two seconds from now on at the latest one more signal ends the process at once, also where
// it is a container's first process, for which the kernel has no default. Those who signal a
// process and then its group mean one.
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

}  // namespace

// Everything that runs, in the order it starts; destroyed in reverse.
class Bridge final {
 public:
  explicit Bridge(const ServeOptions& options)
      : options_(options), tracer_(MakeTracer()), admin_origins_(Origins(options.admin)) {}

  absl::Status Start() {
    ASSIGN_OR_RETURN(auto keys, LoadSessionKeys(options_.session_key_files));
    shared_ = std::make_unique<Shared>(
        Shared{.targets = options_.targets,
               .origins = Origins(options_.listen),
               .server = ProtocolOptions(),
               .session_keys = std::move(keys),
               .session_ttl_seconds = static_cast<int>(options_.session_ttl.count()),
               .ended_sessions = &ended_sessions_,
               .tracer = &tracer_});
    RETURN_IF_ERROR(Listen());
    RETURN_IF_ERROR(MakeDiscovery());
    RETURN_IF_ERROR(StartAdmin());
    discovery_->Start();
    return absl::OkStatus();
  }

  // Answers clients from the first catalog on; false if a signal of `signals` came before it: then
  // nobody is answered, since what the tools are is not known.
  bool ServeFirstCatalog(const sigset_t& signals) {
    constexpr timespec kNow{};
    bool asked_to_end = false;
    while (!asked_to_end && !discovery_->WaitForCatalog(milliseconds(20))) {
      asked_to_end = sigtimedwait(&signals, nullptr, &kNow) > 0;
    }
    if (asked_to_end) return false;
    for (const auto& reactor : reactors_) reactor->Start();
    serving_ = true;
    return true;
  }

  void PrintReady() const {
    std::cout << "ready mcp=" << Url(options_.listen.host, reactors_[0]->port())
              << "/mcp admin=" << Url(options_.admin.host, admin_->port()) << " tools=" << tools_
              << std::endl;
  }

  // Refuses new work, lets calls under way finish, cancels what is left, exports the last spans.
  // An exit code if a reactor's thread still runs: then nothing of this may be destroyed.
  std::optional<int> Drain() {
    serving_ = false;
    const auto deadline = std::chrono::steady_clock::now() + options_.drain_timeout;
    for (const auto& reactor : reactors_) reactor->Drain();
    for (const auto& reactor : reactors_) reactor->EndsBy(deadline);
    for (const auto& reactor : reactors_) reactor->Stop();
    const auto last = std::chrono::steady_clock::now() + kStopTime;
    const auto stuck =
        std::count_if(reactors_.begin(), reactors_.end(),
                      [last](const auto& reactor) { return !reactor->EndsBy(last); });
    tracer_.Shutdown(std::chrono::seconds(5));
    if (stuck > 0) {
      telemetry::Log(LogLevel::kError, "app",
                     "ended although threads that serve requests are stuck", {{"threads", stuck}});
      return 1;
    }
    const auto let_go = std::chrono::steady_clock::now() + kLetGoTime;
    const bool held =
        std::any_of(reactors_.begin(), reactors_.end(),
                    [let_go](const auto& reactor) { return !reactor->ThreadEndsBy(let_go); });
    if (held) {
      telemetry::Log(LogLevel::kInfo, "app",
                     "every call is answered; an upstream that takes no more bytes is left behind");
      return 0;
    }
    admin_.reset();
    discovery_.reset();
    reactors_.clear();
    return std::nullopt;
  }

 private:
  transport::OriginPolicy Origins(const Endpoint& served) const {
    return {options_.allow_hosts, options_.allow_origins, served.host};
  }

  telemetry::TracerOptions MakeTracer() {
    std::vector<std::string> warnings;
    auto options = telemetry::ParseTelemetryOptions(
        [](const char* name) { return std::getenv(name); }, "grpc-mcp-bridge", &warnings);
    for (const std::string& warning : warnings) {
      telemetry::Log(LogLevel::kWarning, "telemetry", "option not used as given",
                     {{"problem", warning}});
    }
    // It is the collector then, and all of a trace belongs there.
    if (options_.trace_intake) options.sampler.traces_per_second = 0;
    options.resource.attributes.push_back({"service.version", std::string(BRIDGE_VERSION)});
    return options;
  }

  mcp::ServerOptions ProtocolOptions() {
    mcp::ServerOptions server;
    server.call_timeout = options_.call_timeout;
    server.list_ttl_ms = options_.list_ttl_ms;
    server.max_calls = options_.max_calls;
    server.repair_arguments = options_.repair_arguments;
    server.show_internal_errors = options_.show_internal_errors;
    server.describe_again = [this](size_t upstream) { discovery_->AskAgain(upstream); };
    server.cancel_call = [this](const std::string& session, const std::string& id) {
      for (const auto& reactor : reactors_) {
        reactor->Post([session, id](Reactor& self) { self.server().CancelCall(session, id); });
      }
    };
    return server;
  }

  absl::Status Listen() {
    uint16_t port = options_.listen.port;
    http::Limits limits;
    limits.connections_per_address = options_.connections_per_address;
    for (int i = 0; i < options_.reactors; ++i) {
      reactors_.push_back(std::make_unique<Reactor>(*shared_));
      RETURN_IF_ERROR(
          reactors_.back()->Listen(options_.listen.host, port, limits, options_.reactors > 1));
      port = reactors_.front()->port();
      heartbeats_.emplace_back([reactor = reactors_.back().get()](std::function<void()> pong) {
        reactor->Ping(std::move(pong));
      });
    }
    return absl::OkStatus();
  }

  absl::Status StartAdmin() {
    admin_ = std::make_unique<AdminThread>(admin_origins_, tracer_, options_.trace_intake, [this] {
      return transport::AdminState{.alive = Alive(),
                                   .serving = serving_,
                                   .tools = tools_,
                                   .repaired_arguments = RepairedArguments(),
                                   .upstreams = discovery_->Statuses()};
    });
    return admin_->Start(options_.admin.host, options_.admin.port);
  }

  uint64_t RepairedArguments() const {
    uint64_t sum = 0;
    for (const auto& reactor : reactors_) sum += reactor->server().repaired_arguments();
    return sum;
  }

  // Before and after serving, the reactors' threads need not run.
  bool Alive() {
    if (!serving_) return true;
    const auto now = Heartbeat::Clock::now();
    return std::all_of(heartbeats_.begin(), heartbeats_.end(),
                       [now](Heartbeat& heartbeat) { return heartbeat.Beats(now); });
  }

  absl::Status MakeDiscovery() {
    std::vector<std::string> comments;
    for (const std::string& path : options_.descriptor_sets) {
      ASSIGN_OR_RETURN(const auto set, ReadDescriptorSet(path));
      comments.push_back(set.SerializePartialAsString());
    }
    discovery_ = std::make_unique<Discovery>(
        options_.targets, std::move(comments), options_.schema, options_.refresh,
        [this](std::shared_ptr<const catalog::Catalog> catalog) { Publish(std::move(catalog)); });
    return absl::OkStatus();
  }

  void Publish(std::shared_ptr<const catalog::Catalog> catalog) {
    tools_ = catalog->tools().size();
    const auto surface = std::make_shared<const mcp::Surface>(
        std::move(catalog), mcp::ListOptions{.page_tools = options_.page_tools});
    for (const auto& reactor : reactors_) {
      reactor->Post([surface](Reactor& self) { self.server().Publish(surface); });
    }
  }

  const ServeOptions& options_;
  telemetry::Tracer tracer_;
  const transport::OriginPolicy admin_origins_;
  mcp::EndedSessions ended_sessions_;
  std::unique_ptr<Shared> shared_;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::vector<Heartbeat> heartbeats_;  // one a reactor; the admin thread asks them
  std::unique_ptr<Discovery> discovery_;
  std::unique_ptr<AdminThread> admin_;
  std::atomic<size_t> tools_{0};
  std::atomic<bool> serving_{false};
};

int Serve(const ServeOptions& options) {
  telemetry::SetLogLevel(telemetry::ParseLogLevel(options.log_level).value_or(LogLevel::kInfo));
  const sigset_t signals = BlockSignals();
  SettleProxies(options.use_proxy);
  PollReconnects();
  LimitHeaps(options.reactors);
  RaiseFileLimit();
  Bridge bridge(options);
  if (const absl::Status status = bridge.Start(); !status.ok()) {
    std::cerr << "grpc-mcp-bridge: " << status.message() << std::endl;
    return 1;
  }
  if (bridge.ServeFirstCatalog(signals)) {
    bridge.PrintReady();
    int signal = 0;
    sigwait(&signals, &signal);
  }
  EndAtNextSignal(signals);
  telemetry::Log(LogLevel::kInfo, "app", "draining");
  const std::optional<int> exit_code = bridge.Drain();
  telemetry::Log(LogLevel::kInfo, "app", "ended",
                 {{"log_lines_suppressed", telemetry::SuppressedLogLines()},
                  {"log_lines_dropped", telemetry::DroppedLogLines()}});
  if (exit_code.has_value()) _exit(*exit_code);
  return 0;
}

}  // namespace bridge::app
