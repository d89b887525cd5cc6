#include <optional>

#include "absl/synchronization/mutex.h"
#include "bridge/app/options.h"
#include "bridge/app/serve.h"
#include "bridge/telemetry/log.h"

int main(int argc, char** argv) {
  // The packaged Abseil aborts the process on a lock-order cycle, and gRPC has such cycles when an
  // upstream is down; without the detector a call is cheaper as well.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  bridge::telemetry::RouteLibraryLogs();
  int exit_code = 0;
  const std::optional<bridge::app::ServeOptions> options =
      bridge::app::ParseCommandLine(argc, argv, &exit_code);
  return options.has_value() ? bridge::app::Serve(*options) : exit_code;
}
