// A real gRPC server for tests that answers any method with bytes: what an upstream does, without
// generated code, so that it can also do what no generated code would.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace bridge::testing {

// What came with one call.
struct Received {
  std::string path;
  std::string request;
  std::map<std::string, std::string> metadata;
  std::chrono::system_clock::time_point deadline;
};

struct Answer {
  ::grpc::Status status;
  std::string response;
  bool hang = false;                   // until the client cancels or the deadline passes
  bool gzip = false;                   // whether the client asked for it or not
  bool stream = false;                 // after this answer, read the next request of the same call
  std::chrono::milliseconds delay{0};  // before a response
};

class GenericServer final : public ::grpc::CallbackGenericService {
 public:
  // `handler` answers each request message; it runs on gRPC's threads. Connections end by
  // themselves after `connection_age` (0: never).
  explicit GenericServer(std::function<Answer(const Received&)> handler,
                         const std::string& address = "127.0.0.1:0",
                         std::chrono::milliseconds connection_age = {});
  ~GenericServer() override;

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }

  // All that was received so far.
  std::vector<Received> received() const;
  // Blocks until `count` calls that hang were cancelled by their clients, at most 10 s; the number
  // seen.
  int WaitForCancels(int count);
  // Blocks until `count` requests have arrived, at most 10 s; the number seen.
  size_t WaitForRequests(size_t count);

 private:
  class Call;
  ::grpc::ServerGenericBidiReactor* CreateReactor(
      ::grpc::GenericCallbackServerContext* context) override;

  std::function<Answer(const Received&)> handler_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Received> received_;
  int cancels_ = 0;
  int port_ = 0;
  std::unique_ptr<::grpc::Server> server_;
};

}  // namespace bridge::testing
