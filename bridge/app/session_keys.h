// The keys of legacy sessions, from the files that the command line names. Blocking; any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bridge/mcp/session.h"

namespace bridge::app {

// The keys in `paths`, in that order; one that is made now if there are none. InvalidArgument, with
// the path and the remedy, for a file that is not of exactly 32 bytes, or that others than its
// owner can write, or others than its owner and group can read.
absl::StatusOr<std::vector<mcp::SessionKey>> LoadSessionKeys(const std::vector<std::string>& paths);

}  // namespace bridge::app
