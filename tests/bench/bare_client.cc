// What a gRPC call costs without a bridge: the cheapest client grpc++ has, one channel, one thread
// and one completion queue, raw bytes, with a deadline on each call as the bridge sets it.
//
//   bare_client TARGET METHOD SAMPLE CALLS_AT_ONCE WARM_MS RUN_MS UPSTREAM_PID
//
// Closed loop. Prints one line of JSON; CPU is of all threads of the process, and of the upstream's
// in the same window. A call that fails or comes back changed fails the program.
#include <absl/synchronization/mutex.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/channel_arguments.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/samples.h"

namespace bridge::bench {
namespace {

using Clock = std::chrono::steady_clock;

double CpuMicroseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return 1e6 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Call {
  std::optional<::grpc::ClientContext> context;
  std::unique_ptr<::grpc::ClientAsyncResponseReader<::grpc::ByteBuffer>> reader;
  ::grpc::ByteBuffer response;
  ::grpc::Status status;
  Clock::time_point start;
};

class Client final {
 public:
  Client(const std::string& target, std::string method, const std::string& request)
      : method_(std::move(method)), request_text_(request), stub_(MakeChannel(target)) {
    const ::grpc::Slice slice(request);
    request_ = ::grpc::ByteBuffer(&slice, 1);
  }

  void StartAll(std::vector<Call>* calls) {
    for (Call& call : *calls) Start(&call);
  }

  // Keeps all calls going until `end`. False if one failed.
  bool Run(Clock::time_point end) {
    latencies_us_.clear();
    while (Clock::now() < end) {
      Call* call = Next();
      if (call == nullptr) return false;
      Start(call);
    }
    return true;
  }

  bool Finish(size_t calls) {
    for (size_t i = 0; i < calls; ++i) {
      if (Next() == nullptr) return false;
    }
    queue_.Shutdown();
    return true;
  }

  size_t calls() const { return latencies_us_.size(); }

  double Percentile(double share) {
    const auto at = latencies_us_.begin() +
                    static_cast<ptrdiff_t>(share * static_cast<double>(latencies_us_.size() - 1));
    std::nth_element(latencies_us_.begin(), at, latencies_us_.end());
    return *at;
  }

 private:
  static std::shared_ptr<::grpc::Channel> MakeChannel(const std::string& target) {
    ::grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    return ::grpc::CreateCustomChannel(target, ::grpc::InsecureChannelCredentials(), arguments);
  }

  void Start(Call* call) {
    call->context.emplace();
    call->context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    call->start = Clock::now();
    call->reader = stub_.PrepareUnaryCall(&*call->context, method_, request_, &queue_);
    call->reader->StartCall();
    call->reader->Finish(&call->response, &call->status, call);
  }

  // The next call that has its right answer; null if it has not.
  Call* Next() {
    void* tag = nullptr;
    bool ok = false;
    if (!queue_.Next(&tag, &ok)) return nullptr;
    Call* call = static_cast<Call*>(tag);
    ::grpc::Slice answer;
    if (!ok || !call->status.ok() || !call->response.DumpToSingleSlice(&answer).ok() ||
        std::string_view(reinterpret_cast<const char*>(answer.begin()), answer.size()) !=
            request_text_) {
      std::fprintf(stderr, "a call failed: %d %s\n", call->status.error_code(),
                   call->status.error_message().c_str());
      return nullptr;
    }
    latencies_us_.push_back(
        std::chrono::duration<double, std::micro>(Clock::now() - call->start).count());
    return call;
  }

  std::string method_;
  std::string request_text_;
  ::grpc::ByteBuffer request_;
  ::grpc::GenericStub stub_;
  ::grpc::CompletionQueue queue_;
  std::vector<double> latencies_us_;
};

int Measure(char** words) {
  const auto milliseconds = [](const char* text) {
    return std::chrono::milliseconds(std::atoi(text));
  };
  clockid_t upstream{};
  if (clock_getcpuclockid(std::atoi(words[6]), &upstream) != 0) return 64;
  Client client(words[0], words[1], FindSample(words[2]).wire());
  std::vector<Call> calls(static_cast<size_t>(std::atoi(words[3])));
  client.StartAll(&calls);
  if (!client.Run(Clock::now() + milliseconds(words[4]))) return 1;

  const double cpu = CpuMicroseconds(CLOCK_PROCESS_CPUTIME_ID);
  const double upstream_cpu = CpuMicroseconds(upstream);
  const Clock::time_point start = Clock::now();
  if (!client.Run(start + milliseconds(words[5]))) return 1;
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const auto count = static_cast<double>(client.calls());
  const double client_us = (CpuMicroseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / count;
  const double upstream_us = (CpuMicroseconds(upstream) - upstream_cpu) / count;
  std::printf(
      "{\"calls\":%.0f,\"calls_per_s\":%.1f,\"client_us\":%.3f,\"upstream_us\":%.3f,"
      "\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
      count, count / seconds, client_us, upstream_us, client.Percentile(0.50),
      client.Percentile(0.99));
  return client.Finish(calls.size()) ? 0 : 1;
}

}  // namespace
}  // namespace bridge::bench

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (argc != 8) {
    std::fprintf(stderr,
                 "usage: bare_client TARGET METHOD SAMPLE CALLS_AT_ONCE WARM_MS RUN_MS "
                 "UPSTREAM_PID\n");
    return 64;
  }
  return bridge::bench::Measure(argv + 1);
}
