// A program of ours as a process of its own: signalled, waited for, measured.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bridge::testing {

// What a process holds now (from /proc).
struct Usage {
  size_t descriptors = 0;
  size_t threads = 0;
  size_t resident_kb = 0;
  size_t peak_resident_kb = 0;
};

// What a sanitized process keeps although it was freed: there, memory says little.
#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kQuarantineKb = 4u << 20;
#else
constexpr size_t kQuarantineKb = 0;
#endif

class ChildProcess final {
 public:
  // Starts `words[0]` with the others as arguments and `environment` before our own. The test fails
  // if that is impossible.
  explicit ChildProcess(std::vector<std::string> words, std::vector<std::string> environment = {});
  // Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // The next line of its stdout, without the line end; what there is when it ends.
  std::string ReadLine();
  pid_t pid() const { return pid_; }  // -1 once it has been waited for
  // Nothing once it has been waited for.
  void Signal(int number) const;
  // SIGSTOP; it has stopped when this returns. SIGCONT lets it go on.
  void Pause() const;
  // Blocks until it ends: the exit code, or minus the signal that ended it. Again: the same.
  int Wait();
  // The same; nothing if it still runs after `at_most`.
  std::optional<int> WaitFor(std::chrono::milliseconds at_most);

  Usage MeasureUsage() const;

 private:
  pid_t pid_ = -1;  // -1: never started, or waited for
  int ended_ = -1;
  int stdout_ = -1;
};

}  // namespace bridge::testing
