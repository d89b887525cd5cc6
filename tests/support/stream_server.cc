#include "tests/support/stream_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <utility>

namespace bridge::testing {

class StreamServer::Call final : public ::grpc::ServerGenericBidiReactor {
 public:
  Call(StreamServer* server, ::grpc::GenericCallbackServerContext* context)
      : server_(*server), script_(server->script_) {
    server_.Note([](Seen* seen) { ++seen->calls; });
    if (script_.gzip) context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    Read();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      read_ = script_.reads;
      return Write();
    }
    ++read_;
    ::grpc::Slice slice;
    (void)buffer_.DumpToSingleSlice(&slice);
    std::string request(reinterpret_cast<const char*>(slice.begin()), slice.size());
    server_.Note([&](Seen* seen) { seen->requests.push_back(request); });
    if (!script_.echo) return Read();
    Send(request);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return End(::grpc::Status::CANCELLED);
    server_.Note([](Seen* seen) { ++seen->written; });
    if (read_ < script_.reads) return Read();
    Write();
  }

  void OnCancel() override {
    server_.Note([](Seen* seen) {
      ++seen->cancelled;
      seen->cancelled_at = std::chrono::steady_clock::now();
    });
    if (script_.hang) End(::grpc::Status::CANCELLED);
  }

  void OnDone() override {
    server_.Note([](Seen* seen) { ++seen->ended; });
    delete this;
  }

 private:
  void Read() {
    if (ended_) return;
    if (read_ == script_.reads) return Write();
    StartRead(&buffer_);
  }

  void Write() {
    const size_t count = script_.messages.size();
    if (written_ < count * script_.times) return Send(script_.messages[written_++ % count]);
    if (!script_.hang) End(script_.status);
  }

  void Send(const std::string& bytes) {
    if (ended_) return;
    const ::grpc::Slice slice(bytes);
    buffer_ = ::grpc::ByteBuffer(&slice, 1);
    StartWrite(&buffer_);
  }

  void End(const ::grpc::Status& status) {
    if (!ended_.exchange(true)) Finish(status);
  }

  StreamServer& server_;
  const Script& script_;
  ::grpc::ByteBuffer buffer_;
  size_t read_ = 0;
  size_t written_ = 0;
  std::atomic<bool> ended_{false};
};

StreamServer::StreamServer(Script script) : script_(std::move(script)) {
  ::grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", ::grpc::InsecureServerCredentials(), &port_);
  if (script_.streams > 0) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, script_.streams);
  }
  builder.RegisterCallbackGenericService(this);
  server_ = builder.BuildAndStart();
}

StreamServer::~StreamServer() {
  server_->Shutdown(std::chrono::system_clock::now());
}

::grpc::ServerGenericBidiReactor* StreamServer::CreateReactor(
    ::grpc::GenericCallbackServerContext* context) {
  return new Call(this, context);
}

void StreamServer::Note(const std::function<void(Seen*)>& change) {
  {
    const std::lock_guard lock(mutex_);
    change(&seen_);
  }
  changed_.notify_all();
}

Seen StreamServer::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

Seen StreamServer::WaitUntil(const std::function<bool(const Seen&)>& enough,
                             std::chrono::milliseconds time) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] { return enough(seen_); });
  return seen_;
}

}  // namespace bridge::testing
