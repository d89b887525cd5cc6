// ProtoJSON as a model would write it by an openai-strict schema: the opposite of what the codec
// does, written independently of it.
#pragma once

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/well_known.h"
#include "nlohmann/json.hpp"

namespace bridge::schema {

class StrictForm final {
 public:
  using Json = nlohmann::ordered_json;

  // The arguments for which a server got the same message as for `proto_json`.
  static Json Arguments(const descriptor::Message& root, const Json& proto_json) {
    using descriptor::WellKnown;
    if (descriptor::NeedsWrapping(root)) {
      const Json value = proto_json.value("value", Json());
      const bool absent = !proto_json.contains("value");
      return {{"value", absent ? Json() : Value(root, value, 0)}};
    }
    if (root.well_known == WellKnown::kStruct || root.well_known == WellKnown::kAny) {
      return {{"value", proto_json.dump()}};
    }
    return Value(root, proto_json, 0);
  }

 private:
  static Json Value(const descriptor::Message& message, const Json& json, int depth) {
    using descriptor::WellKnown;
    switch (message.well_known) {
      case WellKnown::kStruct:
      case WellKnown::kValue:
      case WellKnown::kListValue:
      case WellKnown::kAny:
        return json.dump();
      case WellKnown::kNone:
        break;
      default:
        return json;
    }
    Json members = Json::object();
    for (const descriptor::Field& field : message.fields) {
      members[field.input_key] =
          json.contains(field.json_name) ? Field(field, json[field.json_name], depth) : Json();
    }
    // What lies too deep is text.
    return depth % 3 == 2 ? Json(members.dump()) : members;
  }

  static Json Field(const descriptor::Field& field, const Json& json, int depth) {
    if (!field.repeated) return Element(field, json, depth);
    Json list = Json::array();
    for (const auto& [key, value] : json.items()) {
      if (field.map) {
        list.push_back({{"key", key}, {"value", Element(field.message->fields[1], value, depth)}});
      } else {
        list.push_back(Element(field, value, depth));
      }
    }
    return list;
  }

  static Json Element(const descriptor::Field& field, const Json& json, int depth) {
    if (field.message != nullptr) return Value(*field.message, json, depth + 1);
    return json.is_null() ? Json("NULL_VALUE") : json;
  }
};

}  // namespace bridge::schema
