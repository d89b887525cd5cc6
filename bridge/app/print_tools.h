// Shows what the bridge makes of services without running them.
#pragma once

#include "bridge/app/options.h"

namespace bridge::app {

// Prints the tools of the services in descriptor sets on stdout, each as `tools/list` of MCP
// 2026-07-28 gives it, one a line, sorted by name. On stderr, a line for each service that has
// no tools and why. What options hide is left out silently.
//
// Returns the exit code: 0 if everything was converted, 2 if stderr names something that was not, 1
// if nothing was printed because a file cannot be read or is no descriptor set, or if stdout cannot
// be written.
int PrintTools(const SchemaCommand& command);

}  // namespace bridge::app
