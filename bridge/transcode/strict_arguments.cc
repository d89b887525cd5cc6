#include "bridge/transcode/strict_arguments.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "bridge/base/json_cursor.h"
#include "bridge/base/json_text.h"
#include "bridge/descriptor/well_known.h"
#include "bridge/transcode/failure.h"
#include "bridge/transcode/key_set.h"
#include "bridge/transcode/plan.h"

namespace bridge::transcode {
namespace {

using descriptor::WellKnown;

// The members of a map's entry.
constexpr std::string_view kKey = "key";
constexpr std::string_view kValue = "value";

// JSON in strings in strings.
constexpr int kMaxTexts = 6;

// Each function reads one value from the cursor and appends it; false means that failure_ tells
// why.
class StrictPass final {
 public:
  StrictPass(JsonCursor* cursor, std::string* out) : cursor_(cursor), out_(*out) {}

  bool Run(const Plan& plan);
  const Failure& failure() const { return failure_; }

 private:
  // A root that is no ordinary message stands in {"value": ...}.
  bool Wrapped(const Plan& plan);
  bool Message(const Plan& plan);
  bool Object(const Plan& plan);
  bool Field(const FieldPlan& field);
  // Also the entries of a map.
  bool List(const FieldPlan& field);
  bool Entry(const FieldPlan& field);
  bool EntryKey(std::string* out);
  bool NativeMap(const FieldPlan& field);
  bool Element(const FieldPlan& field) {
    return field.child == nullptr ? Copy() : Message(*field.child);
  }
  // The JSON in a string; of an ordinary message in the same form as around it.
  bool JsonText(const Plan& plan);

  bool Copy();
  void Comma(char open) {
    if (out_.back() != open) out_ += ',';
  }
  bool SyntaxError() {
    return failure_.Set(std::string("invalid JSON ") + (texts_ > 0 ? "in the string, " : "") +
                        "at byte " + std::to_string(cursor_->offset()) + ": " + cursor_->error());
  }

  // Where an entry's key belongs in `out_` that came behind the value.
  struct LateKey {
    size_t at;
    std::string key;  // with its colon
  };
  void InsertKeys();

  JsonCursor* cursor_;
  std::string& out_;
  std::vector<LateKey> late_keys_;    // in the order of `out_`
  std::vector<uint64_t> seen_slots_;  // of the objects around the cursor
  int texts_ = 0;                     // around the cursor
  Failure failure_;
};

bool StrictPass::Run(const Plan& plan) {
  const bool wrapped = plan.well_known != WellKnown::kNone && plan.well_known != WellKnown::kEmpty;
  if (!(wrapped ? Wrapped(plan) : Message(plan))) return false;
  if (!cursor_->Finish()) return SyntaxError();
  InsertKeys();
  return true;
}

// At the end, so that every byte moves once however deep the maps are.
void StrictPass::InsertKeys() {
  if (late_keys_.empty()) return;
  std::string text;
  size_t from = 0;
  for (const LateKey& late : late_keys_) {
    text.append(out_, from, late.at - from);
    text += late.key;
    from = late.at;
  }
  out_ = text.append(out_, from);
}

bool StrictPass::Wrapped(const Plan& plan) {
  // Struct and Any have members of their own outside of this form.
  const bool keep_wrapped = descriptor::NeedsWrapping(*plan.message);
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kObject) return Copy();
  if (!cursor_->EnterObject()) return SyntaxError();
  bool seen = false;
  bool given = false;
  std::string_view key;
  if (keep_wrapped) out_ += '{';
  while (cursor_->NextMember(&key)) {
    if (key != kValue) {
      return failure_.Set("unknown field " + QuoteInput(key) + "; the only field is \"value\"");
    }
    if (seen) return failure_.Set("duplicate field \"value\"");
    seen = true;
    if (!cursor_->Peek(&type)) return SyntaxError();
    if (type == JsonType::kNull) {
      if (!cursor_->ReadNull()) return SyntaxError();
      continue;
    }
    given = true;
    if (keep_wrapped) out_ += R"("value":)";
    if (!Message(plan)) return failure_.InMember(kValue);
  }
  if (!cursor_->ok()) return SyntaxError();
  if (keep_wrapped) {
    out_ += '}';
  } else if (!given) {
    out_ += "{}";
  }
  return true;
}

bool StrictPass::Message(const Plan& plan) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  switch (plan.well_known) {
    case WellKnown::kNone:
    case WellKnown::kEmpty:
      if (type == JsonType::kObject) return Object(plan);
      break;
    case WellKnown::kStruct:
    case WellKnown::kValue:
    case WellKnown::kListValue:
    case WellKnown::kAny:
      break;
    default:
      return Copy();  // strings and numbers
  }
  return type == JsonType::kString ? JsonText(plan) : Copy();
}

