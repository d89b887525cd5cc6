#include "bridge/mcp/status_text.h"

#include <google/protobuf/any.pb.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bridge::mcp {
namespace {

using upstream::StatusCode;

constexpr size_t kMaxMessageBytes = 1024;
constexpr int kMaxViolations = 10;
constexpr int kMaxMetadata = 16;
constexpr int64_t kMaxRetrySeconds = 366 * 86'400;  // whatever the service says

std::string Shown(std::string_view text) {
  return CutText(VisibleText(text), kMaxMessageBytes);
}

// Spells a field path of a BadRequest ("order.line_items[2].unit_price") as the arguments do
// ("order.lineItems[2].unitPrice"). What leads nowhere stays as it is.
std::string ArgumentPath(std::string_view path, const descriptor::Message* message) {
  std::string out;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    std::string_view step = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    const std::string_view name = step.substr(0, step.find('['));
    const descriptor::Field* field = message == nullptr ? nullptr : message->FindField(name);
    if (!out.empty()) out.push_back('.');
    out.append(field == nullptr ? name : std::string_view(field->json_name));
    out.append(step.substr(name.size()));
    message = field == nullptr ? nullptr : field->message;
    if (field != nullptr && field->map) message = message->fields[1].message;
  }
  return out;
}

// What the details of a status say, once in words and once as JSON members.
class Details final {
 public:
  Details(std::string_view bytes, const descriptor::Method& method) : method_(method) {
    google::rpc::Status status;
    if (bytes.empty() || bytes.size() > (64u << 10) ||
        !status.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return;
    }
    for (const auto& any : status.details()) Read(any);
    if (!list_.empty()) members_.append(",\"violations\":[" + list_ + "]");
  }

  const std::string& violations() const { return violations_; }
  const std::string& resource() const { return resource_; }
  const std::string& reason() const { return reason_; }
  const std::string& localized() const { return localized_; }
  const std::string& help() const { return help_; }
  const std::string& members() const { return members_; }
  int64_t retry_after_ms() const { return retry_after_ms_; }  // -1: not told

 private:
  // Of each kind the first counts: two would write the same JSON members.
  void Read(const google::protobuf::Any& any) {
    if (!seen_.insert(any.type_url().substr(any.type_url().rfind('/') + 1)).second) return;
    if (google::rpc::BadRequest bad; any.UnpackTo(&bad)) return Take(bad);
    if (google::rpc::PreconditionFailure failure; any.UnpackTo(&failure)) return Take(failure);
    if (google::rpc::QuotaFailure failure; any.UnpackTo(&failure)) return Take(failure);
    if (google::rpc::ResourceInfo resource; any.UnpackTo(&resource)) return Take(resource);
    if (google::rpc::ErrorInfo error; any.UnpackTo(&error)) return Take(error);
    if (google::rpc::RetryInfo retry; any.UnpackTo(&retry)) {
      const auto& delay = retry.retry_delay();
      retry_after_ms_ = std::clamp<int64_t>(delay.seconds(), 0, kMaxRetrySeconds) * 1000 +
                        std::clamp(delay.nanos(), 0, 999'999'999) / 1'000'000;
      members_.append(",\"retryAfterMs\":" + std::to_string(retry_after_ms_));
      return;
    }
    if (google::rpc::LocalizedMessage message; any.UnpackTo(&message)) {
      localized_ = Shown(message.message());
      return;
    }
    if (google::rpc::Help help; any.UnpackTo(&help)) {
      for (const auto& link : help.links()) {
        help_.append(help_.empty() ? "" : "; ")
            .append(Shown(link.description()) + " " + Shown(link.url()));
      }
    }
  }

  // One violation: a place and what is wrong there.
  void Violation(const std::string& where, std::string_view description) {
    if (violation_count_++ >= kMaxViolations) return;
    violations_.append(violations_.empty() ? "" : "; ").append(where);
    if (!description.empty()) violations_.append(": ").append(Shown(description));
    list_.append(list_.empty() ? "{\"at\":" : ",{\"at\":");
    AppendJsonString(&list_, where);
    list_.append(",\"description\":");
    AppendJsonString(&list_, Shown(description));
    list_.push_back('}');
  }

