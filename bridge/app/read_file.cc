#include "bridge/app/read_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "bridge/base/status_macros.h"
#include "google/protobuf/stubs/logging.h"

namespace bridge::app {
namespace {

constexpr size_t kMaxDescriptorSetBytes = 256u << 20;
constexpr size_t kReadBytes = 64 * 1024;

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (file == nullptr) return absl::NotFoundError(path + ": " + std::strerror(errno));
  std::string bytes;
  while (bytes.size() <= max_bytes) {
    const size_t size = bytes.size();
    bytes.resize(std::min(max_bytes + 1, size + std::max(size, kReadBytes)));
    const size_t got = std::fread(bytes.data() + size, 1, bytes.size() - size, file.get());
    if (std::ferror(file.get()) != 0)
      return absl::NotFoundError(path + ": " + std::strerror(errno));
    bytes.resize(size + got);
    if (std::feof(file.get()) != 0) return bytes;
  }
  return absl::InvalidArgumentError(path + ": it has more than " + std::to_string(max_bytes) +
                                    " bytes, which is the most this file may have");
}

absl::StatusOr<google::protobuf::FileDescriptorSet> ReadDescriptorSet(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxDescriptorSetBytes));
  const google::protobuf::LogSilencer our_own_words_will_do;
  google::protobuf::FileDescriptorSet set;
  if (set.ParsePartialFromString(bytes) && set.file_size() > 0) return set;
  return absl::InvalidArgumentError(
      path +
      ": it is no FileDescriptorSet; make one with: protoc --include_imports "
      "--include_source_info -o FILE SERVICE.proto (or: buf build -o FILE)");
}

}  // namespace bridge::app
