#include "bridge/app/session_keys.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bridge/app/read_file.h"
#include "bridge/base/status_macros.h"

namespace bridge::app {
namespace {

// Enough to say how much is too much.
constexpr size_t kMaxKeyFileBytes = 1024;

std::string Octal(mode_t mode) {
  const auto digit = [mode](int shift) { return static_cast<char>('0' + (mode >> shift & 7)); };
  return {'0', digit(6), digit(3), digit(0)};
}

// The group may read: so Kubernetes gives a Secret to a process that is not root.
absl::Status CheckMode(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    return absl::NotFoundError(path + ": " + std::strerror(errno));
  }
  if ((status.st_mode & (S_IWGRP | S_IRWXO)) == 0) return absl::OkStatus();
  return absl::InvalidArgumentError("--session-key-file " + path + ": its mode " +
                                    Octal(status.st_mode) +
                                    " lets others read or change the key; chmod 600 it (in a "
                                    "Secret volume of Kubernetes: defaultMode: 0440)");
}

absl::StatusOr<mcp::SessionKey> LoadSessionKey(const std::string& path) {
  RETURN_IF_ERROR(CheckMode(path));
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxKeyFileBytes));
  mcp::SessionKey key;
  if (bytes.size() != key.size()) {
    return absl::InvalidArgumentError("--session-key-file " + path + ": it has " +
                                      std::to_string(bytes.size()) + " bytes and needs exactly " +
                                      std::to_string(key.size()));
  }
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

}  // namespace

absl::StatusOr<std::vector<mcp::SessionKey>> LoadSessionKeys(
    const std::vector<std::string>& paths) {
  std::vector<mcp::SessionKey> keys;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(keys.emplace_back(), LoadSessionKey(path));
  }
  if (keys.empty()) keys.push_back(mcp::MakeSessionKey());
  return keys;
}

}  // namespace bridge::app
