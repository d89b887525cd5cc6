#include "bridge/schema/operations.h"

#include <string_view>

#include "bridge/schema/texts.h"

namespace bridge::schema {
namespace {

using descriptor::Field;
using descriptor::Kind;
using descriptor::Message;
using descriptor::Method;

const Field* FindSingle(const Message& message, std::string_view name, Kind kind) {
  const Field* const field = message.FindField(name);
  return field != nullptr && field->kind == kind && !field->repeated ? field : nullptr;
}

const Field* FindDone(const Message& message) {
  return message.name == "Operation" ? FindSingle(message, "done", Kind::kBool) : nullptr;
}

// What the operation is asked for by.
const Field* FindKey(const Message& message) {
  for (const std::string_view name : {"name", "id", "operation_id", "operation_name"}) {
    const Field* const field = FindSingle(message, name, Kind::kString);
    if (field != nullptr) return field;
  }
  return nullptr;
}

// "ExportOrdersResponse" of "shop.orders.v1.ExportOrdersResponse".
std::string_view ShortName(std::string_view full_name) {
  return full_name.substr(full_name.rfind('.') + 1);  // npos + 1 is 0
}

}  // namespace

OperationRole OperationRoleOf(const Method& method) {
  // A stream of operations tells itself how one goes on.
  if (method.server_streaming || FindDone(*method.output) == nullptr) return OperationRole::kNone;
  const std::string_view service = ShortServiceName(*method.service);
  const bool follows = service == "Operations" || service == "Operation";
  if (FindKey(*method.input) != nullptr) {
    if (method.name == "GetOperation" || (follows && method.name == "Get")) {
      return OperationRole::kGets;
    }
    if (method.name == "WaitOperation" || (follows && method.name == "Wait")) {
      return OperationRole::kWaits;
    }
  }
  return follows ? OperationRole::kNone : OperationRole::kStarts;
}

std::string OperationNotes(const Method& method, const OperationTools& tools) {
  if (OperationRoleOf(method) != OperationRole::kStarts) return {};
  const Message& operation = *method.output;
  const std::string& done = FindDone(operation)->json_name;
  const Field* const key = FindKey(operation);
  std::string text = "Long-running: returns an Operation";
  std::string follow = tools.wait;
  if (!tools.get.empty()) follow += (follow.empty() ? "" : " or ") + tools.get;
  if (follow.empty() || key == nullptr) {
    text += ", finished when " + done + " is true";
  } else {
    text += "; call " + follow + " with its " + key->json_name + " until " + done + " is true";
  }
  const Field* const response = operation.FindField("response");
  if (response == nullptr || method.operation_response.empty()) return text + ".";
  text += "; " + response->json_name;
  const std::string_view type = ShortName(method.operation_response);
  text += type == "Empty" ? " is then empty" : " then holds the " + std::string(type);
  const Field* const error = operation.FindField("error");
  if (error != nullptr) text += ", or " + error->json_name + " says why it failed";
  return text + ".";
}

}  // namespace bridge::schema
