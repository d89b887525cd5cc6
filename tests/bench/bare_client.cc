// What a gRPC call costs without a bridge: the cheapest client grpc++ has, one channel, one thread
// and one completion queue, raw bytes, with a deadline on each call as the bridge sets it.
//
//   bare_client TARGET METHOD SAMPLE CALLS_AT_ONCE WARM_MS RUN_MS UPSTREAM_PID [MESSAGES]
//
// With MESSAGES each call is a server stream of so many. Closed loop. Prints one line of JSON; CPU
// is of all threads of the process, and of the upstream's in the same window. A call that fails or
// comes back changed fails the program.
#include <absl/synchronization/mutex.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/async_stream.h>
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

// What all calls are made with.
struct Upstream {
  Upstream(const std::string& target, std::string path, const std::string& sample, int count)
      : channel(MakeChannel(target)),
        stub(channel),
        method(std::move(path)),
        request_text(sample),
        messages(count) {
    const ::grpc::Slice slice(request_text);
    request = ::grpc::ByteBuffer(&slice, 1);
  }

  static std::shared_ptr<::grpc::Channel> MakeChannel(const std::string& target) {
    ::grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    return ::grpc::CreateCustomChannel(target, ::grpc::InsecureChannelCredentials(), arguments);
  }

  bool IsEcho(const ::grpc::ByteBuffer& response) const {
    ::grpc::Slice answer;
    return response.DumpToSingleSlice(&answer).ok() &&
           std::string_view(reinterpret_cast<const char*>(answer.begin()), answer.size()) ==
               request_text;
  }

  std::shared_ptr<::grpc::Channel> channel;
  ::grpc::GenericStub stub;
  ::grpc::CompletionQueue queue;
  std::string method;
  std::string request_text;
  ::grpc::ByteBuffer request;
  int messages;  // of a stream
};

enum class State { kGoing, kRight, kWrong };

// Has a deadline; can be made again when it is over.
class Call {
 public:
  void Begin(Upstream* upstream) {
    upstream_ = upstream;
    context_.emplace();
    context_->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    start_ = Clock::now();
  }

  double microseconds() const {
    return std::chrono::duration<double, std::micro>(Clock::now() - start_).count();
  }

 protected:
  State Judge(bool right) const {
    if (right && status_.ok()) return State::kRight;
    std::fprintf(stderr, "a call failed: %d %s\n", status_.error_code(),
                 status_.error_message().c_str());
    return State::kWrong;
  }

  Upstream* upstream_ = nullptr;
  std::optional<::grpc::ClientContext> context_;
  ::grpc::ByteBuffer response_;
  ::grpc::Status status_;

 private:
  Clock::time_point start_;
};

class UnaryCall final : public Call {
 public:
  void Start(Upstream* upstream) {
    Begin(upstream);
    reader_ = upstream->stub.PrepareUnaryCall(&*context_, upstream->method, upstream->request,
                                              &upstream->queue);
    reader_->StartCall();
    reader_->Finish(&response_, &status_, this);
  }

  State Complete(bool ok) { return Judge(ok && upstream_->IsEcho(response_)); }

 private:
  std::unique_ptr<::grpc::ClientAsyncResponseReader<::grpc::ByteBuffer>> reader_;
};

class StreamCall final : public Call {
 public:
  void Start(Upstream* upstream) {
    reader_.reset();  // lives in the call, which the context owns
    Begin(upstream);
    const ::grpc::internal::RpcMethod method(upstream->method.c_str(),
                                             ::grpc::internal::RpcMethod::SERVER_STREAMING);
    reader_.reset(::grpc::internal::ClientAsyncReaderFactory<::grpc::ByteBuffer>::Create(
        upstream->channel.get(), &upstream->queue, method, &*context_, upstream->request,
        /*start=*/true, this));
    read_ = 0;
    step_ = Step::kStarting;
  }

  State Complete(bool ok) {
    switch (step_) {
      case Step::kStarting:
        step_ = Step::kReading;
        return Read();
      case Step::kReading:
        if (!ok) {  // after the last
          step_ = Step::kEnding;
          reader_->Finish(&status_, this);
          return State::kGoing;
        }
        ++read_;
        return upstream_->IsEcho(response_) ? Read() : Judge(false);
      case Step::kEnding:
        return Judge(read_ == upstream_->messages);
    }
    return State::kWrong;
  }

 private:
  enum class Step { kStarting, kReading, kEnding };

  State Read() {
    reader_->Read(&response_, this);
    return State::kGoing;
  }

  std::unique_ptr<::grpc::ClientAsyncReader<::grpc::ByteBuffer>> reader_;
  Step step_ = Step::kStarting;
  int read_ = 0;
};

template <class Kind>
class Client final {
 public:
  explicit Client(Upstream* upstream) : upstream_(upstream) {}

  void StartAll(std::vector<Kind>* calls) {
    for (Kind& call : *calls) call.Start(upstream_);
  }

  // Keeps all calls going until `end`. False if one failed.
  bool Run(Clock::time_point end) {
    latencies_us_.clear();
    while (Clock::now() < end) {
      Kind* call = Next();
      if (call == nullptr) return false;
      call->Start(upstream_);
    }
    return true;
  }

  bool Finish(size_t calls) {
    for (size_t i = 0; i < calls; ++i) {
      if (Next() == nullptr) return false;
    }
    upstream_->queue.Shutdown();
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
  // The next call that has its right answer; null if it has not.
  Kind* Next() {
    void* tag = nullptr;
    bool ok = false;
    while (upstream_->queue.Next(&tag, &ok)) {
      Kind* call = static_cast<Kind*>(tag);
      const State state = call->Complete(ok);
      if (state == State::kGoing) continue;
      if (state == State::kWrong) return nullptr;
      latencies_us_.push_back(call->microseconds());
      return call;
    }
    return nullptr;
  }

  Upstream* upstream_;
  std::vector<double> latencies_us_;
};

template <class Kind>
int Measure(char** words, int messages) {
  const auto milliseconds = [](const char* text) {
    return std::chrono::milliseconds(std::atoi(text));
  };
  clockid_t upstream_clock{};
  if (clock_getcpuclockid(std::atoi(words[6]), &upstream_clock) != 0) return 64;
  Upstream upstream(words[0], words[1], FindSample(words[2]).wire(), messages);
  Client<Kind> client(&upstream);
  std::vector<Kind> calls(static_cast<size_t>(std::atoi(words[3])));
  client.StartAll(&calls);
  if (!client.Run(Clock::now() + milliseconds(words[4]))) return 1;

  const double cpu = CpuMicroseconds(CLOCK_PROCESS_CPUTIME_ID);
  const double upstream_cpu = CpuMicroseconds(upstream_clock);
  const Clock::time_point start = Clock::now();
  if (!client.Run(start + milliseconds(words[5]))) return 1;
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const auto count = static_cast<double>(client.calls());
  const double client_us = (CpuMicroseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / count;
  const double upstream_us = (CpuMicroseconds(upstream_clock) - upstream_cpu) / count;
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
  if (argc != 8 && argc != 9) {
    std::fprintf(stderr,
                 "usage: bare_client TARGET METHOD SAMPLE CALLS_AT_ONCE WARM_MS RUN_MS "
                 "UPSTREAM_PID [MESSAGES]\n");
    return 64;
  }
  if (argc == 9) {
    return bridge::bench::Measure<bridge::bench::StreamCall>(argv + 1, std::atoi(argv[8]));
  }
  return bridge::bench::Measure<bridge::bench::UnaryCall>(argv + 1, 0);
}
