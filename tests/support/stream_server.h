// A real gRPC server for tests whose only method streams bytes as a script says, and that tells
// what became of it.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace bridge::testing {

// Of each call, in this order.
struct Script {
  static constexpr size_t kAll = static_cast<size_t>(-1);

  size_t reads = kAll;  // requests; kAll: until the client half-closes
  bool echo = false;    // answers each of them with itself
  std::vector<std::string> messages = {};
  size_t times = 1;  // how often it sends `messages`
  bool gzip = false;
  bool hang = false;  // until the client cancels
  ::grpc::Status status = {};
  int streams = 0;  // of one connection at once; 0: any number
};

// Of all calls.
struct Seen {
  size_t calls = 0;
  size_t written = 0;  // messages that gRPC has sent
  size_t ended = 0;
  size_t cancelled = 0;  // of these, by the client
  std::vector<std::string> requests;
  std::chrono::steady_clock::time_point cancelled_at;  // the last one
};

class StreamServer final : public ::grpc::CallbackGenericService {
 public:
  explicit StreamServer(Script script);
  ~StreamServer() override;

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }

  Seen seen() const;
  // Blocks until `enough`, at most `time`; what was seen then.
  Seen WaitUntil(const std::function<bool(const Seen&)>& enough,
                 std::chrono::milliseconds time = std::chrono::seconds(10)) const;

 private:
  class Call;
  ::grpc::ServerGenericBidiReactor* CreateReactor(
      ::grpc::GenericCallbackServerContext* context) override;
  void Note(const std::function<void(Seen*)>& change);

  const Script script_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Seen seen_;
  int port_ = 0;
  std::unique_ptr<::grpc::Server> server_;
};

}  // namespace bridge::testing
