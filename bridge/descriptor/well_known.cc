#include "bridge/descriptor/well_known.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace bridge::descriptor {
namespace {

struct Shape {
  std::string_view name;
  WellKnown type;
  // Kinds of the fields 1, 2, ... and whether the only field is a list or a map.
  std::initializer_list<Kind> kinds;
  bool list = false;
  bool map = false;
};

const Shape kShapes[] = {
    {"Timestamp", WellKnown::kTimestamp, {Kind::kInt64, Kind::kInt32}},
    {"Duration", WellKnown::kDuration, {Kind::kInt64, Kind::kInt32}},
    {"FieldMask", WellKnown::kFieldMask, {Kind::kString}, true},
    {"Struct", WellKnown::kStruct, {Kind::kMessage}, false, true},
    {"Value",
     WellKnown::kValue,
     {Kind::kEnum, Kind::kDouble, Kind::kString, Kind::kBool, Kind::kMessage, Kind::kMessage}},
    {"ListValue", WellKnown::kListValue, {Kind::kMessage}, true},
    {"Any", WellKnown::kAny, {Kind::kString, Kind::kBytes}},
    {"Empty", WellKnown::kEmpty, {}},
    {"DoubleValue", WellKnown::kDoubleValue, {Kind::kDouble}},
    {"FloatValue", WellKnown::kFloatValue, {Kind::kFloat}},
    {"Int64Value", WellKnown::kInt64Value, {Kind::kInt64}},
    {"UInt64Value", WellKnown::kUint64Value, {Kind::kUint64}},
    {"Int32Value", WellKnown::kInt32Value, {Kind::kInt32}},
    {"UInt32Value", WellKnown::kUint32Value, {Kind::kUint32}},
    {"BoolValue", WellKnown::kBoolValue, {Kind::kBool}},
    {"StringValue", WellKnown::kStringValue, {Kind::kString}},
    {"BytesValue", WellKnown::kBytesValue, {Kind::kBytes}},
};

// By number.
using Fields = std::vector<const Field*>;

// The codec follows the fields of Struct, Value and ListValue without a look at their types.
bool HasDynamicTypes(const Fields& fields, WellKnown type) {
  const auto is = [&fields](size_t field, std::string_view name) {
    return fields[field]->message->full_name == name;
  };
  switch (type) {
    case WellKnown::kListValue:
      return is(0, "google.protobuf.Value");
    case WellKnown::kStruct: {
      const std::vector<Field>& entry = fields[0]->message->fields;
      return entry[0].kind == Kind::kString && entry[1].kind == Kind::kMessage &&
             entry[1].message->full_name == "google.protobuf.Value";
    }
    case WellKnown::kValue:
      return fields[0]->enumeration->null_value && is(4, "google.protobuf.Struct") &&
             is(5, "google.protobuf.ListValue") &&
             std::all_of(fields.begin(), fields.end(),
                         [](const Field* field) { return field->oneof == 0; });
    default:
      return true;
  }
}

bool HasShape(const Message& message, const Shape& shape) {
  if (message.fields.size() != shape.kinds.size()) return false;
  Fields fields;
  for (const Field& field : message.fields) fields.push_back(&field);
  std::sort(fields.begin(), fields.end(),
            [](const Field* a, const Field* b) { return a->number < b->number; });
  int number = 0;
  for (const Kind kind : shape.kinds) {
    const Field& field = *fields[static_cast<size_t>(number++)];
    if (field.number != number || field.kind != kind ||
        field.repeated != (shape.list || shape.map) || field.map != shape.map) {
      return false;
    }
  }
  return HasDynamicTypes(fields, shape.type);
}

}  // namespace

WellKnown RecognizeWellKnown(const Message& message) {
  constexpr std::string_view kPackage = "google.protobuf.";
  std::string_view name = message.full_name;
  if (!name.starts_with(kPackage)) return WellKnown::kNone;
  name.remove_prefix(kPackage.size());
  for (const Shape& shape : kShapes) {
    if (shape.name == name) return HasShape(message, shape) ? shape.type : WellKnown::kNone;
  }
  return WellKnown::kNone;
}

bool NeedsWrapping(const Message& message) {
  switch (message.well_known) {
    case WellKnown::kNone:
    case WellKnown::kStruct:
    case WellKnown::kAny:
    case WellKnown::kEmpty:
      return false;
    default:
      return true;
  }
}

bool FindWrappedKind(WellKnown type, Kind* kind) {
  if (type < WellKnown::kDoubleValue) return false;
  for (const Shape& shape : kShapes) {
    if (shape.type == type) *kind = *shape.kinds.begin();
  }
  return true;
}

}  // namespace bridge::descriptor
