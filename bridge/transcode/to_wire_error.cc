// What a failing conversion says: found, expected, and the nearest legal name.

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "bridge/base/text.h"
#include "bridge/transcode/base64.h"
#include "bridge/transcode/number_text.h"
#include "bridge/transcode/to_wire.h"

namespace bridge::transcode {
namespace {

using descriptor::Kind;
using descriptor::WellKnown;

constexpr int kMaxQuotes = 3;  // JSON in a string in a string in a string

// Models take a oneof for a field, leave a level out, and put one around what they send: what to do
// instead, if the unknown member `name`, whose value is next, is one of these.
std::string RightPlace(const Plan& plan, std::string_view name, JsonCursor value) {
  for (const descriptor::Oneof& oneof : plan.message->oneofs) {
    if (oneof.name != name) continue;
    std::vector<std::string_view> members;
    for (const int index : oneof.fields) {
      const descriptor::Field& field = plan.message->fields[static_cast<size_t>(index)];
      if (field.IsArgument()) members.push_back(field.json_name);
    }
    if (!members.empty())
      return "is no field, but a choice: set " + ListNames(members, kMaxListedNames) + " itself";
  }
  std::vector<std::string_view> parents;
  for (const uint32_t index : plan.declared) {
    const FieldPlan& field = plan.fields[index];
    const bool nests = field.child != nullptr && !field.map &&
                       field.child->well_known == WellKnown::kNone && field.source->IsArgument();
    if (nests && field.child->Shows(name)) parents.push_back(field.name);
  }
  if (!parents.empty()) return "belongs in " + ListNames(parents, kMaxListedNames);
  JsonType type;
  std::string_view inner;
  if (value.Peek(&type) && type == JsonType::kObject && value.EnterObject() &&
      value.NextMember(&inner) && plan.Shows(inner)) {
    return "is no field: put its members where it stands";
  }
  return {};
}

}  // namespace

std::string_view ExpectedMessage(WellKnown well_known) {
  switch (well_known) {
    case WellKnown::kTimestamp:
      return "an RFC 3339 timestamp with a time zone, such as \"2025-01-31T12:00:00Z\"";
    case WellKnown::kDuration:
      return "a duration in seconds with the suffix s, such as \"1.5s\"";
    case WellKnown::kFieldMask:
      return "a string of comma-separated lowerCamelCase paths, such as \"displayName,labels\"";
    case WellKnown::kListValue:
      return "an array";
    case WellKnown::kValue:
      return "a JSON value";
    case WellKnown::kAny:
      return "an object with \"@type\"";
    default:
      return "an object";
  }
}

std::string ExpectedForm(const FieldPlan& field) {
  switch (field.kind) {
    case Kind::kInt32:
    case Kind::kSint32:
    case Kind::kSfixed32:
      return "an integer from -2147483648 to 2147483647";
    case Kind::kUint32:
    case Kind::kFixed32:
      return "an integer from 0 to 4294967295";
    case Kind::kInt64:
    case Kind::kSint64:
    case Kind::kSfixed64:
      return "a whole 64-bit number in quotes, such as \"42\"";
    case Kind::kUint64:
    case Kind::kFixed64:
      return "a whole unsigned 64-bit number in quotes, such as \"42\"";
    case Kind::kDouble:
      return "a number, \"NaN\", \"Infinity\" or \"-Infinity\"";
    case Kind::kFloat:
      return "a number in the range of a 32-bit float, \"NaN\", \"Infinity\" or \"-Infinity\"";
    case Kind::kBool:
      return "true or false without quotes";
    case Kind::kString:
      return "a string";
    case Kind::kBytes:
      return "a base64 string";
    case Kind::kEnum: {
      if (field.enumeration->null_value()) return "null";
      return ListNames(field.enumeration->shown(), kMaxListedNames);
    }
    case Kind::kMessage:
    case Kind::kGroup:
      if (field.child->well_known >= WellKnown::kDoubleValue) {
        return ExpectedForm(field.child->fields[0]);
      }
      return std::string(ExpectedMessage(field.child->well_known));
  }
  return "a value";
}

bool ToWire::Items::Keep() {
  Failure& failure = pass_.failure_;
  if (fine_) first_ = failure.open();
  fine_ = false;
  failure.Close();
  return !failure.last() && failure.count() < pass_.max_faults_;
}

bool ToWire::Unquote(JsonType wanted, std::string* text) {
  if (options_.repairs == nullptr || quoted_ == kMaxQuotes) return false;
  const JsonCursor::Place start = cursor_->place();
  std::string_view value;
  if (!cursor_->ReadString(&value, &scratch_.text)) return false;
  JsonCursor inside(value, cursor_->depth_left());
  JsonType type;
  if (inside.Peek(&type) && type == wanted && inside.SkipValue(nullptr) && inside.Finish()) {
    *text = value;
    ++*options_.repairs;
    return true;
  }
  cursor_->GoBack(start);
  return false;
}

bool ToWire::SyntaxError() {
  return failure_.SetLast("invalid JSON at byte " + std::to_string(cursor_->offset()) + ": " +
                          cursor_->error());
}

bool ToWire::TooLarge() {
  return failure_.SetLast("the encoded message is larger than the limit of " +
                          std::to_string(limits_.max_wire_bytes) + " bytes");
}

bool ToWire::TooMany() {
  return failure_.SetLast("more than the limit of " + std::to_string(limits_.max_elements) +
                          " elements; send fewer in one call");
}

bool ToWire::Wrong(std::string_view expected, JsonType found) {
  std::string_view raw, text;
  const bool is_text = found == JsonType::kString;
  if (!(is_text ? cursor_->ReadString(&text, &scratch_.text) : cursor_->SkipValue(&raw))) {
    return SyntaxError();
  }
  return failure_.Set(
      "expected " + std::string(expected) + ", found " +
      (redacted_ ? std::string(NameOf(found)) : DescribeValue(found, is_text ? text : raw)));
}

bool ToWire::WrongText(std::string_view expected, std::string_view found) {
  return failure_.Set("expected " + std::string(expected) +
                      (redacted_ ? std::string() : ", found " + QuoteInput(found)));
}

bool ToWire::NullForRequired() {
  return failure_.Set("null is not allowed for a required field");
}

bool ToWire::FieldFailed(const FieldPlan& field) {
  if ((field.source->behavior & descriptor::kOutputOnly) != 0 && !field.source->IsArgument()) {
    failure_.Append("; only the service sets this field: leave it out");
  }
  return false;
}

bool ToWire::BothSet(const FieldPlan& first, const FieldPlan& second, std::string_view oneof) {
  return failure_.Set("\"" + first.name + "\" and \"" + second.name +
                      "\" can not both be set: they are alternatives of \"" + std::string(oneof) +
                      "\"");
}

// What it was meant as is not known: how to write both.
bool ToWire::NotBase64(std::string_view found) {
  constexpr size_t kMaxShown = 48;
  if (!tool_) return WrongText("a base64 string", found);
  std::string message = "expected base64 with padding, such as \"aGVsbG8=\"";
  if (redacted_) return failure_.Set(std::move(message));
  message += ", found " + QuoteInput(found);
  if (found.size() > kMaxShown) return failure_.Set(std::move(message));
  const auto encoded = [](std::string_view bytes) {
    std::string text(Base64Size(bytes.size()), '\0');
    WriteBase64(text.data(), bytes);
    return '"' + text + '"';
  };
  std::array<char, MaxBase64DecodedSize(kMaxShown)> bytes;
  const char* const end = ReadBase64(bytes.data(), found);
  message += "; send ";
  if (end != nullptr)
    message += encoded({bytes.data(), static_cast<size_t>(end - bytes.data())}) + ", or ";
  return failure_.Set(message + encoded(found) + " if it is text");
}

bool ToWire::UnknownMember(const Plan& plan, std::string_view name) {
  const std::vector<std::string_view> names = plan.ShownNames();
  std::string message = "unknown field";
  if (!redacted_) message += " " + QuoteInput(name);
  const std::string place = redacted_ ? std::string() : RightPlace(plan, name, *cursor_);
  if (!place.empty()) return failure_.Set(message + "; it " + place);
  if (names.empty()) return failure_.Set(message + "; the object has no fields");
  if (redacted_) return failure_.Set(message + "; expected " + ListNames(names, kMaxListedNames));
  return failure_.Set(message + NearestOrAll(name, names));
}

std::string ToWire::ExpectedObject(const Plan& plan) {
  const std::vector<std::string_view> names = plan.ShownNames();
  return names.empty() ? "an object" : "an object with " + ListNames(names, kMaxListedNames);
}

bool ToWire::UnknownEnumName(const EnumPlan& values, std::string_view name) {
  const std::vector<std::string_view>& names = values.shown();
  if (redacted_) {
    return failure_.Set("unknown enum value; expected " + ListNames(names, kMaxListedNames));
  }
  const std::string shown = IsJsonNumber(name) ? std::string(name.substr(0, 64)) : QuoteInput(name);
  return failure_.Set("unknown enum value " + shown + NearestOrAll(name, names));
}

}  // namespace bridge::transcode
