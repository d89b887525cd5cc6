#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "bridge/telemetry/log.h"

namespace bridge::telemetry {
namespace {

thread_local const std::string* about = nullptr;  // the upstream, see LibraryLogsAbout

// Whether a message was not said before. Knows a number of them and forgets all beyond.
bool IsNews(const std::string& upstream, std::string_view message) {
  constexpr size_t kKnown = 1'000;
  static std::mutex mutex;
  static std::set<std::pair<std::string, size_t>> said;
  const std::lock_guard lock(mutex);
  if (said.size() >= kKnown) said.clear();
  return said.emplace(upstream, std::hash<std::string_view>()(message)).second;
}

std::string_view FileName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

// Messages of libraries hold addresses and reasons: only their place says what kind they are.
void LogFrom(std::string_view path, int line, LogLevel level, std::string_view logger,
             std::string_view message) {
  const size_t kind = std::hash<std::string_view>()(path) + static_cast<size_t>(line);
  if (about == nullptr) {
    return LogOfKind(kind, level, logger, message, {{"file", FileName(path)}, {"line", line}});
  }
  if (!IsNews(*about, message)) return;
  LogOfKind(kind, level, logger, message,
            {{"file", FileName(path)}, {"line", line}, {"upstream", *about}});
}

void LogGrpc(gpr_log_func_args* args) {
  const LogLevel level = args->severity == GPR_LOG_SEVERITY_ERROR  ? LogLevel::kWarning
                         : args->severity == GPR_LOG_SEVERITY_INFO ? LogLevel::kInfo
                                                                   : LogLevel::kDebug;
  LogFrom(args->file, args->line, level, "grpc", args->message);
}

void LogProtobuf(google::protobuf::LogLevel severity, const char* file, int line,
                 const std::string& message) {
  const LogLevel level = severity >= google::protobuf::LOGLEVEL_ERROR     ? LogLevel::kError
                         : severity == google::protobuf::LOGLEVEL_WARNING ? LogLevel::kWarning
                                                                          : LogLevel::kInfo;
  LogFrom(file, line, level, "protobuf", message);
}

}  // namespace

LibraryLogsAbout::LibraryLogsAbout(const std::string& upstream) {
  about = &upstream;
}

LibraryLogsAbout::~LibraryLogsAbout() {
  about = nullptr;
}

void RouteLibraryLogs() {
  gpr_set_log_function(LogGrpc);
  google::protobuf::SetLogHandler(LogProtobuf);
}

}  // namespace bridge::telemetry