  void Take(const google::rpc::BadRequest& bad) {
    for (const auto& violation : bad.field_violations()) {
      const std::string path = ArgumentPath(Shown(violation.field()), method_.input);
      Violation("$." + path, violation.description());
    }
  }

  void Take(const google::rpc::PreconditionFailure& failure) {
    for (const auto& violation : failure.violations()) {
      Violation(Shown(violation.subject()), violation.description());
    }
  }

  void Take(const google::rpc::QuotaFailure& failure) {
    for (const auto& violation : failure.violations()) {
      Violation(Shown(violation.subject()), violation.description());
    }
  }

  void Take(const google::rpc::ResourceInfo& resource) {
    resource_ = Shown(resource.resource_type());
    if (!resource.resource_name().empty()) {
      resource_.append(resource_.empty() ? "" : " ")
          .append("\"" + Shown(resource.resource_name()) + "\"");
    }
    members_.append(",\"resourceType\":");
    AppendJsonString(&members_, Shown(resource.resource_type()));
    members_.append(",\"resourceName\":");
    AppendJsonString(&members_, Shown(resource.resource_name()));
  }

  void Take(const google::rpc::ErrorInfo& error) {
    reason_ = Shown(error.reason());
    members_.append(",\"reason\":");
    AppendJsonString(&members_, reason_);
    members_.append(",\"domain\":");
    AppendJsonString(&members_, Shown(error.domain()));
    if (error.metadata().empty()) return;
    // A protobuf map has no order; the answer should. What looks alike is one member.
    std::map<std::string, std::string> metadata;
    for (const auto& [key, value] : error.metadata()) metadata.emplace(Shown(key), value);
    members_.append(",\"metadata\":{");
    int count = 0;
    for (const auto& [key, value] : metadata) {
      if (count == kMaxMetadata) break;
      if (count++ > 0) members_.push_back(',');
      AppendJsonString(&members_, key);
      members_.push_back(':');
      AppendJsonString(&members_, Shown(value));
    }
    members_.push_back('}');
  }

  const descriptor::Method& method_;
  std::string violations_, resource_, reason_, localized_, help_, members_, list_;
  int64_t retry_after_ms_ = -1;
  int violation_count_ = 0;
  std::set<std::string> seen_;
};

bool MayHaveTakenEffect(const descriptor::Method& method) {
  return method.idempotency != descriptor::Idempotency::kNoSideEffects &&
         method.http_verb != descriptor::HttpVerb::kGet;
}

// Whether the service may have seen the call. gRPC knows the peer of a call that had a connection;
// of a unix socket it tells the path in any case.
bool MayHaveArrived(const upstream::CallResult& result) {
  const std::string peer = result.Peer();
  if (peer.starts_with("unix:")) return !result.message.starts_with("failed to connect");
  return peer.starts_with("ipv4:") || peer.starts_with("ipv6:");
}

// Whether the words of a status are gRPC's own and not the service's.
bool SaidByGrpc(const upstream::CallResult& result) {
  return result.message.empty() || result.message == "Deadline Exceeded" ||
         result.message == "CANCELLED" || result.message == "Cancelled";
}

std::string Wait(const Details& details) {
  if (details.retry_after_ms() < 0) return "Try again in a few seconds.";
  const int64_t seconds = (details.retry_after_ms() + 999) / 1000;
  return "Wait " + std::to_string(seconds) + " s before trying again.";
}

struct Sentences {
  std::string what;    // what happened
  std::string remedy;  // what to do
  bool retryable = false;
  bool show_message = true;  // the service's own words follow `what`
};

