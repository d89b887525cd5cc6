#include "tests/support/generic_server.h"

#include <grpcpp/alarm.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <utility>

namespace bridge::testing {

class GenericServer::Call final : public ::grpc::ServerGenericBidiReactor {
 public:
  Call(GenericServer* server, ::grpc::GenericCallbackServerContext* context)
      : server_(*server), context_(*context) {
    received_.path = context->method();
    received_.deadline = context->deadline();
    for (const auto& [key, value] : context->client_metadata()) {
      received_.metadata.emplace(std::string(key.data(), key.size()),
                                 std::string(value.data(), value.size()));
    }
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return End(::grpc::Status::OK);
    ::grpc::Slice slice;
    (void)request_.DumpToSingleSlice(&slice);
    received_.request.assign(reinterpret_cast<const char*>(slice.begin()), slice.size());
    {
      const std::lock_guard lock(server_.mutex_);
      server_.received_.push_back(received_);
    }
    server_.changed_.notify_all();
    answer_ = server_.handler_(received_);
    if (answer_.hang) {
      const std::lock_guard lock(mutex_);
      hanging_ = true;
      if (cancelled_) EndHanging();
      return;
    }
    if (!answer_.status.ok()) return End(answer_.status);
    if (answer_.delay.count() == 0) return Respond();
    alarm_.Set(std::chrono::system_clock::now() + answer_.delay, [this](bool) { Respond(); });
  }

  void OnWriteDone(bool ok) override {
    if (ok && answer_.stream) return StartRead(&request_);
    End(ok ? ::grpc::Status::OK : ::grpc::Status::CANCELLED);
  }

  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (hanging_) EndHanging();
  }

  void OnDone() override { delete this; }

 private:
  void Respond() {
    const ::grpc::Slice bytes(answer_.response);
    response_ = ::grpc::ByteBuffer(&bytes, 1);
    if (answer_.gzip) context_.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    StartWrite(&response_);
  }

  void EndHanging() {
    {
      const std::lock_guard lock(server_.mutex_);
      ++server_.cancels_;
    }
    server_.changed_.notify_all();
    EndLocked(::grpc::Status::CANCELLED);
  }

  void End(const ::grpc::Status& status) {
    const std::lock_guard lock(mutex_);
    EndLocked(status);
  }

  void EndLocked(const ::grpc::Status& status) {
    if (ended_) return;
    ended_ = true;
    Finish(status);
  }

  GenericServer& server_;
  ::grpc::GenericCallbackServerContext& context_;
  Received received_;
  Answer answer_;
  ::grpc::Alarm alarm_;
  ::grpc::ByteBuffer request_;
  ::grpc::ByteBuffer response_;
  std::mutex mutex_;
  bool hanging_ = false;
  bool cancelled_ = false;
  bool ended_ = false;
};

GenericServer::GenericServer(std::function<Answer(const Received&)> handler,
                             const std::string& address, std::chrono::milliseconds connection_age)
    : handler_(std::move(handler)) {
  ::grpc::ServerBuilder builder;
  if (connection_age.count() > 0) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                               static_cast<int>(connection_age.count()));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 1000);
  }
  builder.AddListeningPort(address, ::grpc::InsecureServerCredentials(), &port_);
  builder.RegisterCallbackGenericService(this);
  server_ = builder.BuildAndStart();
}

GenericServer::~GenericServer() {
  server_->Shutdown(std::chrono::system_clock::now());
}

::grpc::ServerGenericBidiReactor* GenericServer::CreateReactor(
    ::grpc::GenericCallbackServerContext* context) {
  return new Call(this, context);
}

std::vector<Received> GenericServer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

int GenericServer::WaitForCancels(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(10), [&] { return cancels_ >= count; });
  return cancels_;
}

size_t GenericServer::WaitForRequests(size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(10), [&] { return received_.size() >= count; });
  return received_.size();
}

}  // namespace bridge::testing
