#include "bridge/app/serve.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "bridge/app/admin_thread.h"
#include "bridge/app/discovery.h"
#include "bridge/app/heartbeat.h"
#include "bridge/app/process.h"
#include "bridge/app/reactor.h"
#include "bridge/app/session_keys.h"
#include "bridge/base/status_macros.h"
#include "bridge/metrics/metrics.h"
#include "bridge/telemetry/call_log.h"
#include "bridge/telemetry/log.h"

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

}  // namespace

// Everything that runs, in the order it starts; destroyed in reverse.
class Bridge final {
 public:
  explicit Bridge(const ServeOptions& options)
      : options_(options),
        tracer_(MakeTracerOptions(options)),
        admin_origins_(Origins(options.admin)),
        call_log_(options.log_calls),
        metrics_(MakeMetricsOptions(options)),
        upstream_tools_(options.targets.size()) {}

  absl::Status Start() {
    ASSIGN_OR_RETURN(auto keys, LoadSessionKeys(options_.session_key_files));
    shared_ = std::make_unique<Shared>(
        Shared{.targets = options_.targets,
               .origins = Origins(options_.listen),
               .server = ProtocolOptions(),
               .session_keys = std::move(keys),
               .session_ttl_seconds = static_cast<int>(options_.session_ttl.count()),
               .ended_sessions = &ended_sessions_,
               .tracer = &tracer_,
               .call_log = &call_log_});
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
    draining_ = true;
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

  mcp::ServerOptions ProtocolOptions() {
    mcp::ServerOptions server = MakeServerOptions(options_);
    server.describe_again = [this](size_t upstream) { discovery_->AskAgain(upstream); };
    server.cancel_call = [this](const std::string& session, const std::string& id) {
      Everywhere([session, id](mcp::Server& each) { each.CancelCall(session, id); });
    };
    return server;
  }

  absl::Status Listen() {
    uint16_t port = options_.listen.port;
    http::Limits limits;
    limits.connections_per_address = options_.connections_per_address;
    for (int i = 0; i < options_.reactors; ++i) {
      reactors_.push_back(
          std::make_unique<Reactor>(*shared_, &metrics_.reactor(static_cast<size_t>(i))));
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
                                   .draining = draining_,
                                   .tools = tools_,
                                   .grpc_version = upstream::GrpcVersion(),
                                   .metrics = &metrics_,
                                   .upstreams = Upstreams()};
    });
    return admin_->Start(options_.admin.host, options_.admin.port);
  }

  std::vector<transport::UpstreamStatus> Upstreams() const {
    std::vector<transport::UpstreamStatus> statuses = discovery_->Statuses();
    for (size_t i = 0; i < statuses.size(); ++i) {
      statuses[i].tools = static_cast<size_t>(upstream_tools_[i].value());
    }
    return statuses;
  }

  // Before and after serving, the reactors' threads need not run.
  bool Alive() {
    if (!serving_) return true;
    const auto now = Heartbeat::Clock::now();
    return std::all_of(heartbeats_.begin(), heartbeats_.end(),
                       [now](Heartbeat& heartbeat) { return heartbeat.Beats(now); });
  }

  absl::Status MakeDiscovery() {
    ASSIGN_OR_RETURN(auto comments, ReadComments(options_));
    discovery_ = std::make_unique<Discovery>(
        options_.targets, std::move(comments), options_.schema, options_.refresh,
        [this](std::shared_ptr<const catalog::Catalog> catalog) { Publish(std::move(catalog)); });
    return absl::OkStatus();
  }

  void Publish(std::shared_ptr<const catalog::Catalog> catalog) {
    tools_ = catalog->tools().size();
    std::vector<uint16_t> numbers = NumberTools(*catalog);
    const auto surface = std::make_shared<const mcp::Surface>(
        std::move(catalog), mcp::ListOptions{.page_tools = options_.page_tools},
        std::move(numbers));
    Everywhere([surface](mcp::Server& each) { each.Publish(surface); });
  }

  // Runs `work` with the server of each reactor, on its thread. Any thread.
  void Everywhere(const std::function<void(mcp::Server&)>& work) {
    for (const auto& reactor : reactors_) {
      reactor->Post([work](Reactor& self) { work(self.server()); });
    }
  }

  // Before any reactor has the catalog.
  std::vector<uint16_t> NumberTools(const catalog::Catalog& catalog) {
    std::vector<int64_t> counts(options_.targets.size());
    std::vector<uint16_t> numbers;
    for (const catalog::Tool& tool : catalog.tools()) {
      const upstream::Target& target = options_.targets[tool.upstream];
      ++counts[tool.upstream];
      numbers.push_back(metrics_.sets().Publish(
          {.tool = tool.text.name,
           .upstream = target.name,
           .rpc_method = tool.method->path.substr(1),
           .server_address = target.host,
           .server_port = target.port == 0 ? "" : std::to_string(target.port)}));
    }
    for (size_t i = 0; i < counts.size(); ++i) upstream_tools_[i].Set(counts[i]);
    return numbers;
  }

  const ServeOptions& options_;
  telemetry::Tracer tracer_;
  const transport::OriginPolicy admin_origins_;
  telemetry::CallLog call_log_;
  metrics::Metrics metrics_;
  std::vector<metrics::Gauge> upstream_tools_;
  mcp::EndedSessions ended_sessions_;
  std::unique_ptr<Shared> shared_;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::vector<Heartbeat> heartbeats_;  // one a reactor; the admin thread asks them
  std::unique_ptr<Discovery> discovery_;
  std::unique_ptr<AdminThread> admin_;
  std::atomic<size_t> tools_{0};
  std::atomic<bool> serving_{false};
  std::atomic<bool> draining_{false};
};

int Serve(const ServeOptions& options) {
  const sigset_t signals = PrepareProcess(options);
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