Sentences Explain(const upstream::CallResult& result, const Details& details,
                  const descriptor::Method& method, const std::string& reference,
                  int64_t timeout_ms) {
  const std::string unsure = "It may or may not have taken effect: check before repeating it.";
  switch (result.code) {
    case StatusCode::kOk:
      return {"", "", false};
    case StatusCode::kCancelled:
      return {"The call was cancelled.", MayHaveTakenEffect(method) ? unsure : "", true,
              !SaidByGrpc(result)};
    case StatusCode::kUnknown:
      return {"The service failed with an unspecified error.",
              "Repeating the same call is unlikely to help." + reference, false};
    case StatusCode::kInvalidArgument:
      return {"The service rejected the arguments.", "Fix them and call again.", false};
    case StatusCode::kDeadlineExceeded:
      return {SaidByGrpc(result) ? "No answer within " + std::to_string(timeout_ms) + " ms."
                                 : "The service itself ran out of time.",
              MayHaveTakenEffect(method) ? unsure : "You can try again.", true,
              !SaidByGrpc(result)};
    case StatusCode::kNotFound:
      return {details.resource().empty() ? "Not found." : details.resource() + " was not found.",
              "Check the identifier.", false};
    case StatusCode::kAlreadyExists:
      return {details.resource().empty() ? "It already exists."
                                         : details.resource() + " already exists.",
              "Use another identifier, or read the existing one.", false};
    case StatusCode::kPermissionDenied:
      return {"The service does not permit this.", "Do not retry; ask the user for access.", false};
    case StatusCode::kResourceExhausted:
      return {"A quota or limit was reached.", Wait(details), true};
    case StatusCode::kFailedPrecondition:
      return {"Not possible in the current state.", "Change that first, then call again.", false};
    case StatusCode::kAborted:
      return {"It conflicts with a concurrent change.",
              "Read the current state again, then repeat the whole operation.", true};
    case StatusCode::kOutOfRange:
      return {"A value is outside the valid range.", "Change it and call again.", false};
    case StatusCode::kUnimplemented:
      return {"The service does not offer this operation any more.", "List the tools again.",
              false};
    case StatusCode::kInternal:
      return {"The service hit an internal error.",
              "Repeating the same call is unlikely to help." + reference, false, false};
    case StatusCode::kUnavailable:
      if (MayHaveArrived(result) && MayHaveTakenEffect(method) && details.retry_after_ms() < 0) {
        return {"The service became unavailable during the call.", unsure, true, false};
      }
      return {"The service is unavailable at the moment.", Wait(details), true, false};
    case StatusCode::kDataLoss:
      return {"The service reports lost or corrupted data.",
              "Do not retry; tell the user." + reference, false};
    case StatusCode::kUnauthenticated:
      return {"The service asks for credentials that the bridge does not send.",
              "Retrying will not help; tell the user." + reference, false, false};
  }
  return {"The service failed with an unknown status.", reference, false};
}

// A call that the service refused for what was in it, or that broke it.
bool MayBlameArguments(StatusCode code) {
  return code == StatusCode::kInvalidArgument || code == StatusCode::kNotFound ||
         code == StatusCode::kFailedPrecondition || code == StatusCode::kOutOfRange ||
         code == StatusCode::kUnknown || code == StatusCode::kInternal;
}

}  // namespace

StatusText ToStatusText(const upstream::CallResult& result, const descriptor::Method& method,
                        std::string_view trace_id, int64_t timeout_ms, std::string_view missing) {
  const Details details(result.details, method);
  const std::string reference =
      trace_id.empty() ? "" : " Reference: trace " + std::string(trace_id) + ".";
  const Sentences sentences = Explain(result, details, method, reference, timeout_ms);
  const std::string_view name = upstream::StatusCodeName(result.code);
  StatusText out;
  out.text = std::string(name) + ": " + sentences.what;
  // Violations say the same as the message and say it better.
  if (sentences.show_message && details.violations().empty()) {
    const std::string said =
        details.localized().empty() ? Shown(result.message) : details.localized();
    if (!said.empty()) out.text.append(" The service says: ").append(said);
    if (!said.empty() && std::string_view(".!?").find(said.back()) == std::string_view::npos) {
      out.text.push_back('.');
    }
  }
  if (!details.violations().empty()) out.text.append(" Problems: " + details.violations() + ".");
  if (!missing.empty() && details.violations().empty() && MayBlameArguments(result.code)) {
    out.text.append(" The arguments lack what the tool requires: ").append(missing).append(".");
  }
  if (!details.reason().empty()) out.text.append(" Reason: " + details.reason() + ".");
  if (!sentences.remedy.empty()) out.text.append(" ").append(sentences.remedy);
  if (!details.help().empty()) out.text.append(" See: " + details.help() + ".");
  out.text = CutText(out.text, 2 * kMaxMessageBytes);
  out.meta = "{\"code\":" + std::to_string(static_cast<int>(result.code)) + ",\"name\":\"" +
             std::string(name) + "\",\"retryable\":" + (sentences.retryable ? "true" : "false") +
             details.members() + "}";
  return out;
}

}  // namespace bridge::mcp
