#include "server/errors.h"

#include <initializer_list>
#include <utility>

namespace server {
namespace {

constexpr char kDomain[] = "shop.example";

grpc::Status MakeStatus(grpc::StatusCode code, std::string message,
                        std::initializer_list<const google::protobuf::Message*> details) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  for (const auto* detail : details) status.add_details()->PackFrom(*detail);
  return grpc::Status(code, message, status.SerializeAsString());
}

google::rpc::ErrorInfo MakeErrorInfo(std::string reason, std::map<std::string, std::string> facts) {
  google::rpc::ErrorInfo error;
  error.set_reason(std::move(reason));
  error.set_domain(kDomain);
  error.mutable_metadata()->insert(facts.begin(), facts.end());
  return error;
}

google::rpc::ResourceInfo MakeResourceInfo(std::string_view type, std::string_view name) {
  google::rpc::ResourceInfo resource;
  resource.set_resource_type(std::string(type));
  resource.set_resource_name(std::string(name));
  return resource;
}

grpc::Status MakeBadRequestStatus(const google::rpc::BadRequest& bad_request) {
  std::string message;
  for (const auto& violation : bad_request.field_violations()) {
    if (!message.empty()) message += "; ";
    message += violation.field() + ": " + violation.description();
  }
  return MakeStatus(grpc::StatusCode::INVALID_ARGUMENT, message, {&bad_request});
}

}  // namespace

void Violations::Add(std::string field, std::string description) {
  auto* violation = bad_request_.add_field_violations();
  violation->set_field(std::move(field));
  violation->set_description(std::move(description));
}

void Violations::AddAll(std::string_view prefix, const Violations& other) {
  for (const auto& violation : other.bad_request_.field_violations()) {
    Add(std::string(prefix) + "." + violation.field(), violation.description());
  }
}

grpc::Status Violations::ToStatus() const {
  return empty() ? grpc::Status::OK : MakeBadRequestStatus(bad_request_);
}

grpc::Status NotFound(std::string_view type, std::string_view name) {
  google::rpc::ResourceInfo resource = MakeResourceInfo(type, name);
  resource.set_description("There is no such resource.");
  return MakeStatus(grpc::StatusCode::NOT_FOUND, "\"" + std::string(name) + "\" was not found",
                    {&resource});
}

grpc::Status AlreadyExists(std::string_view type, std::string_view name, std::string message) {
  google::rpc::ResourceInfo resource = MakeResourceInfo(type, name);
  resource.set_description(message);
  return MakeStatus(grpc::StatusCode::ALREADY_EXISTS, std::move(message), {&resource});
}

grpc::Status FailedPrecondition(std::string reason, std::string message,
                                std::map<std::string, std::string> facts) {
  const google::rpc::ErrorInfo error = MakeErrorInfo(std::move(reason), std::move(facts));
  return MakeStatus(grpc::StatusCode::FAILED_PRECONDITION, std::move(message), {&error});
}

grpc::Status Aborted(std::string reason, std::string message,
                     std::map<std::string, std::string> facts) {
  const google::rpc::ErrorInfo error = MakeErrorInfo(std::move(reason), std::move(facts));
  return MakeStatus(grpc::StatusCode::ABORTED, std::move(message), {&error});
}

grpc::Status RetryLater(std::string message, std::chrono::milliseconds delay) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(delay.count() / 1000);
  retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(delay.count() % 1000) * 1'000'000);
  return MakeStatus(grpc::StatusCode::UNAVAILABLE, std::move(message), {&retry});
}

grpc::Status QuotaExceeded(std::string subject, std::string message) {
  google::rpc::QuotaFailure quota;
  auto* violation = quota.add_violations();
  violation->set_subject(std::move(subject));
  violation->set_description(message);
  return MakeStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, std::move(message), {&quota});
}

google::rpc::Status ToRpcStatus(const grpc::Status& status) {
  google::rpc::Status result;
  if (!result.ParseFromString(status.error_details())) result.Clear();
  result.set_code(status.error_code());
  result.set_message(status.error_message());
  return result;
}

grpc::Status RenameFields(const grpc::Status& status, std::string_view from, std::string_view to) {
  if (status.error_code() != grpc::StatusCode::INVALID_ARGUMENT) return status;
  const google::rpc::Status rpc_status = ToRpcStatus(status);
  google::rpc::BadRequest bad_request;
  for (const auto& detail : rpc_status.details()) {
    if (!detail.UnpackTo(&bad_request)) continue;
    for (auto& violation : *bad_request.mutable_field_violations()) {
      const std::string& field = violation.field();
      if (field.starts_with(from) && (field.size() == from.size() || field[from.size()] == '.')) {
        violation.set_field(std::string(to) + field.substr(from.size()));
      }
    }
    return MakeBadRequestStatus(bad_request);
  }
  return status;
}

}  // namespace server
