#include "server/orders/operations.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "server/errors.h"
#include "server/numbered_id.h"
#include "server/paging.h"

namespace server::orders {
namespace {

namespace lro = google::longrunning;
using grpc::ServerContext;
using grpc::Status;

constexpr char kPrefix[] = "operations/export-";
constexpr char kType[] = "google.longrunning.Operation";
constexpr int kMaxRunning = 4;
constexpr size_t kMaxEntries = 100;
constexpr int kDefaultPageSize = 20;
// How often a waiting call looks whether its client is still there.
constexpr std::chrono::milliseconds kPollTime{100};

}  // namespace

void Operations::Run::SetMetadata(const google::protobuf::Message& metadata) {
  const std::lock_guard lock(owner_->mutex_);
  owner_->entries_.at(number_).operation.mutable_metadata()->PackFrom(metadata);
}

bool Operations::Run::Sleep(std::chrono::milliseconds time) {
  std::unique_lock lock(owner_->mutex_);
  const Entry& entry = owner_->entries_.at(number_);
  return !owner_->changed_.wait_for(lock, time, [&entry] { return entry.cancelled; });
}

Operations::~Operations() {
  Stop();
}

Operations::Entry* Operations::FindEntry(const std::string& name) {
  const auto it = entries_.find(ParseId(kPrefix, name));
  return it == entries_.end() ? nullptr : &it->second;
}

// A finished operation's thread takes no lock any more, so it can be joined under the lock.
void Operations::RemoveOldest() {
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (!it->second.operation.done()) continue;
    it->second.thread.join();
    entries_.erase(it);
    return;
  }
}

Status Operations::Start(const google::protobuf::Message& metadata, Work work,
                         Operation* operation) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return RetryLater("the service is stopping", std::chrono::seconds(1));
  if (running_ >= kMaxRunning) {
    return QuotaExceeded("operations", "4 operations are running; wait for one, or cancel one");
  }
  if (entries_.size() >= kMaxEntries) RemoveOldest();
  const int64_t number = next_number_++;
  Entry& entry = entries_[number];
  entry.operation.set_name(MakeId(kPrefix, number));
  entry.operation.mutable_metadata()->PackFrom(metadata);
  *operation = entry.operation;
  ++running_;
  entry.thread = std::thread([this, number, work = std::move(work)] { Execute(number, work); });
  return Status::OK;
}

void Operations::Execute(int64_t number, const Work& work) {
  Run run(this, number);
  google::protobuf::Any response;
  const Status status = work(&run, &response);
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(number);
  if (status.ok()) {
    *entry.operation.mutable_response() = std::move(response);
  } else if (entry.cancelled) {
    *entry.operation.mutable_error() =
        ToRpcStatus(Status(grpc::StatusCode::CANCELLED, "the operation was cancelled"));
  } else {
    *entry.operation.mutable_error() = ToRpcStatus(status);
  }
  entry.operation.set_done(true);
  --running_;
  changed_.notify_all();
}

void Operations::Stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (auto& [number, entry] : entries_) {
      entry.cancelled = true;
      if (entry.thread.joinable()) threads.push_back(std::move(entry.thread));
    }
  }
  changed_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

Status Operations::ListOperations(ServerContext*, const lro::ListOperationsRequest* request,
                                  lro::ListOperationsResponse* response) {
  Violations violations;
  if (!request->filter().empty() && request->filter() != "done=true" &&
      request->filter() != "done=false") {
    violations.Add("filter", "must be \"done=true\", \"done=false\" or empty");
  }
  if (!violations.empty()) return violations.ToStatus();
  Page page;
  if (Status status = ParsePage(*request, kDefaultPageSize, &page); !status.ok()) return status;
  const std::lock_guard lock(mutex_);
  int64_t last = 0;
  for (auto it = entries_.upper_bound(page.cursor); it != entries_.end(); ++it) {
    const Operation& operation = it->second.operation;
    if (operation.name().compare(0, request->name().size(), request->name()) != 0) continue;
    if (!request->filter().empty() && operation.done() != (request->filter() == "done=true")) {
      continue;
    }
    if (response->operations_size() == page.size) {
      response->set_next_page_token(MakePageToken(*request, last));
      break;
    }
    *response->add_operations() = operation;
    last = it->first;
  }
  return Status::OK;
}

Status Operations::GetOperation(ServerContext*, const lro::GetOperationRequest* request,
                                Operation* response) {
  const std::lock_guard lock(mutex_);
  const Entry* entry = FindEntry(request->name());
  if (entry == nullptr) return NotFound(kType, request->name());
  *response = entry->operation;
  return Status::OK;
}

Status Operations::DeleteOperation(ServerContext*, const lro::DeleteOperationRequest* request,
                                   google::protobuf::Empty*) {
  std::thread thread;
  {
    const std::lock_guard lock(mutex_);
    Entry* entry = FindEntry(request->name());
    if (entry == nullptr) return NotFound(kType, request->name());
    if (!entry->operation.done()) {
      return FailedPrecondition("OPERATION_RUNNING", "the operation is running; cancel it first");
    }
    thread = std::move(entry->thread);
    entries_.erase(ParseId(kPrefix, request->name()));
  }
  if (thread.joinable()) thread.join();
  return Status::OK;
}

Status Operations::CancelOperation(ServerContext*, const lro::CancelOperationRequest* request,
                                   google::protobuf::Empty*) {
  {
    const std::lock_guard lock(mutex_);
    Entry* entry = FindEntry(request->name());
    if (entry == nullptr) return NotFound(kType, request->name());
    entry->cancelled = true;
  }
  changed_.notify_all();
  return Status::OK;
}

Status Operations::WaitOperation(ServerContext* context, const lro::WaitOperationRequest* request,
                                 Operation* response) {
  using std::chrono::steady_clock;
  auto end = steady_clock::time_point::max();
  if (request->has_timeout()) {
    const int64_t milliseconds = std::clamp<int64_t>(
        google::protobuf::util::TimeUtil::DurationToMilliseconds(request->timeout()), 0, 3'600'000);
    end = steady_clock::now() + std::chrono::milliseconds(milliseconds);
  }
  std::unique_lock lock(mutex_);
  while (true) {
    const Entry* entry = FindEntry(request->name());
    if (entry == nullptr) return NotFound(kType, request->name());
    const auto now = steady_clock::now();
    if (entry->operation.done() || stopped_ || now >= end || context->IsCancelled()) {
      *response = entry->operation;
      return Status::OK;
    }
    changed_.wait_until(lock, std::min(end, now + kPollTime));
  }
}

}  // namespace server::orders
