// google.longrunning.Operations: runs work in threads of its own and answers how far it is.
// Thread-safe.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "google/longrunning/operations.grpc.pb.h"

namespace server::orders {

class Operations final : public google::longrunning::Operations::Service {
 public:
  using Operation = google::longrunning::Operation;

  // The work's view of its operation.
  class Run {
   public:
    void SetMetadata(const google::protobuf::Message& metadata);
    // Waits; false at once if the operation is to end, as it is cancelled or the process stops.
    bool Sleep(std::chrono::milliseconds time);

   private:
    friend class Operations;
    Run(Operations* owner, int64_t number) : owner_(owner), number_(number) {}
    Operations* const owner_;
    const int64_t number_;
  };
  // Does the work and fills the response, or returns why not. Errors after a false Sleep are
  // replaced by CANCELLED.
  using Work = std::function<grpc::Status(Run* run, google::protobuf::Any* response)>;

  // Stops as Stop does.
  ~Operations() override;

  // Starts `work`. RESOURCE_EXHAUSTED while 4 others run, UNAVAILABLE after Stop.
  grpc::Status Start(const google::protobuf::Message& metadata, Work work, Operation* operation);
  // Cancels all, waits until they have ended, and ends all WaitOperation calls.
  void Stop();

  grpc::Status ListOperations(grpc::ServerContext* context,
                              const google::longrunning::ListOperationsRequest* request,
                              google::longrunning::ListOperationsResponse* response) override;
  grpc::Status GetOperation(grpc::ServerContext* context,
                            const google::longrunning::GetOperationRequest* request,
                            Operation* response) override;
  grpc::Status DeleteOperation(grpc::ServerContext* context,
                               const google::longrunning::DeleteOperationRequest* request,
                               google::protobuf::Empty* response) override;
  grpc::Status CancelOperation(grpc::ServerContext* context,
                               const google::longrunning::CancelOperationRequest* request,
                               google::protobuf::Empty* response) override;
  grpc::Status WaitOperation(grpc::ServerContext* context,
                             const google::longrunning::WaitOperationRequest* request,
                             Operation* response) override;

 private:
  struct Entry {
    Operation operation;
    bool cancelled = false;
    std::thread thread;
  };

  void Execute(int64_t number, const Work& work);
  Entry* FindEntry(const std::string& name);  // needs mutex_
  void RemoveOldest();                        // needs mutex_

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  int running_ = 0;
  std::map<int64_t, Entry> entries_;  // by the number in the name
  int64_t next_number_ = 1;
};

}  // namespace server::orders
