// StreamService on grpc++, as generated code serves it, described by its reflection plugin
// (v1alpha).
//
//   streams_server     prints "ready grpc=127.0.0.1:PORT"; ends by SIGTERM
#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>
#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>

#include <csignal>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "interop/streams/v1/streams.grpc.pb.h"

namespace bridge::interop {
namespace {

namespace pb = ::interop::streams::v1;
using grpc::ServerContext;
using grpc::Status;

// How often a method that waits looks whether its call is still wanted.
constexpr absl::Duration kLook = absl::Milliseconds(5);

// False if the call is cancelled before.
bool Wait(const ServerContext& context, absl::Duration duration) {
  const absl::Time end = absl::Now() + duration;
  while (absl::Now() < end) {
    if (context.IsCancelled()) return false;
    absl::SleepFor(std::min(kLook, end - absl::Now()));
  }
  return !context.IsCancelled();
}

Status Count(const ServerContext& context, int64_t last, int interval_ms,
             grpc::ServerWriter<pb::Number>* writer) {
  pb::Number number;
  for (int64_t value = 1; value <= last; ++value) {
    number.set_value(value);
    if (!Wait(context, absl::Milliseconds(interval_ms)) || !writer->Write(number)) {
      return Status::CANCELLED;
    }
  }
  return Status::OK;
}

class StreamService final : public pb::StreamService::Service {
 public:
  Status Count(ServerContext* context, const pb::CountRequest* request,
               grpc::ServerWriter<pb::Number>* writer) override {
    return interop::Count(*context, request->count(), request->interval_ms(), writer);
  }

  Status Sum(ServerContext*, grpc::ServerReader<pb::Number>* reader,
             pb::SumResponse* response) override {
    pb::Number number;
    while (reader->Read(&number)) {
      response->set_sum(response->sum() + number.value());
      response->set_count(response->count() + 1);
    }
    return Status::OK;
  }

  Status Echo(ServerContext*, grpc::ServerReaderWriter<pb::Number, pb::Number>* stream) override {
    pb::Number number;
    while (stream->Read(&number) && stream->Write(number)) {
    }
    return Status::OK;
  }

  Status Fail(ServerContext* context, const pb::FailRequest* request,
              grpc::ServerWriter<pb::Number>* writer) override {
    if (Status status = interop::Count(*context, 3, 0, writer); !status.ok()) return status;
    google::rpc::PreconditionFailure failure;
    auto* violation = failure.add_violations();
    violation->set_type("STREAM");
    violation->set_subject(request->subject());
    violation->set_description("ends here");
    google::rpc::Status status;
    status.set_code(grpc::StatusCode::FAILED_PRECONDITION);
    status.set_message("broken after three numbers");
    status.add_details()->PackFrom(failure);
    return {grpc::StatusCode::FAILED_PRECONDITION, status.message(), status.SerializeAsString()};
  }

  Status Forever(ServerContext* context, const pb::ForeverRequest* request,
                 grpc::ServerWriter<pb::Number>* writer) override {
    const Status status = interop::Count(*context, std::numeric_limits<int64_t>::max(),
                                         request->interval_ms(), writer);
    NoteCancelled(request->id());
    return status;
  }

  Status Slow(ServerContext* context, const pb::SlowRequest* request,
              pb::SlowResponse* response) override {
    if (!Wait(*context, absl::Seconds(request->seconds()))) {
      NoteCancelled(request->id());
      return Status::CANCELLED;
    }
    response->set_seconds(request->seconds());
    return Status::OK;
  }

  Status AwaitCancelled(ServerContext* context, const pb::AwaitCancelledRequest* request,
                        pb::AwaitCancelledResponse* response) override {
    while (Wait(*context, kLook)) {
      const absl::MutexLock lock(&mutex_);
      if (const auto found = cancelled_.find(request->id()); found != cancelled_.end()) {
        response->set_unix_ms(absl::ToUnixMillis(found->second));
        return Status::OK;
      }
    }
    return Status::CANCELLED;
  }

 private:
  void NoteCancelled(const std::string& id) {
    const absl::MutexLock lock(&mutex_);
    cancelled_.emplace(id, absl::Now());
  }

  absl::Mutex mutex_;
  std::map<std::string, absl::Time> cancelled_ ABSL_GUARDED_BY(mutex_);  // when, by the call's id
};

int Serve() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  StreamService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("ready grpc=127.0.0.1:%d\n", port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  server->Shutdown(absl::ToChronoTime(absl::Now()));
  return 0;
}

}  // namespace
}  // namespace bridge::interop

int main() {
  // Debian's Abseil aborts at a cycle of locks, and gRPC has harmless ones.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return bridge::interop::Serve();
}
