// The errors of the shop: gRPC statuses with google.rpc details (google/rpc/error_details.proto),
// so that a program, or a model, can tell what to do about them. Pure functions; any thread.
#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace server {

// Collects what is wrong with the fields of a request. `field` is a path such as
// "lines[2].quantity".
class Violations final {
 public:
  void Add(std::string field, std::string description);
  // Adds all of `other`, with `prefix` and a dot before their paths.
  void AddAll(std::string_view prefix, const Violations& other);
  bool empty() const { return bad_request_.field_violations().empty(); }
  // OK when empty, else INVALID_ARGUMENT with a BadRequest; the message repeats the violations.
  grpc::Status ToStatus() const;

 private:
  google::rpc::BadRequest bad_request_;
};

// NOT_FOUND or ALREADY_EXISTS with a ResourceInfo. `type` is a message name, for example
// "shop.orders.v1.Order".
grpc::Status NotFound(std::string_view type, std::string_view name);
grpc::Status AlreadyExists(std::string_view type, std::string_view name, std::string message);

// FAILED_PRECONDITION or ABORTED with an ErrorInfo of the domain "shop.example".
grpc::Status FailedPrecondition(std::string reason, std::string message,
                                std::map<std::string, std::string> facts = {});
grpc::Status Aborted(std::string reason, std::string message,
                     std::map<std::string, std::string> facts = {});

// UNAVAILABLE with a RetryInfo.
grpc::Status RetryLater(std::string message, std::chrono::milliseconds delay);

// RESOURCE_EXHAUSTED with a QuotaFailure. `subject` is what is limited, for example "orders".
grpc::Status QuotaExceeded(std::string subject, std::string message);

// The status as a message, details included.
google::rpc::Status ToRpcStatus(const grpc::Status& status);

// Rewrites the first part of the paths in a BadRequest, for a service that passes on the error of
// another one whose request calls the field `from` instead of `to`. Other statuses stay as they
// are.
grpc::Status RenameFields(const grpc::Status& status, std::string_view from, std::string_view to);

}  // namespace server
