// `grpc-mcp-bridge stdio`: one client, on standard input and output.
#pragma once

#include "bridge/app/options.h"

namespace bridge::app {

// Serves until the input ends, nobody reads the output, or a signal comes. Returns the exit code.
int ServeStdio(const ServeOptions& options);

}  // namespace bridge::app
