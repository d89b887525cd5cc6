// Files that the command line names. Whatever is behind a path, a device or a pipe included, no
// more than a limit of it is read. Blocking; any thread.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <string>

#include "absl/status/statusor.h"

namespace bridge::app {

// All bytes of `path`. The error names the path and the remedy: it cannot be read, or it has more
// than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

// The FileDescriptorSet in `path`, of at most 256 MiB. InvalidArgument also for other files: it
// says how to make one.
absl::StatusOr<google::protobuf::FileDescriptorSet> ReadDescriptorSet(const std::string& path);

}  // namespace bridge::app
