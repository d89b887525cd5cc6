// Asks a running bridge how it is: for a container's health check, where there is no curl.
#pragma once

#include "bridge/app/options.h"

namespace bridge::app {

// Asks /livez or /readyz of the admin address and waits at most two seconds. Returns the exit code:
// 0 after a 200, whose text goes to stdout, else 1 with one line (and the bridge's own text, if it
// said any) on stderr.
int CheckHealth(const HealthOptions& options);

}  // namespace bridge::app
