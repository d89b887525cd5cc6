// StreamService on grpc++ with the callback API, described by its reflection plugin (v1alpha).
//
//   streams_server [PORT]     prints "ready grpc=127.0.0.1:PORT"; ends by SIGTERM
#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>
#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <grpcpp/alarm.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "interop/streams/v1/streams.grpc.pb.h"

namespace bridge::interop {
namespace {

namespace pb = ::interop::streams::v1;
using grpc::CallbackServerContext;
using grpc::Status;

// When calls were cancelled, by their ids. Thread-safe.
class Cancellations final {
 public:
  using Listener = std::function<void(absl::Time)>;

  void Note(const std::string& id) {
    const absl::Time now = absl::Now();
    Listener listener;
    {
      const absl::MutexLock lock(&mutex_);
      moments_.emplace(id, now);
      if (const auto found = listeners_.extract(id)) listener = std::move(found.mapped());
    }
    if (listener) listener(now);
  }

  // Calls the listener once: now, or when the call is cancelled.
  void Await(const std::string& id, Listener listener) {
    absl::Time moment;
    {
      const absl::MutexLock lock(&mutex_);
      const auto found = moments_.find(id);
      if (found == moments_.end()) {
        listeners_[id] = std::move(listener);
        return;
      }
      moment = found->second;
    }
    listener(moment);
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, absl::Time> moments_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Listener> listeners_ ABSL_GUARDED_BY(mutex_);
};

// Sends 1 to `last`, a number each interval, and then ends with `end`; tells when it is cancelled.
class Counting final : public grpc::ServerWriteReactor<pb::Number> {
 public:
  Counting(int64_t last, int interval_ms, Status end, std::function<void()> on_cancel)
      : last_(last),
        interval_(absl::Milliseconds(interval_ms)),
        end_(std::move(end)),
        on_cancel_(std::move(on_cancel)) {
    Next();
  }

  void OnWriteDone(bool ok) override { ok ? Next() : Finish(Status::CANCELLED); }
  void OnCancel() override {
    on_cancel_();
    const absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    alarm_.Cancel();
  }
  void OnDone() override { delete this; }

 private:
  void Next() {
    if (number_.value() == last_) return Finish(end_);
    number_.set_value(number_.value() + 1);
    if (interval_ == absl::ZeroDuration()) return StartWrite(&number_);
    const absl::MutexLock lock(&mutex_);
    if (cancelled_) return Finish(Status::CANCELLED);
    alarm_.Set(absl::ToChronoTime(absl::Now() + interval_),
               [this](bool ok) { ok ? StartWrite(&number_) : Finish(Status::CANCELLED); });
  }

  const int64_t last_;
  const absl::Duration interval_;
  const Status end_;
  const std::function<void()> on_cancel_;
  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Alarm alarm_ ABSL_GUARDED_BY(mutex_);
  pb::Number number_;
};

class Summing final : public grpc::ServerReadReactor<pb::Number> {
 public:
  explicit Summing(pb::SumResponse* response) : response_(response) { StartRead(&number_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(Status::OK);
    response_->set_sum(response_->sum() + number_.value());
    response_->set_count(response_->count() + 1);
    StartRead(&number_);
  }
  void OnDone() override { delete this; }

 private:
  pb::SumResponse* const response_;
  pb::Number number_;
};

class Echoing final : public grpc::ServerBidiReactor<pb::Number, pb::Number> {
 public:
  Echoing() { StartRead(&number_); }

  void OnReadDone(bool ok) override { ok ? StartWrite(&number_) : Finish(Status::OK); }
  void OnWriteDone(bool ok) override { ok ? StartRead(&number_) : Finish(Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  pb::Number number_;
};

class Slow final : public grpc::ServerUnaryReactor {
 public:
  Slow(absl::Duration duration, std::function<void()> on_cancel)
      : on_cancel_(std::move(on_cancel)) {
    alarm_.Set(absl::ToChronoTime(absl::Now() + duration),
               [this](bool ok) { Finish(ok ? Status::OK : Status::CANCELLED); });
  }

  void OnCancel() override {
    on_cancel_();
    alarm_.Cancel();
  }
  void OnDone() override { delete this; }

 private:
  const std::function<void()> on_cancel_;
  grpc::Alarm alarm_;
};

// Answers when it is told to, or ends when it is cancelled before.
class Awaiting final : public grpc::ServerUnaryReactor {
 public:
  explicit Awaiting(pb::AwaitCancelledResponse* response) : response_(response) {}

  // May come when the reactor is gone: then, who asked is too.
  Cancellations::Listener listener() {
    return [this, open = open_](absl::Time moment) {
      if (!open->exchange(false)) return;
      response_->set_unix_ms(absl::ToUnixMillis(moment));
      Finish(Status::OK);
    };
  }

  void OnCancel() override {
    if (open_->exchange(false)) Finish(Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  pb::AwaitCancelledResponse* const response_;
  const std::shared_ptr<std::atomic<bool>> open_ = std::make_shared<std::atomic<bool>>(true);
};

Status BrokenStatus(const std::string& subject) {
  google::rpc::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_type("STREAM");
  violation->set_subject(subject);
  violation->set_description("ends here");
  google::rpc::Status status;
  status.set_code(grpc::StatusCode::FAILED_PRECONDITION);
  status.set_message("broken after three numbers");
  status.add_details()->PackFrom(failure);
  return {grpc::StatusCode::FAILED_PRECONDITION, status.message(), status.SerializeAsString()};
}

class StreamService final : public pb::StreamService::CallbackService {
 public:
  grpc::ServerWriteReactor<pb::Number>* Count(CallbackServerContext*,
                                              const pb::CountRequest* request) override {
    return new Counting(request->count(), request->interval_ms(), Status::OK, [] {});
  }

  grpc::ServerReadReactor<pb::Number>* Sum(CallbackServerContext*,
                                           pb::SumResponse* response) override {
    return new Summing(response);
  }

  grpc::ServerBidiReactor<pb::Number, pb::Number>* Echo(CallbackServerContext*) override {
    return new Echoing;
  }

  grpc::ServerWriteReactor<pb::Number>* Fail(CallbackServerContext*,
                                             const pb::FailRequest* request) override {
    return new Counting(3, 0, BrokenStatus(request->subject()), [] {});
  }

  grpc::ServerWriteReactor<pb::Number>* Forever(CallbackServerContext*,
                                                const pb::ForeverRequest* request) override {
    return new Counting(std::numeric_limits<int64_t>::max(), request->interval_ms(), Status::OK,
                        [this, id = request->id()] { cancellations_.Note(id); });
  }

  grpc::ServerUnaryReactor* Slow(CallbackServerContext*, const pb::SlowRequest* request,
                                 pb::SlowResponse* response) override {
    response->set_seconds(request->seconds());
    return new interop::Slow(absl::Seconds(request->seconds()),
                             [this, id = request->id()] { cancellations_.Note(id); });
  }

  grpc::ServerUnaryReactor* AwaitCancelled(CallbackServerContext*,
                                           const pb::AwaitCancelledRequest* request,
                                           pb::AwaitCancelledResponse* response) override {
    auto* reactor = new Awaiting(response);
    cancellations_.Await(request->id(), reactor->listener());
    return reactor;
  }

 private:
  Cancellations cancellations_;
};

int Serve(const std::string& wanted_port) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  StreamService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:" + wanted_port, grpc::InsecureServerCredentials(), &port);
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

int main(int argc, char** argv) {
  // Debian's Abseil aborts at a cycle of locks, and gRPC has harmless ones.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return bridge::interop::Serve(argc > 1 ? argv[1] : "0");
}
