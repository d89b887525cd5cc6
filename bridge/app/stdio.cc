#include "bridge/app/stdio.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <semaphore>
#include <utility>

#include "bridge/app/discovery.h"
#include "bridge/app/process.h"
#include "bridge/app/reactor.h"
#include "bridge/telemetry/call_log.h"
#include "bridge/telemetry/log.h"
#include "bridge/transport/line_reader.h"
#include "bridge/transport/line_writer.h"
#include "bridge/transport/stdio.h"

namespace bridge::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Clients give a server that they have left two seconds to end by itself.
constexpr milliseconds kDrainTime{1'000};
constexpr milliseconds kStopTime{1'000};
constexpr milliseconds kFlushTime{200};
// Lines that were read and not yet looked at.
constexpr std::ptrdiff_t kLinesAhead = 16;

// What the client reads, under a number of its own: whatever else writes to standard output, such
// as a library, writes to standard error from now on.
int TakeStandardOutput() {
  const int out = ::dup(STDOUT_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  return out;
}

}  // namespace

int ServeStdio(const ServeOptions& options) {
  const sigset_t signals = PrepareProcess(options);
  auto comments = ReadComments(options);
  if (!comments.ok()) {
    std::cerr << "grpc-mcp-bridge: " << comments.status().message() << std::endl;
    return 1;
  }
  telemetry::Tracer tracer(MakeTracerOptions(options));
  telemetry::CallLog call_log(options.log_calls);
  metrics::Metrics metrics(MakeMetricsOptions(options));  // nobody asks for them
  mcp::EndedSessions ended_sessions;
  Shared shared{.targets = options.targets,
                .origins = {{}, {}, ""},
                .server = MakeServerOptions(options),
                .session_keys = {mcp::MakeSessionKey()},
                .session_ttl_seconds = 0,
                .ended_sessions = &ended_sessions,
                .tracer = &tracer,
                .call_log = &call_log};
  std::unique_ptr<Reactor> reactor;
  std::unique_ptr<Discovery> discovery;
  shared.server.describe_again = [&](size_t upstream) { discovery->AskAgain(upstream); };
  shared.server.cancel_call = [&](const std::string& session, const std::string& id) {
    reactor->server().CancelCall(session, id);
  };
  reactor = std::make_unique<Reactor>(shared, &metrics.reactor(0));
  discovery = std::make_unique<Discovery>(
      options.targets, *std::move(comments), options.schema, options.refresh,
      [&](std::shared_ptr<const catalog::Catalog> catalog) {
        const auto surface = std::make_shared<const mcp::Surface>(
            std::move(catalog), mcp::ListOptions{.page_tools = options.page_tools});
        reactor->Post([surface](Reactor& self) { self.server().Publish(surface); });
      });
  discovery->Start();

  // As a signal from outside, but once: a second signal means at once.
  std::atomic<bool> ending = false;
  const auto end_process = [&ending] {
    if (!ending.exchange(true)) ::kill(::getpid(), SIGTERM);
  };
  std::unique_ptr<transport::Stdio> stdio;
  transport::LineWriter writer(TakeStandardOutput(), [&] {
    reactor->Post([&](Reactor&) { stdio->OnWriterEvent(); });
    if (writer.gone()) end_process();
  });
  stdio = std::make_unique<transport::Stdio>(reactor->server(), reactor->budget(), writer);
  while (!discovery->WaitForCatalog(milliseconds(20))) {
    constexpr timespec kNow{};
    if (sigtimedwait(&signals, nullptr, &kNow) > 0) return 0;
  }
  reactor->Start();
  std::counting_semaphore<> room(kLinesAhead);
  transport::LineReader reader(
      STDIN_FILENO, transport::Stdio::kMaxLineBytes,
      [&](std::string line, bool whole) {
        if (!writer.WaitForRoom()) return;  // who does not read is not read
        room.acquire();
        reactor->Post([&, line = std::move(line), whole](Reactor&) {
          stdio->Handle(line, whole);
          room.release();
        });
      },
      end_process);
  int signal = 0;
  sigwait(&signals, &signal);
  ending = true;
  EndAtNextSignal(signals);

  // Whoever only closes its side still gets the answers that are nearly there.
  reactor->Drain();
  reactor->EndsBy(steady_clock::now() + kDrainTime);
  reactor->Stop();
  const bool ended = reactor->EndsBy(steady_clock::now() + kStopTime);
  writer.Flush(kFlushTime);
  tracer.Shutdown(kFlushTime);
  // What gRPC may still hold, and a reader that waits for room, would keep the client waiting.
  _exit(ended ? 0 : 1);
}

}  // namespace bridge::app