bool StrictPass::JsonText(const Plan& plan) {
  if (texts_ == kMaxTexts) return failure_.Set("JSON text is nested too deep in JSON text");
  std::string_view text;
  std::string buffer;
  if (!cursor_->ReadString(&text, &buffer)) return SyntaxError();
  JsonCursor* const outer = cursor_;
  JsonCursor inner(text, outer->depth_left());
  cursor_ = &inner;
  ++texts_;
  JsonType type = JsonType::kNull;
  const bool ordinary = plan.well_known == WellKnown::kNone || plan.well_known == WellKnown::kEmpty;
  const bool done = (inner.Peek(&type) || SyntaxError()) &&
                    (ordinary && type == JsonType::kObject ? Object(plan) : Copy()) &&
                    (inner.Finish() || SyntaxError());
  --texts_;
  cursor_ = outer;
  if (!done && plan.well_known == WellKnown::kValue) {
    failure_.Append(R"(; in JSON text a string has quotes of its own, such as "\"black\"")");
  }
  return done;
}

bool StrictPass::Object(const Plan& plan) {
  if (!cursor_->EnterObject()) return SyntaxError();
  KeySet seen(&seen_slots_);
  std::string_view key;
  out_ += '{';
  while (cursor_->NextMember(&key)) {
    const uint32_t index = plan.names.Find(key);
    const FieldPlan* const field = index == NameTable::kNone ? nullptr : &plan.fields[index];
    const auto same = [index](uint32_t other) { return other == index; };
    if (field != nullptr && seen.Add(index, HashNumber(index), same) != KeySet::kNone) {
      failure_.Set("duplicate field \"" + field->name + "\"; it may be given only once");
      return failure_.InMember(field->name);
    }
    JsonType type;
    if (!cursor_->Peek(&type)) return SyntaxError();
    if (field != nullptr && type == JsonType::kNull && field->takes_null) {
      // Elsewhere null is a value of such a field; here it says that there is none.
      if (!cursor_->ReadNull()) return SyntaxError();
      continue;
    }
    Comma('{');
    AppendJsonString(&out_, key);
    out_ += ':';
    if (field == nullptr ? !Copy() : !Field(*field)) {
      return field == nullptr ? false : failure_.InMember(field->name);
    }
  }
  out_ += '}';
  return cursor_->ok() || SyntaxError();
}

bool StrictPass::Field(const FieldPlan& field) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (!field.repeated) return Element(field);
  if (type == JsonType::kArray) return List(field);
  return field.map && type == JsonType::kObject ? NativeMap(field) : Copy();
}

bool StrictPass::List(const FieldPlan& field) {
  if (!cursor_->EnterArray()) return SyntaxError();
  out_ += field.map ? '{' : '[';
  for (size_t i = 0; cursor_->NextElement(); ++i) {
    if (i > 0) out_ += ',';
    if (!(field.map ? Entry(field) : Element(field))) return failure_.InElement(i);
  }
  out_ += field.map ? '}' : ']';
  return cursor_->ok() || SyntaxError();
}

bool StrictPass::Entry(const FieldPlan& field) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kObject || !cursor_->EnterObject()) {
    return cursor_->ok() ? failure_.Set("expected an entry with \"key\" and \"value\"")
                         : SyntaxError();
  }
  bool has_key = false;
  bool has_value = false;
  size_t late = 0;
  std::string_view name;
  while (cursor_->NextMember(&name)) {
    const bool is_key = name == kKey;
    if (!is_key && name != kValue) {
      return failure_.Set("an entry has no other members than \"key\" and \"value\"");
    }
    if (std::exchange(is_key ? has_key : has_value, true)) {
      return failure_.Set("duplicate member \"" + std::string(name) + "\"");
    }
    if (!is_key) {
      if (!has_key) {
        late = late_keys_.size();
        late_keys_.push_back({out_.size(), {}});
      }
      if (!Element(field.child->fields[1])) return failure_.InMember(kValue);
    } else if (!EntryKey(has_value ? &late_keys_[late].key : &out_)) {
      return failure_.InMember(kKey);
    }
  }
  if (!cursor_->ok()) return SyntaxError();
  if (!has_key || !has_value) {
    return failure_.Set("expected an entry with both \"key\" and \"value\"");
  }
  return true;
}

bool StrictPass::EntryKey(std::string* out) {
  JsonType type;
  std::string_view raw;
  if (!cursor_->Peek(&type) || !cursor_->SkipValue(&raw)) return SyntaxError();
  const bool quoted = type == JsonType::kString;
  if (!quoted && type != JsonType::kNumber && type != JsonType::kBool) {
    return failure_.Set("expected a string");
  }
  if (!quoted) *out += '"';
  *out += raw;
  *out += quoted ? ":" : "\":";
  return true;
}

bool StrictPass::NativeMap(const FieldPlan& field) {
  if (!cursor_->EnterObject()) return SyntaxError();
  std::string_view key;
  out_ += '{';
  while (cursor_->NextMember(&key)) {
    Comma('{');
    AppendJsonString(&out_, key);
    out_ += ':';
    if (!Element(field.child->fields[1])) return failure_.InHiddenMember();
  }
  out_ += '}';
  return cursor_->ok() || SyntaxError();
}

bool StrictPass::Copy() {
  std::string_view raw;
  if (!cursor_->SkipValue(&raw)) return SyntaxError();
  out_ += raw;
  return true;
}

}  // namespace

bool StrictToProtoJson(const Plan& plan, std::string_view json, int max_depth,
                       std::string* proto_json, CodecError* error) {
  JsonCursor cursor(json, 2 * max_depth + 1);
  StrictPass pass(&cursor, proto_json);
  if (pass.Run(plan)) return true;
  *error = pass.failure().ToError(1);
  return false;
}

}  // namespace bridge::transcode
