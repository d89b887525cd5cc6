// The HTTP server alone, with a fixed reply of about 300 bytes:
//   http_bench [PORT] &
//   wrk -t1 -c64 -d5 -s tests/bench/http_bench.lua http://127.0.0.1:PORT
//   kill -USR1 PID    prints CPU and allocations per request since the last time, and how much the
//                     resident memory has grown: idle connections show what each one costs
//   kill PID
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <new>
#include <string>

#include "bridge/http/server.h"

namespace {

uint64_t allocations = 0;
uint64_t requests = 0;

double CpuMicroseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto us = [](const timeval& t) { return 1e6 * double(t.tv_sec) + double(t.tv_usec); };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

double ResidentKiB() {
  std::ifstream status("/proc/self/statm");
  double size = 0, resident = 0;
  status >> size >> resident;
  return resident * double(sysconf(_SC_PAGESIZE)) / 1024;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size)) return p;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}

int main(int argc, char** argv) {
  using bridge::http::Request;
  using bridge::http::Responder;
  using bridge::http::Response;
  boost::asio::io_context io(1);
  const auto text = std::make_shared<const std::string>(
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"" +
      std::string(220, 'x') + "\"}]}}");
  auto server = bridge::http::Server::Listen(
      io, "127.0.0.1", static_cast<uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0), {},
      [&text](const Request&, Responder responder) {
        ++requests;
        Response response;
        response.content_type = "application/json";
        response.shared = text;
        responder.Send(std::move(response));
      });
  if (!server.ok()) return 1;
  std::printf("port %d\n", (*server)->port());
  std::fflush(stdout);
  const double resident_kib = ResidentKiB();
  uint64_t requests_before = 0, allocations_before = 0;
  double cpu_before = 0;
  boost::asio::signal_set signals(io, SIGTERM, SIGUSR1);
  std::function<void()> wait = [&] {
    signals.async_wait([&](boost::system::error_code, int signal) {
      if (signal == SIGTERM) return io.stop();
      const double n = double(requests - requests_before);
      std::printf(
          "connections %zu, resident KiB %+.0f; since last: requests %.0f, CPU us each %.2f, "
          "allocations each %.4f\n",
          (*server)->connections(), ResidentKiB() - resident_kib, n,
          (CpuMicroseconds() - cpu_before) / n, double(allocations - allocations_before) / n);
      std::fflush(stdout);
      requests_before = requests;
      allocations_before = allocations;
      cpu_before = CpuMicroseconds();
      wait();
    });
  };
  wait();
  io.run();
}
