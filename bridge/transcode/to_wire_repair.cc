// What clients of the field send in place of what ProtoJSON asks for, and the masks of tools. A
// repair is made only if ParseOptions ask for it, is counted, and can mean one thing only.

#include <array>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "bridge/transcode/field_mask_text.h"
#include "bridge/transcode/mask_path.h"
#include "bridge/transcode/number_text.h"
#include "bridge/transcode/time_text.h"
#include "bridge/transcode/to_wire.h"

namespace bridge::transcode {
namespace {

using descriptor::WellKnown;

constexpr std::string_view kPaths = "paths";

// True if the Timestamp or Duration that has been written has a text.
bool IsInRange(const Plan& plan, std::string_view wire) {
  SecondsAndNanos value;
  const char* p = wire.data();
  const char* const end = p + wire.size();
  while (p != end) {
    uint32_t tag = 0;
    uint64_t bits = 0;
    p = ReadVarint(ReadTag(p, end, &tag), end, &bits);
    if (tag == plan.fields[0].element_tag) {
      value.seconds = static_cast<int64_t>(bits);
    } else {
      value.nanos = static_cast<int32_t>(bits);
    }
  }
  std::array<char, kMaxTimeText> text;
  const bool timestamp = plan.well_known == WellKnown::kTimestamp;
  return (timestamp ? WriteTimestamp(text.data(), value) : WriteDuration(text.data(), value)) !=
         nullptr;
}

}  // namespace

bool ToWire::ToolMask(const Plan& plan) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (options_.repairs != nullptr && (type == JsonType::kObject || type == JsonType::kArray)) {
    ++*options_.repairs;
    return type == JsonType::kObject ? MaskObject(plan) : MaskList(plan);
  }
  std::string_view text;
  return StringValue(&text, ExpectedMessage(WellKnown::kFieldMask)) && MaskPaths(plan, text);
}

bool ToWire::MaskObject(const Plan& plan) {
  if (!cursor_->EnterObject()) return SyntaxError();
  bool seen = false;
  std::string_view key;
  while (cursor_->NextMember(&key)) {
    JsonType type;
    if (key != kPaths || std::exchange(seen, true)) {
      return failure_.Set("expected " + std::string(ExpectedMessage(WellKnown::kFieldMask)));
    }
    if (!cursor_->Peek(&type)) return SyntaxError();
    std::string_view text;
    const bool done = type == JsonType::kNull ? cursor_->ReadNull() || SyntaxError()
                      : type == JsonType::kArray
                          ? MaskList(plan)
                          : StringValue(&text, "an array of paths") && MaskPaths(plan, text);
    if (!done) return failure_.InMember(kPaths);
  }
  return cursor_->ok() || SyntaxError();
}

bool ToWire::MaskList(const Plan& plan) {
  if (!cursor_->EnterArray()) return SyntaxError();
  for (size_t i = 0; cursor_->NextElement(); ++i) {
    std::string_view text;
    if (!StringValue(&text, "a path") || !MaskPaths(plan, text)) return failure_.InElement(i);
  }
  return cursor_->ok() || SyntaxError();
}

bool ToWire::MaskPaths(const Plan& plan, std::string_view text) {
  constexpr char kTag = 0x0A;
  std::string_view rest = Trimmed(text);
  while (!rest.empty()) {
    const size_t size = MaskPathSize(rest);
    // Nothing but a path comes behind a comma.
    if (size + 1 == rest.size()) return WrongText(ExpectedMessage(WellKnown::kFieldMask), text);
    out_.Append(kTag);
    const size_t mark = OpenLength();
    if (!MaskPath(plan, Trimmed(rest.substr(0, size)))) return false;
    CloseLength(mark);
    if (out_.over_limit()) return TooLarge();
    if (size == rest.size()) break;
    rest.remove_prefix(size + 1);
  }
  return true;
}

