#include "bridge/mcp/error_details.h"

#include <google/protobuf/any.pb.h>

#include <algorithm>
#include <map>

#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "bridge/mcp/service_words.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bridge::mcp {
namespace {

constexpr size_t kMaxDetailsBytes = 128u << 10;
constexpr size_t kMaxValueBytes = 1024;  // of one text in _meta
constexpr size_t kMaxViolations = 10;
constexpr size_t kMaxMetadata = 16;
constexpr int kMaxHelpLinks = 3;
constexpr size_t kMaxOwnDetails = 10;
// Encoded, of all that are decoded: their JSON may be far longer.
constexpr size_t kMaxOwnBytes = 8u << 10;
constexpr size_t kMaxOwnJson = 16u << 10;           // in _meta
constexpr size_t kMaxOwnText = 512;                 // in the text
constexpr int64_t kMaxRetrySeconds = 366 * 86'400;  // whatever the service says

const descriptor::Field* FindStep(const descriptor::Message* message, std::string_view name) {
  if (message == nullptr) return nullptr;
  if (const descriptor::Field* field = message->FindField(name)) return field;
  for (const descriptor::Field& field : message->fields) {
    if (field.json_name == name) return &field;
  }
  return nullptr;
}

// "[2]", or nothing.
bool IsIndex(std::string_view text) {
  if (text.empty()) return true;
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         text.find_first_not_of("0123456789", 1) == text.size() - 1;
}

// Spells a field path of a BadRequest ("order.line_items[2].unit_price") as the arguments do
// ("$.order.lineItems[2].unitPrice"). Empty for what leads nowhere.
std::string ArgumentPath(std::string_view path, const descriptor::Message* message) {
  if (path.size() > kMaxWordBytes) return {};
  std::string out = "$";
  while (!path.empty()) {
    const size_t dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    const std::string_view name = step.substr(0, step.find('['));
    const descriptor::Field* field = FindStep(message, name);
    if (field == nullptr || !IsIndex(step.substr(name.size()))) return {};
    out.append(".").append(field->input_key).append(step.substr(name.size()));
    message = field->message;
    if (field->map) message = message->fields[1].message;
  }
  return out;
}

// The type's name if it can be nothing else, else in quotes.
std::string TypeName(std::string_view type) {
  const bool plain =
      std::all_of(type.begin(), type.end(), [](char c) { return IsIdentifierByte(c) || c == '.'; });
  return plain && type.size() <= kMaxWordBytes ? std::string(type) : Quoted(type, kMaxWordBytes);
}

}  // namespace

ErrorDetails::ErrorDetails(std::string_view bytes, const catalog::Tool& tool, bool whole)
    : tool_(tool), whole_(whole) {
  google::rpc::Status status;
  if (bytes.empty() || bytes.size() > kMaxDetailsBytes ||
      !status.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return;
  }
  for (const auto& any : status.details()) Read(any);
  if (!violations_.empty()) {
    std::string list;
    for (const Violation& violation : violations_) {
      list.append(list.empty() ? "{\"at\":" : ",{\"at\":");
      AppendJsonString(&list, OneLine(violation.where, kMaxValueBytes));
      list.append(",\"description\":");
      AppendJsonString(&list, OneLine(violation.description, kMaxValueBytes));
      list.push_back('}');
    }
    members_.append(",\"violations\":[" + list + "]");
    if (more_violations_ > 0) {
      members_.append(",\"moreViolations\":" + std::to_string(more_violations_));
    }
  }
  if (!own_members_.empty()) members_.append(",\"details\":[" + own_members_ + "]");
}

void ErrorDetails::Read(const google::protobuf::Any& any) {
  const std::string type = any.type_url().substr(any.type_url().rfind('/') + 1);
  if (!type.starts_with("google.rpc.")) return ReadOwn(any, type);
  // Two of a kind would write the same JSON members.
  if (!seen_.insert(type).second) return;
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
  } else if (google::rpc::LocalizedMessage message; any.UnpackTo(&message)) {
    localized_ = message.message();
    AddMember("localizedMessage", localized_);
  } else if (google::rpc::RequestInfo request; any.UnpackTo(&request)) {
    AddMember("requestId", request.request_id());
  } else if (google::rpc::Help help; any.UnpackTo(&help)) {
    for (int i = 0; i < std::min(help.links_size(), kMaxHelpLinks); ++i) {
      help_.push_back(Quoted(help.links(i).description(), kMaxWordBytes) + " at " +
                      Quoted(help.links(i).url(), kMaxWordBytes));
    }
  } else if (type != "google.rpc.DebugInfo") {
    ReadOwn(any, type);
  }
}

