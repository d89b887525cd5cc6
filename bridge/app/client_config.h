// `grpc-mcp-bridge client-config`: what a client's configuration file needs.
#pragma once

#include "bridge/app/options.h"

namespace bridge::app {

// Prints JSON, and on standard error where it belongs. Returns the exit code.
int PrintClientConfig(const ClientConfigCommand& command);

}  // namespace bridge::app
