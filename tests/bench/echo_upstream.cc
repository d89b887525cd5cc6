// The upstream of the benchmarks: one thread, one completion queue, bytes in and the same bytes
// out, because that is the cheapest server gRPC has. Describes itself by reflection, and swallows
// OTLP spans, so that a second one of it serves as a collector.
//
//   echo_upstream [FURTHER_METHODS [streams]]     prints "ready grpc=127.0.0.1:PORT"; ends by
//   SIGTERM
#include <absl/synchronization/mutex.h>
#include <grpcpp/alarm.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "tests/bench/samples.h"
#include "tests/bench/stream_echo.h"
#include "tests/support/described_server.h"

namespace bridge::bench {
namespace {

using std::chrono::milliseconds;

// Calls of a method that may arrive before we ask for the next one.
constexpr int kAcceptedAhead = 128;

struct Method {
  const char* path;
  milliseconds delay;
};
constexpr Method kMethods[] = {
    {"/bench.v1.EchoService/EchoSmall", milliseconds(0)},
    {"/bench.v1.EchoService/EchoOrder", milliseconds(0)},
    {"/bench.v1.EchoService/EchoSmallLater", milliseconds(20)},
};

// The methods under load are registered, so that a request comes with its message in one event.
class EchoService final : public ::grpc::Service {
 public:
  EchoService() {
    int index = 0;
    for (const Method& method : kMethods) {
      AddMethod(new ::grpc::internal::RpcServiceMethod(
          method.path, ::grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
      MarkMethodRaw(index++);
    }
  }

  using ::grpc::Service::RequestAsyncUnary;
};

class UnaryEcho final : public Event {
 public:
  UnaryEcho(EchoService* service, int method, ::grpc::ServerCompletionQueue* queue)
      : service_(service), method_(method), queue_(queue), writer_(&context_) {
    service->RequestAsyncUnary(method, &context_, &message_, &writer_, queue, queue, this);
  }

  void Complete(bool ok) override {
    if (!ok || step_ == Step::kAnswered) {
      delete this;
      return;
    }
    if (step_ == Step::kWaiting) {
      new UnaryEcho(service_, method_, queue_);
      if (const milliseconds delay = kMethods[method_].delay; delay.count() > 0) {
        step_ = Step::kDelayed;
        alarm_.Set(queue_, std::chrono::system_clock::now() + delay, static_cast<Event*>(this));
        return;
      }
    }
    step_ = Step::kAnswered;
    writer_.Finish(message_, ::grpc::Status::OK, static_cast<Event*>(this));
  }

 private:
  enum class Step { kWaiting, kDelayed, kAnswered };

  EchoService* service_;
  int method_;
  ::grpc::ServerCompletionQueue* queue_;
  ::grpc::ServerContext context_;
  ::grpc::ByteBuffer message_;
  ::grpc::ServerAsyncResponseWriter<::grpc::ByteBuffer> writer_;
  ::grpc::Alarm alarm_;
  Step step_ = Step::kWaiting;
};

// All other methods: reflection, spans, and echoes by name.
class GenericCall final : public Event {
 public:
  using Answer = std::function<testing::Answer(const testing::Received&)>;

  GenericCall(::grpc::AsyncGenericService* service, ::grpc::ServerCompletionQueue* queue,
              const Answer* answer)
      : service_(service), queue_(queue), answer_(answer), stream_(&context_) {
    service->RequestCall(&context_, &stream_, queue, queue, static_cast<Event*>(this));
  }

  void Complete(bool ok) override {
    switch (step_) {
      case Step::kWaiting:
        if (!ok) break;
        new GenericCall(service_, queue_, answer_);
        return Read();
      case Step::kReading:
        return ok ? Write() : End();
      case Step::kWriting:
        return ok ? Read() : End();
      case Step::kEnding:
        break;
    }
    delete this;
  }

 private:
  enum class Step { kWaiting, kReading, kWriting, kEnding };

  void Read() {
    step_ = Step::kReading;
    stream_.Read(&message_, static_cast<Event*>(this));
  }

  void Write() {
    ::grpc::Slice request;
    (void)message_.DumpToSingleSlice(&request);
    const testing::Answer answer = (*answer_)(
        {.path = context_.method(),
         .request = std::string(reinterpret_cast<const char*>(request.begin()), request.size())});
    const ::grpc::Slice response(answer.response);
    step_ = answer.stream ? Step::kWriting : Step::kEnding;
    const ::grpc::ByteBuffer bytes(&response, 1);
    if (answer.stream) {
      stream_.Write(bytes, static_cast<Event*>(this));
    } else {
      stream_.WriteAndFinish(bytes, ::grpc::WriteOptions(), answer.status,
                             static_cast<Event*>(this));
    }
  }

  void End() {
    step_ = Step::kEnding;
    stream_.Finish(::grpc::Status::OK, static_cast<Event*>(this));
  }

  ::grpc::AsyncGenericService* service_;
  ::grpc::ServerCompletionQueue* queue_;
  const Answer* answer_;
  ::grpc::GenericServerContext context_;
  ::grpc::GenericServerAsyncReaderWriter stream_;
  ::grpc::ByteBuffer message_;
  Step step_ = Step::kWaiting;
};

GenericCall::Answer MakeAnswer(int further_methods, bool streams, const StreamService& service) {
  Files files = streams ? StreamFiles() : EchoFiles();
  for (auto& file : FurtherMethods(further_methods)) files.push_back(std::move(file));
  return [files, listed = testing::ServiceNames(files), &service](const testing::Received& call) {
    if (call.path.find("ServerReflection/") != std::string::npos) {
      return testing::AnswerReflection(call, files, listed, /*whole_closure=*/false);
    }
    // An empty ExportTraceServiceResponse says that all spans were taken.
    if (call.path.find("TraceService/") != std::string::npos) return testing::Answer{};
    if (call.path.find("/GetCounts") != std::string::npos) {
      return testing::Answer{.response = service.SerializeCounts()};
    }
    return testing::Answer{.response = call.request};
  };
}

int Serve(int further_methods, bool streams) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  EchoService echo;
  StreamService stream;
  const GenericCall::Answer answer = MakeAnswer(further_methods, streams, stream);
  ::grpc::AsyncGenericService generic;
  ::grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", ::grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&echo);
  builder.RegisterService(&stream);
  builder.RegisterAsyncGenericService(&generic);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  for (int i = 0; i < kAcceptedAhead; ++i) {
    for (size_t method = 0; method < std::size(kMethods); ++method) {
      new UnaryEcho(&echo, static_cast<int>(method), queue.get());
    }
    for (size_t method = 0; method < std::size(StreamService::kMethods); ++method) {
      new StreamEcho(&stream, static_cast<int>(method), queue.get());
    }
  }
  new GenericCall(&generic, queue.get(), &answer);
  std::thread worker([&queue] {
    void* tag = nullptr;
    bool ok = false;
    while (queue->Next(&tag, &ok)) static_cast<Event*>(tag)->Complete(ok);
  });
  std::printf("ready grpc=127.0.0.1:%d\n", port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  queue->Shutdown();
  worker.join();
  return 0;
}

}  // namespace
}  // namespace bridge::bench

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return bridge::bench::Serve(argc > 1 ? std::atoi(argv[1]) : 0, argc > 2);
}
