#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <optional>
#include <variant>

#include "absl/synchronization/mutex.h"
#include "bridge/app/client_config.h"
#include "bridge/app/health.h"
#include "bridge/app/options.h"
#include "bridge/app/print_tools.h"
#include "bridge/app/serve.h"
#include "bridge/app/stdio.h"
#include "bridge/telemetry/log.h"

namespace {

// What a large call held goes back to the system when the call ends. By itself glibc keeps larger
// and larger blocks in its heap once it has seen one of them freed, and a heap shrinks at its end
// only: after a burst of calls of 1 MiB a hundred of them stayed for ever.
void KeepNoLargeBlocks() {
  constexpr int kLargeBlock = 256 * 1024;
  constexpr int kKeptAtTheEnd = 8 * 1024 * 1024;
  mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  mallopt(M_TRIM_THRESHOLD, kKeptAtTheEnd);
}

// Whoever starts us may have closed standard input, output or error. Then the next file that is
// opened, such as a socket, would have its number, and be read and written in its place.
void OpenStandardFiles() {
  int file = ::open("/dev/null", O_RDWR);
  while (file >= 0 && file <= STDERR_FILENO) file = ::open("/dev/null", O_RDWR);
  ::close(file);
}

}  // namespace

int main(int argc, char** argv) {
  OpenStandardFiles();
  KeepNoLargeBlocks();
  // The packaged Abseil aborts the process on a lock-order cycle, and gRPC has such cycles when an
  // upstream is down; without the detector a call is cheaper as well.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  bridge::telemetry::RouteLibraryLogs();
  int exit_code = 0;
  const std::optional<bridge::app::Command> command =
      bridge::app::ParseCommandLine(argc, argv, &exit_code);
  if (!command.has_value()) return exit_code;
  if (const auto* health = std::get_if<bridge::app::HealthOptions>(&*command)) {
    return bridge::app::CheckHealth(*health);
  }
  if (const auto* stdio = std::get_if<bridge::app::StdioOptions>(&*command)) {
    return bridge::app::ServeStdio(stdio->serve);
  }
  if (const auto* config = std::get_if<bridge::app::ClientConfigCommand>(&*command)) {
    return bridge::app::PrintClientConfig(*config);
  }
  if (const auto* schema = std::get_if<bridge::app::SchemaCommand>(&*command)) {
    return bridge::app::PrintTools(*schema);
  }
  return bridge::app::Serve(std::get<bridge::app::ServeOptions>(*command));
}