// A message of another type: of the service's own, or of one that nobody here knows.
void ErrorDetails::ReadOwn(const google::protobuf::Any& any, const std::string& type) {
  const transcode::Plan* const plan = whole_ ? tool_.codec->Find(type) : nullptr;
  own_bytes_ += any.value().size();
  std::string json;
  transcode::CodecError error;
  if (plan == nullptr || own_.size() >= kMaxOwnDetails || own_bytes_ > kMaxOwnBytes ||
      !tool_.codec->WireToStructured(*plan, any.value(), &json, &error) ||
      own_members_.size() + json.size() > kMaxOwnJson) {
    return AddUnknown(type);
  }
  own_members_.append(own_members_.empty() ? "{\"@type\":" : ",{\"@type\":");
  AppendJsonString(&own_members_, type);
  own_members_.append(json.size() > 2 ? "," : "").append(json, 1);
  // JSON keeps its strings in quotes itself; cut it would not.
  std::string text = VisibleText(json);
  std::replace(text.begin(), text.end(), '\n', ' ');
  own_.push_back(TypeName(type) + " " +
                 (text.size() <= kMaxOwnText ? text : Quoted(text, kMaxOwnText)));
}

void ErrorDetails::AddUnknown(const std::string& type) {
  std::string quoted = Quoted(type, kMaxWordBytes);
  const bool named = std::find(unknown_.begin(), unknown_.end(), quoted) != unknown_.end();
  if (named || unknown_.size() >= kMaxOwnDetails) return;
  unknown_.push_back(std::move(quoted));
  own_members_.append(own_members_.empty() ? "{\"@type\":" : ",{\"@type\":");
  AppendJsonString(&own_members_, OneLine(type, kMaxValueBytes));
  own_members_.push_back('}');
}

void ErrorDetails::AddViolation(const std::string& where, const std::string& description,
                                const descriptor::Message* arguments) {
  if (violations_.size() >= kMaxViolations) {
    ++more_violations_;
    return;
  }
  std::string path = arguments == nullptr ? std::string() : ArgumentPath(where, arguments);
  const bool known = !path.empty();
  if (!known) path = arguments == nullptr ? where : "$." + where;
  violations_.push_back({std::move(path), known, description});
}

void ErrorDetails::Take(const google::rpc::BadRequest& bad) {
  for (const auto& violation : bad.field_violations()) {
    // Of many messages nobody knows which one it is about.
    AddViolation(violation.field(), violation.description(),
                 tool_.streaming.sends() ? nullptr : tool_.method->input);
  }
}

void ErrorDetails::Take(const google::rpc::PreconditionFailure& failure) {
  for (const auto& violation : failure.violations()) {
    AddViolation(violation.subject(), violation.description(), nullptr);
  }
}

void ErrorDetails::Take(const google::rpc::QuotaFailure& failure) {
  for (const auto& violation : failure.violations()) {
    AddViolation(violation.subject(), violation.description(), nullptr);
  }
}

void ErrorDetails::Take(const google::rpc::ResourceInfo& resource) {
  resource_type_ = resource.resource_type();
  resource_name_ = resource.resource_name();
  AddMember("resourceType", resource_type_);
  AddMember("resourceName", resource_name_);
}

void ErrorDetails::Take(const google::rpc::ErrorInfo& error) {
  if (!error.reason().empty()) facts_.push_back(Quoted(error.reason(), kMaxWordBytes));
  AddMember("reason", error.reason());
  AddMember("domain", error.domain());
  if (error.metadata().empty()) return;
  // A protobuf map has no order; the answer should. What looks alike is one member.
  std::map<std::string, std::string_view> metadata;
  for (const auto& [key, value] : error.metadata()) {
    metadata.emplace(OneLine(key, kMaxWordBytes), value);
  }
  members_.append(",\"metadata\":{");
  size_t count = 0;
  for (const auto& [key, value] : metadata) {
    if (count == kMaxMetadata) break;
    if (count++ > 0) members_.push_back(',');
    AppendJsonString(&members_, key);
    members_.push_back(':');
    AppendJsonString(&members_, OneLine(value, kMaxValueBytes));
    facts_.push_back(Quoted(key, kMaxWordBytes) + ": " + Quoted(value, kMaxWordBytes));
  }
  members_.push_back('}');
}

void ErrorDetails::AddMember(std::string_view name, std::string_view value) {
  members_.append(",\"").append(name).append("\":");
  AppendJsonString(&members_, OneLine(value, kMaxValueBytes));
}

}  // namespace bridge::mcp
