// Well-known types with a JSON form of their own:
// https://protobuf.dev/programming-guides/json/ (2026).

#include <bit>
#include <cmath>
#include <string>

#include "bridge/base/json_text.h"
#include "bridge/transcode/field_mask_text.h"
#include "bridge/transcode/mask_path.h"
#include "bridge/transcode/time_text.h"
#include "bridge/transcode/to_json.h"

namespace bridge::transcode {

using descriptor::Kind;

bool ToJson::WellKnown(const Plan& plan, size_t begin, size_t end) {
  switch (plan.well_known) {
    case descriptor::WellKnown::kTimestamp:
    case descriptor::WellKnown::kDuration:
      return Time(plan, begin, end);
    case descriptor::WellKnown::kFieldMask:
      return FieldMask(plan, begin, end);
    case descriptor::WellKnown::kAny:
      return AnyMessage(plan, begin, end);
    case descriptor::WellKnown::kValue:
      return DynamicValue(plan, begin, end);
    case descriptor::WellKnown::kStruct:
      return Items(plan, begin, end, '{', '}');
    case descriptor::WellKnown::kListValue:
      return Items(plan, begin, end, '[', ']');
    case descriptor::WellKnown::kNone:
    case descriptor::WellKnown::kEmpty:
      out_.Append("{}");
      return true;
    default:
      return Value(plan.fields[0], LastRecord(0, begin, end));
  }
}

// Struct and ListValue: the only field, without its name.
bool ToJson::Items(const Plan& plan, size_t begin, size_t end, char open, char close) {
  if (!Enter()) return false;
  const size_t mark = OpenItems();
  const FieldPlan& field = plan.fields[0];
  if (!(field.map ? Entries(field, begin, end) : Elements(field, begin, end))) return false;
  CloseItems(mark, open, close);
  Leave();
  return true;
}

bool ToJson::Time(const Plan& plan, size_t begin, size_t end) {
  const SecondsAndNanos value{static_cast<int64_t>(LastRecord(0, begin, end).bits),
                              static_cast<int32_t>(LastRecord(1, begin, end).bits)};
  const bool timestamp = plan.well_known == descriptor::WellKnown::kTimestamp;
  char* p = out_.Reserve(kMaxTimeText);
  *p++ = '"';
  p = timestamp ? WriteTimestamp(p, value) : WriteDuration(p, value);
  if (p == nullptr && tool_) {
    p = out_.Reserve(kMaxTimeText) + 1;
    p = timestamp ? WriteFarTimestamp(p, value) : WriteFarDuration(p, value);
  }
  if (p == nullptr) {
    return failure_.Set(timestamp ? "timestamp outside 0001-01-01T00:00:00Z to "
                                    "9999-12-31T23:59:59.999999999Z"
                                  : "duration out of range, or its parts differ in sign");
  }
  *p++ = '"';
  out_.Commit(p);
  return true;
}

bool ToJson::FieldMask(const Plan& plan, size_t begin, size_t end) {
  out_.Append('"');
  const size_t start = out_.size();
  for (size_t i = begin; i < end; ++i) {
    RunReader run(plan.fields[0], scratch_.records[i].bytes(), &scratch_.groups);
    while (!run.done()) {
      Record record;
      bool packed;
      if (!run.Next(&record, &packed)) return Malformed(plan);
      if (out_.size() != start) out_.Append(',');
      if (!MaskPath(plan, record.bytes())) {
        return failure_.Set("a path of the field mask has no lowerCamelCase form");
      }
    }
  }
  out_.Append('"');
  return true;
}

bool ToJson::MaskPath(const Plan& plan, std::string_view path) {
  const size_t start = out_.size();
  if (!tool_ || plan.masked.empty()) {
    if (AppendCamelPath(path, &out_)) return true;
    if (!tool_) return false;
    out_.Truncate(start);
  }
  std::string escaped;
  AppendJsonEscaped(&escaped, MaskPathToJson(path, plan.masked));
  out_.Append(escaped);
  return true;
}

bool ToJson::DynamicValue(const Plan& plan, size_t begin, size_t end) {
  if (begin == end) {  // no kind is set: null is the nearest thing JSON has
    out_.Append("null");
    return true;
  }
  const Record record = scratch_.records[end - 1];
  const FieldPlan& kind = plan.fields[record.field];
  if (!tool_ && kind.kind == Kind::kDouble && !std::isfinite(std::bit_cast<double>(record.bits))) {
    return failure_.Set("google.protobuf.Value can not be NaN or infinite");
  }
  if (kind.kind == Kind::kEnum) {
    out_.Append("null");
    return true;
  }
  return MergedValue(kind, begin, end);
}

bool ToJson::AnyMessage(const Plan& plan, size_t begin, size_t end) {
  const std::string_view type_url = LastRecord(0, begin, end).bytes();
  const std::string_view value = LastRecord(1, begin, end).bytes();
  if (type_url.empty() && value.empty()) {
    out_.Append("{}");
    return true;
  }
  if (!Enter()) return false;
  out_.Append("{\"@type\":");
  if (!AppendQuoted(type_url, &out_) && !tool_) {
    return failure_.Set("the type URL is not valid UTF-8");
  }
  const size_t slash = type_url.rfind('/');
  const Plan* const content = slash == std::string_view::npos
                                  ? nullptr
                                  : plans_->FindOrAskFor(type_url.substr(slash + 1), plan.role);
  if (content == nullptr || !TriedAnyContent(*content, value)) {
    if (content != nullptr && !MayGiveUp()) return false;
    out_.Append(",\"value\":");  // opaque, but not lost
    Bytes(value);
  }
  out_.Append('}');
  Leave();
  return true;
}

bool ToJson::AnyContent(const Plan& plan, std::string_view value) {
  if (plan.well_known == descriptor::WellKnown::kNone ||
      plan.well_known == descriptor::WellKnown::kEmpty) {
    return Members(plan, Ranges(&value, 1));
  }
  out_.Append(",\"value\":");
  return Message(plan, Ranges(&value, 1)) || failure_.InMember("value");
}

// The same; what a tool's answer has not been able to say leaves nothing behind.
bool ToJson::TriedAnyContent(const Plan& plan, std::string_view value) {
  const size_t start = out_.size();
  const int depth = depth_;
  const bool redacted = redacted_;
  if (AnyContent(plan, value)) return true;
  given_up_ += out_.size() - start;
  if (!MayGiveUp()) return false;
  failure_ = Failure();
  out_.Truncate(start);
  depth_ = depth;
  redacted_ = redacted;
  return false;
}

}  // namespace bridge::transcode
