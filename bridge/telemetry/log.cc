#include "bridge/telemetry/log.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cmath>
#include <functional>
#include <mutex>
#include <utility>

#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "bridge/telemetry/log_limit.h"
#include "bridge/telemetry/text.h"

namespace bridge::telemetry {
namespace {

constexpr size_t kMaxValueBytes = 1024;
constexpr std::string_view kLevelNames[] = {"debug", "info", "warning", "error", "off"};

std::atomic<LogLevel> minimum_level{LogLevel::kInfo};
std::atomic<uint64_t> dropped_lines{0};

LogLimit& Limit() {
  static LogLimit limit;
  return limit;
}

void AppendMember(std::string* line, std::string_view key, std::string_view value) {
  *line += ',';
  AppendJsonString(line, key);
  *line += ':';
  AppendJsonString(line, VisibleText(CutUtf8(value, kMaxValueBytes)));
}

void AppendField(std::string* line, const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    AppendMember(line, field.key, *text);
    return;
  }
  *line += ',';
  AppendJsonString(line, field.key);
  *line += ':';
  if (const auto* flag = std::get_if<bool>(&field.value)) {
    *line += *flag ? "true" : "false";
  } else if (const auto* integer = std::get_if<int64_t>(&field.value)) {
    AppendJsonInt(line, *integer);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    if (std::isfinite(*number)) {
      AppendJsonDouble(line, *number);
    } else {
      *line += "null";
    }
  }
}

// Where lines go. The descriptor may be shared with other processes, so O_NONBLOCK is not ours to
// set: poll says whether a piece of PIPE_BUF bytes can be written without waiting, and one thread
// at a time asks and writes.
class Output {
 public:
  void Use(int descriptor) {
    const std::lock_guard lock(mutex_);
    descriptor_ = descriptor;
    begun_.clear();
  }

  // Drops and counts the line if it cannot be written now.
  void Write(std::string line) {
    const std::lock_guard lock(mutex_);
    const bool clear = WriteNow(&begun_);
    const size_t size = line.size();
    taking_ = clear && WriteNow(&line);
    if (taking_) return;
    if (clear && line.size() < size) {
      begun_ = std::move(line);  // its rest comes before the next line
    } else {
      dropped_lines.fetch_add(1, std::memory_order_relaxed);
    }
  }

  // Gives a reader that was there for the last line a second to make room.
  void AwaitRoom() {
    pollfd writable{descriptor_.load(), POLLOUT, 0};
    if (taking_) poll(&writable, 1, 1000);
  }

 private:
  // Removes what it could write from `text`; true if that was all. What an error hits is lost.
  bool WriteNow(std::string* text) {
    size_t done = 0;
    while (done < text->size()) {
      pollfd writable{descriptor_, POLLOUT, 0};
      if (poll(&writable, 1, 0) != 1) break;
      const ssize_t written =
          write(descriptor_, text->data() + done, std::min<size_t>(text->size() - done, PIPE_BUF));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) break;
      done += static_cast<size_t>(written);
    }
    text->erase(0, done);
    return text->empty();
  }

  std::mutex mutex_;
  std::atomic<int> descriptor_{STDERR_FILENO};
  std::atomic<bool> taking_{true};  // the last line
  std::string begun_;               // the rest of a line
};

Output& TheOutput() {
  static auto& output = *new Output;  // threads may log to the very end
  return output;
}

void WriteLine(LogLevel level, std::string_view logger, std::string_view message,
               std::initializer_list<LogField> fields, const TraceContext* context,
               uint64_t suppressed) {
  std::string line = "{\"ts\":\"";
  AppendUtcTime(&line, std::chrono::system_clock::now());
  line += '"';
  AppendMember(&line, "level", kLevelNames[static_cast<size_t>(level)]);
  AppendMember(&line, "logger", logger);
  AppendMember(&line, "msg", message);
  if (context != nullptr && context->valid()) {
    AppendMember(&line, "trace_id", FormatTraceId(*context));
    AppendMember(&line, "span_id", FormatSpanId(context->span_id));
  }
  for (const LogField& field : fields) AppendField(&line, field);
  if (suppressed > 0) AppendField(&line, {"suppressed", suppressed});
  line += "}\n";
  TheOutput().Write(std::move(line));
}

}  // namespace

std::optional<LogLevel> ParseLogLevel(std::string_view word) {
  if (word == "warn") return LogLevel::kWarning;
  for (size_t i = 0; i < std::size(kLevelNames); ++i) {
    if (word == kLevelNames[i]) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

void SetLogLevel(LogLevel level) {
  minimum_level.store(level, std::memory_order_relaxed);
}

bool IsLogged(LogLevel level) {
  return level != LogLevel::kOff && level >= minimum_level.load(std::memory_order_relaxed);
}

void SetLogDescriptor(int descriptor) {
  TheOutput().Use(descriptor);
}

uint64_t DroppedLogLines() {
  return dropped_lines.load(std::memory_order_relaxed);
}

uint64_t SuppressedLogLines() {
  return Limit().suppressed();
}

void Log(LogLevel level, std::string_view logger, std::string_view message,
         std::initializer_list<LogField> fields, const TraceContext* context) {
  const std::hash<std::string_view> hash;
  LogOfKind(hash(logger) * 31 + hash(message), level, logger, message, fields, context);
}

void LogOfKind(size_t kind, LogLevel level, std::string_view logger, std::string_view message,
               std::initializer_list<LogField> fields, const TraceContext* context) {
  if (!IsLogged(level)) return;
  // Who asks for debug lines wants them all.
  const auto suppressed = level == LogLevel::kDebug
                              ? std::optional<uint64_t>(0)
                              : Limit().Admit(kind, std::chrono::steady_clock::now());
  if (suppressed.has_value()) WriteLine(level, logger, message, fields, context, *suppressed);
}

void LogAsked(LogLevel level, std::string_view logger, std::string_view message,
              std::initializer_list<LogField> fields, const TraceContext* context) {
  WriteLine(level, logger, message, fields, context, /*suppressed=*/0);
}

void WriteLogLine(std::string line) {
  line += '\n';
  TheOutput().AwaitRoom();
  TheOutput().Write(std::move(line));
}

}  // namespace bridge::telemetry
