#include <bit>
#include <cmath>
#include <cstring>

#include "bridge/base/json_scan.h"
#include "bridge/base/json_text.h"
#include "bridge/base/utf8.h"
#include "bridge/transcode/base64.h"
#include "bridge/transcode/to_json.h"

namespace bridge::transcode {
namespace {

using descriptor::Kind;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool AppendRepaired(std::string_view run, ByteBuffer* out) {
  bool valid = true;
  for (;;) {
    const size_t good = Utf8PrefixLength(run);
    out->Append(run.substr(0, good));
    if (good == run.size()) return valid;
    valid = false;
    out->Append(kReplacement);
    run.remove_prefix(good + 1);
  }
}

}  // namespace

bool AppendQuoted(std::string_view text, ByteBuffer* out) {
  const char* p = text.data();
  const char* const end = p + text.size();
  bool valid = true;
  out->Append('"');
  while (p != end) {
    bool high = false;
    const char* const stop = FindJsonSpecial(p, end, &high);
    const std::string_view run(p, static_cast<size_t>(stop - p));
    if (high) {
      valid &= AppendRepaired(run, out);
    } else {
      out->Append(run);
    }
    if (stop == end) break;
    out->Append(JsonEscapeOf(*stop));
    p = stop + 1;
  }
  out->Append('"');
  return valid;
}

bool ToJson::Value(const FieldPlan& field, const Record& record) {
  switch (field.kind) {
    case Kind::kString:
      return Text(field, record.bytes());
    case Kind::kBytes:
      Bytes(record.bytes());
      return true;
    case Kind::kMessage:
    case Kind::kGroup: {
      const std::string_view bytes = record.bytes();
      return Message(*field.child, Ranges(&bytes, 1));
    }
    default:
      Scalar(field, record.bits);
      return true;
  }
}

void ToJson::Scalar(const FieldPlan& field, uint64_t bits) {
  const auto number = [this](int64_t value) {
    out_.Commit(WriteJsonInt(out_.Reserve(kMaxJsonNumber), value));
  };
  switch (field.kind) {
    case Kind::kDouble:
      return Floating(std::bit_cast<double>(bits));
    case Kind::kFloat:
      return Floating(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    case Kind::kInt32:
    case Kind::kSfixed32:
      return number(static_cast<int32_t>(bits));
    case Kind::kSint32:
      return number(UnZigZag32(static_cast<uint32_t>(bits)));
    case Kind::kUint32:
    case Kind::kFixed32:
      return number(static_cast<uint32_t>(bits));
    case Kind::kInt64:
    case Kind::kSfixed64:
      return QuotedInt(static_cast<int64_t>(bits));
    case Kind::kSint64:
      return QuotedInt(UnZigZag64(bits));
    case Kind::kUint64:
    case Kind::kFixed64: {
      char* p = out_.Reserve(kMaxJsonNumber + 2);
      *p++ = '"';
      p = WriteJsonUint(p, bits);
      *p++ = '"';
      return out_.Commit(p);
    }
    case Kind::kBool:
      return out_.Append(bits != 0 ? std::string_view("true") : std::string_view("false"));
    case Kind::kEnum:
      return Enum(*field.enumeration, static_cast<int32_t>(bits));
    default:
      return;
  }
}

void ToJson::QuotedInt(int64_t value) {
  char* p = out_.Reserve(kMaxJsonNumber + 2);
  *p++ = '"';
  p = WriteJsonInt(p, value);
  *p++ = '"';
  out_.Commit(p);
}

template <typename Float>
void ToJson::Floating(Float value) {
  if (std::isnan(value)) return out_.Append("\"NaN\"");
  if (std::isinf(value)) return out_.Append(value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  char* const p = out_.Reserve(kMaxJsonNumber);
  if constexpr (sizeof(Float) == sizeof(double)) {
    out_.Commit(WriteJsonDouble(p, value));
  } else {
    out_.Commit(WriteJsonFloat(p, value));
  }
}

void ToJson::Enum(const EnumPlan& values, int32_t number) {
  const std::string_view name = values.FindQuotedName(number);
  if (name.empty()) {
    out_.Commit(WriteJsonInt(out_.Reserve(kMaxJsonNumber), number));
  } else {
    out_.Append(values.null_value() ? std::string_view("null") : name);
  }
}

bool ToJson::Text(const FieldPlan& field, std::string_view text) {
  if (AppendQuoted(text, &out_) || !field.check_utf8) return true;
  return failure_.Set("the string is not valid UTF-8");
}

void ToJson::Bytes(std::string_view bytes) {
  char* p = out_.Reserve(Base64Size(bytes.size()) + 2);
  *p++ = '"';
  p = WriteBase64(p, bytes);
  *p++ = '"';
  out_.Commit(p);
}

bool IsZero(const FieldPlan& field, uint64_t bits) {
  switch (field.kind) {
    case Kind::kInt32:
    case Kind::kSint32:
    case Kind::kUint32:
    case Kind::kEnum:
      return static_cast<uint32_t>(bits) == 0;  // more bits than the value has do not count
    default:
      return bits == 0;
  }
}

bool IsUnknownValue(const FieldPlan& field, const Record& record) {
  return field.kind == Kind::kEnum && field.enumeration->closed() &&
         field.enumeration->FindQuotedName(static_cast<int32_t>(record.bits)).empty();
}

}  // namespace bridge::transcode
