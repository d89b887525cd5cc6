// The structured log: one JSON object a line on stderr. One thread writes at a time, so that lines
// never mix. On stdout there is only the ready line.
//
//   {"ts":"2026-11-20T08:15:00.123Z","level":"info","logger":"upstream","msg":"connected",
//    "trace_id":"...","span_id":"...","target":"orders:50051"}
//
// Arguments, results, tokens and header values must not be passed in. Message and values are cut at
// 1,024 bytes, and what a reader cannot see (base/text.h) is left out of them, also where gRPC or
// protobuf quote a peer. Log never waits for the reader of the log: a line that cannot be
// written at once (a full pipe, in blocking mode too) is dropped and counted. Lines of one kind,
// but for debug lines, are limited as log_limit.h says; the first one after a gap says in
// "suppressed" how many were left out. Any thread. A line below the level costs one atomic load and
// what its values cost to make.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bridge/telemetry/trace_context.h"

namespace bridge::telemetry {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError, kOff };

// "debug", "info", "warning" (or "warn"), "error", "off"; nothing for any other word.
std::optional<LogLevel> ParseLogLevel(std::string_view word);

// Lines below `level` are not written. At first: kInfo.
void SetLogLevel(LogLevel level);
bool IsLogged(LogLevel level);

// Where lines go from now on; the descriptor stays the caller's. At first: stderr.
void SetLogDescriptor(int descriptor);

// A view: used within the expression that makes it.
struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), value(static_cast<int64_t>(v)) {}

  std::string_view key;
  std::variant<std::string_view, bool, int64_t, double> value;
};

// `logger` is the module's name; lines with the same logger and message are of one kind, so what
// varies belongs into `fields`. With a context the line carries trace_id and span_id.
void Log(LogLevel level, std::string_view logger, std::string_view message,
         std::initializer_list<LogField> fields = {}, const TraceContext* context = nullptr);

// The same where the message varies: `kind` is a hash of what does not, such as its place.
void LogOfKind(size_t kind, LogLevel level, std::string_view logger, std::string_view message,
               std::initializer_list<LogField> fields = {}, const TraceContext* context = nullptr);

// A line that the operator has asked for: written whatever the level, and as often as it comes.
void LogAsked(LogLevel level, std::string_view logger, std::string_view message,
              std::initializer_list<LogField> fields = {}, const TraceContext* context = nullptr);

// Writes a finished line as it is, whatever the level; the line end is added. It must be JSON.
// Waits up to a second for a reader that is slow, but not again while that one takes nothing.
void WriteLogLine(std::string line);

// Makes gRPC and protobuf log through this log, as loggers "grpc" and "protobuf". Call once, first
// thing in main. How much gRPC says is still GRPC_VERBOSITY's to decide.
void RouteLibraryLogs();

// While it lives, what libraries say on this thread is about `upstream`: their lines name it, and
// each message about it is said once. Not nested.
class LibraryLogsAbout final {
 public:
  explicit LibraryLogsAbout(const std::string& upstream);
  ~LibraryLogsAbout();
  LibraryLogsAbout(const LibraryLogsAbout&) = delete;
  LibraryLogsAbout& operator=(const LibraryLogsAbout&) = delete;
};

uint64_t DroppedLogLines();
uint64_t SuppressedLogLines();

}  // namespace bridge::telemetry
