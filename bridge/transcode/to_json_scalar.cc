#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

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

constexpr size_t kMaxScalar = kMaxJsonNumber + 2;

char* WriteText(char* p, std::string_view text) {
  std::memcpy(p, text.data(), text.size());
  return p + text.size();
}

template <typename Integer>
char* WriteQuoted(char* p, Integer value) {
  *p++ = '"';
  p = std::is_signed_v<Integer> ? WriteJsonInt(p, static_cast<int64_t>(value))
                                : WriteJsonUint(p, static_cast<uint64_t>(value));
  *p++ = '"';
  return p;
}

template <typename Float>
char* WriteFloating(char* p, Float value) {
  if (std::isnan(value)) return WriteText(p, "\"NaN\"");
  if (std::isinf(value)) return WriteText(p, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  if constexpr (sizeof(Float) == sizeof(double)) {
    return WriteJsonDouble(p, value);
  } else {
    return WriteJsonFloat(p, value);
  }
}

// All numbers and bool; at most kMaxScalar bytes.
char* WriteScalar(char* p, Kind kind, uint64_t bits) {
  switch (kind) {
    case Kind::kDouble:
      return WriteFloating(p, std::bit_cast<double>(bits));
    case Kind::kFloat:
      return WriteFloating(p, std::bit_cast<float>(static_cast<uint32_t>(bits)));
    case Kind::kInt32:
    case Kind::kSfixed32:
      return WriteJsonInt(p, static_cast<int32_t>(bits));
    case Kind::kSint32:
      return WriteJsonInt(p, UnZigZag32(static_cast<uint32_t>(bits)));
    case Kind::kUint32:
    case Kind::kFixed32:
      return WriteJsonInt(p, static_cast<uint32_t>(bits));
    case Kind::kInt64:
    case Kind::kSfixed64:
      return WriteQuoted(p, static_cast<int64_t>(bits));
    case Kind::kSint64:
      return WriteQuoted(p, UnZigZag64(bits));
    case Kind::kUint64:
    case Kind::kFixed64:
      return WriteQuoted(p, bits);
    case Kind::kBool:
      return bits != 0 ? WriteText(p, "true") : WriteText(p, "false");
    default:
      return p;
  }
}

}  // namespace

bool AppendQuoted(std::string_view text, ByteBuffer* out) {
  char* const start = out->Reserve(text.size() + 2);
  *start = '"';
  if (char* const end = CopyPlainJson(start + 1, text.data(), text.size()); end != nullptr) {
    *end = '"';
    out->Commit(end + 1);
    return true;
  }
  out->Commit(start + 1);
  const char* p = text.data();
  const char* const end = p + text.size();
  bool valid = true;
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

// A singular field that is not a message, key included; nothing if it has its implicit default.
bool ToJson::PlainMember(const FieldPlan& field, const Record& record) {
  if (field.wire_type != kLength) {
    if (!field.presence && IsZero(field, record.bits)) return true;
    char* const p = field.WriteKey(out_.Reserve(field.key_room() + kMaxScalar));
    if (field.kind != Kind::kEnum) {
      out_.Commit(WriteScalar(p, field.kind, record.bits));
    } else {
      out_.Commit(p);
      Enum(*field.enumeration, static_cast<int32_t>(record.bits));
    }
    return true;
  }
  if (!field.presence && record.size == 0) return true;
  // Only the careful pass knows what stands beside it.
  if (ordered_ && tool_ && field.media_type >= 0) return false;
  PutKey(field);
  if (field.kind == Kind::kString) return Text(field, record.bytes());
  Bytes(record.bytes());
  return true;
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
  if (field.kind == Kind::kEnum) {
    Enum(*field.enumeration, static_cast<int32_t>(bits));
  } else {
    out_.Commit(WriteScalar(out_.Reserve(kMaxScalar), field.kind, bits));
  }
}

void ToJson::Enum(const EnumPlan& values, int32_t number) {
  const std::string_view name =
      values.null_value() ? std::string_view("null") : values.FindQuotedName(number);
  if (name.empty()) {
    out_.Commit(WriteJsonInt(out_.Reserve(kMaxJsonNumber), number));
  } else {
    out_.Append(name);
  }
}

bool ToJson::Text(const FieldPlan& field, std::string_view text) {
  if (AppendQuoted(text, &out_) || !field.check_utf8 || tool_) return true;
  return failure_.Set("the string is not valid UTF-8");
}

void ToJson::Bytes(std::string_view bytes) {
  char* p = out_.Reserve(Base64Size(bytes.size()) + 2);
  *p++ = '"';
  p = WriteBase64(p, bytes);
  *p++ = '"';
  out_.Commit(p);
}

}  // namespace bridge::transcode
