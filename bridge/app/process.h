// What `serve` and `stdio` set up alike: the process, and the options of the parts.
#pragma once

#include <signal.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bridge/app/options.h"
#include "bridge/mcp/core.h"
#include "bridge/metrics/metrics.h"
#include "bridge/telemetry/options.h"

namespace bridge::app {

// Before any thread starts. Returns SIGTERM and SIGINT, which are blocked from then on: the main
// thread waits for them.
sigset_t PrepareProcess(const ServeOptions& options);

// From two seconds from now on at the latest one more of `signals` ends the process at once, also
// where it is a container's first process, for which the kernel has no default. Those who signal a
// process and then its group mean one.
void EndAtNextSignal(const sigset_t& signals);

// From the environment; what of it is not used as given is logged.
telemetry::TracerOptions MakeTracerOptions(const ServeOptions& options);
// Without the callbacks.
mcp::ServerOptions MakeServerOptions(const ServeOptions& options);
metrics::Options MakeMetricsOptions(const ServeOptions& options);
// The descriptor sets, serialized.
absl::StatusOr<std::vector<std::string>> ReadComments(const ServeOptions& options);

}  // namespace bridge::app
