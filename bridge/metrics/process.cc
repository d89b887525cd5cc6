#include "bridge/metrics/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace bridge::metrics {
namespace {

struct Stat {
  uint64_t threads = 0, start_ticks = 0, virtual_bytes = 0, resident_pages = 0;
};

// proc(5), /proc/self/stat: behind the name of the program, which may hold anything, from field 3.
std::optional<Stat> ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const size_t end = line.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(end + 1));
  std::string skipped;
  for (int field = 3; field < 20; ++field) fields >> skipped;
  Stat stat;
  fields >> stat.threads >> skipped >> stat.start_ticks >> stat.virtual_bytes >>
      stat.resident_pages;
  if (!fields) return std::nullopt;
  return stat;
}

// When the machine started, in seconds of Unix time; 0 if that is not known.
uint64_t BootTime() {
  std::ifstream file("/proc/stat");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("btime ")) return std::stoull(line.substr(6));
  }
  return 0;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Without the one that counts.
std::optional<uint64_t> OpenFiles() {
  std::error_code error;
  uint64_t count = 0;
  std::filesystem::directory_iterator files("/proc/self/fd", error);
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) ++count;
  if (error || count == 0) return std::nullopt;
  return count - 1;
}

}  // namespace

void AppendProcess(Page* page) {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    page->Single({"process_cpu_seconds_total", Type::kCounter,
                  "CPU time used, of the process and for it in the kernel.", "seconds"},
                 Seconds(usage.ru_utime) + Seconds(usage.ru_stime));
  }
  if (const auto stat = ReadStat(); stat.has_value()) {
    page->Single({"process_resident_memory_bytes", Type::kGauge, "Memory in use.", "bytes"},
                 stat->resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
    page->Single({"process_virtual_memory_bytes", Type::kGauge, "Address space in use.", "bytes"},
                 stat->virtual_bytes);
    page->Single({"process_threads", Type::kGauge, "Threads."}, stat->threads);
    if (const uint64_t boot = BootTime(); boot > 0) {
      const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
      page->Single({"process_start_time_seconds", Type::kGauge,
                    "When the process started, in seconds since 1970.", "seconds"},
                   static_cast<double>(boot) + static_cast<double>(stat->start_ticks) / ticks);
    }
  }
  if (const auto files = OpenFiles(); files.has_value()) {
    page->Single({"process_open_fds", Type::kGauge, "Files, sockets and the like that are open."},
                 *files);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    page->Single({"process_max_fds", Type::kGauge, "How many of them may be open."},
                 uint64_t{limit.rlim_cur});
  }
}

}  // namespace bridge::metrics
