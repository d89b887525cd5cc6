// Runs the bridge from start to drain.
#pragma once

#include "bridge/app/options.h"

namespace bridge::app {

// Returns the exit code: 0 after a clean end by SIGTERM or SIGINT, 1 when it could not start (the
// reason is on stderr). A second signal, two seconds after the first or later, ends the process at
// once, with 128 + its number; so does, with 1, a thread that is still stuck after the drain time
// and 5 s. Prints the ready line on stdout when it serves.
int Serve(const ServeOptions& options);

}  // namespace bridge::app