bool ToWire::MaskPath(const Plan& plan, std::string_view path) {
  const size_t start = out_.size();
  if (plan.masked.empty() && AppendSnakePath(path, &out_)) return true;
  out_.Truncate(start);
  const std::string named = MaskPathToProto(path, plan.masked);
  if (named.empty()) return WrongText(ExpectedMessage(WellKnown::kFieldMask), path);
  out_.Append(named);
  return true;
}

bool ToWire::HasItsFields(const Plan& plan) const {
  if (options_.repairs == nullptr) return false;
  JsonCursor probe = *cursor_;
  std::string_view key;
  return probe.EnterObject() && probe.NextMember(&key) && plan.names.Find(key) != NameTable::kNone;
}

bool ToWire::FieldByField(const Plan& plan) {
  ++*options_.repairs;
  const size_t start = out_.size();
  if (!Object(plan, false)) return false;
  if (plan.well_known != WellKnown::kTimestamp && plan.well_known != WellKnown::kDuration) {
    return true;
  }
  return IsInRange(plan, out_.view().substr(start)) ||
         failure_.Set("out of range; expected " + std::string(ExpectedMessage(plan.well_known)));
}

bool ToWire::IsOnlyElement(const FieldPlan& field, JsonType type) {
  if (options_.repairs == nullptr) return false;
  const WellKnown well_known = field.child == nullptr ? WellKnown::kNone : field.child->well_known;
  if (well_known == WellKnown::kValue || well_known == WellKnown::kListValue) return false;
  const bool open = field.child != nullptr && well_known < WellKnown::kDoubleValue &&
                    well_known != WellKnown::kTimestamp && well_known != WellKnown::kDuration;
  if (type == JsonType::kObject) return open && well_known != WellKnown::kFieldMask;
  if (type == JsonType::kNumber || type == JsonType::kBool) return !open;
  if (type != JsonType::kString || open) return false;
  // "a, b" may be two; "[1]" and "{}" are the text of something else.
  const JsonCursor::Place start = cursor_->place();
  std::string_view text;
  if (!cursor_->ReadString(&text, &scratch_.text)) return false;
  const bool only = text.find_first_of(",;\n[{") == std::string_view::npos;
  return cursor_->GoBack(start) && only;
}

bool ToWire::OnlyElement(const FieldPlan& field) {
  ++*options_.repairs;
  if (!field.packed) return Element(field);
  PutTag(field);
  const size_t mark = OpenLength();
  if (!Element(field)) return false;
  CloseLength(mark);
  return true;
}

bool ToWire::TakeBoolText(bool* value) {
  if (options_.repairs == nullptr) return false;
  const JsonCursor::Place start = cursor_->place();
  std::string_view text;
  if (!cursor_->ReadString(&text, &scratch_.text)) return false;
  constexpr size_t kLongest = 5;
  const std::string word = absl::AsciiStrToLower(std::string(text.substr(0, kLongest + 1)));
  *value = word == "true";
  if (*value || word == "false") {
    ++*options_.repairs;
    return true;
  }
  cursor_->GoBack(start);
  return false;
}

bool ToWire::TrimNumber(std::string_view* text) {
  if (options_.repairs == nullptr) return false;
  const std::string_view number = TrimmedNumber(*text);
  if (number.empty()) return false;
  *text = number;
  ++*options_.repairs;
  return true;
}

bool ToWire::ParseEnumText(const EnumPlan& values, std::string_view text, int32_t* number) {
  if (options_.repairs == nullptr || !IsJsonNumber(text)) return false;
  bool negative = false;
  uint64_t magnitude = 0;
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int32_t>::max());
  if (ParseInteger(text, &negative, &magnitude) != IntegerError::kNone ||
      magnitude > kMax + (negative ? 1 : 0)) {
    return false;
  }
  const auto value = static_cast<int64_t>(magnitude);
  *number = static_cast<int32_t>(negative ? -value : value);
  if (values.closed() && values.FindQuotedName(*number).empty()) return false;
  ++*options_.repairs;
  return true;
}

}  // namespace bridge::transcode
