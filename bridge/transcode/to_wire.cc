#include "bridge/transcode/to_wire.h"

#include "bridge/transcode/key_set.h"
#include "bridge/transcode/number_text.h"
#include "bridge/transcode/to_wire_members.h"

namespace bridge::transcode {
using descriptor::Kind;
using descriptor::WellKnown;

ToWire::ToWire(PlanSet* plans, const CodecLimits& limits, Dialect dialect,
               const ParseOptions& options, Faults faults, Scratch* scratch)
    : plans_(plans),
      limits_(limits),
      tool_(dialect == Dialect::kTool),
      options_(options),
      max_faults_(faults == Faults::kFirst ? 1 : static_cast<size_t>(limits.max_faults) + 1),
      scratch_(*scratch),
      out_(scratch->out) {
  out_.Reset(limits.max_wire_bytes);
  scratch->lengths.clear();
  if (options.repairs != nullptr) *options.repairs = 0;
  if (options.given != nullptr) *options.given = 0;
}

bool ToWire::Run(const Plan& plan, std::string_view json) {
  JsonCursor cursor(json, limits_.max_depth);
  cursor_ = &cursor;
  const bool ordinary = plan.well_known == WellKnown::kNone;
  if (!(ordinary ? Object(plan, false, options_.given) : Message(plan))) return false;
  return Finish();
}

bool ToWire::RunWrapped(const Plan& plan, std::string_view json) {
  JsonCursor cursor(json, limits_.max_depth + 1);
  cursor_ = &cursor;
  return Wrapped(plan) && Finish();
}

bool ToWire::Finish() {
  if (!cursor_->Finish()) return SyntaxError();
  InsertLengths();
  return !out_.over_limit() || TooLarge();
}

bool ToWire::Wrapped(const Plan& plan) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kObject) {
    return Repair(
        type, JsonType::kObject, [] { return "an object with the member \"value\""; },
        [&] { return Wrapped(plan); });
  }
  if (!cursor_->EnterObject()) return SyntaxError();
  std::string_view key;
  bool seen = false;
  while (cursor_->NextMember(&key)) {
    if (key != "value") {
      return failure_.Set("unknown field " + QuoteInput(key) + "; the only field is \"value\"");
    }
    if (seen) return failure_.Set("duplicate field \"value\"");
    seen = true;
    if (!cursor_->Peek(&type)) return SyntaxError();
    if (type == JsonType::kNull && plan.well_known != WellKnown::kValue) {
      if (!cursor_->ReadNull()) return SyntaxError();
    } else if (!Message(plan)) {
      return failure_.InMember("value");
    }
  }
  return cursor_->ok() || SyntaxError();
}

bool ToWire::Message(const Plan& plan) {
  switch (plan.well_known) {
    case WellKnown::kNone:
    case WellKnown::kEmpty:
      return Object(plan, false);
    case WellKnown::kTimestamp:
    case WellKnown::kDuration:
      return Time(plan);
    case WellKnown::kFieldMask:
      return tool_ ? ToolMask(plan) : FieldMask();
    case WellKnown::kStruct:
      return DynamicStruct();
    case WellKnown::kValue:
      return DynamicValue();
    case WellKnown::kListValue:
      return DynamicList();
    case WellKnown::kAny:
      return AnyMessage();
    default: {
      JsonType type;
      if (!cursor_->Peek(&type)) return SyntaxError();
      if (type == JsonType::kObject && HasItsFields(plan)) return FieldByField(plan);
      return Single(plan.fields[0], type, false);
    }
  }
}

bool ToWire::Object(const Plan& plan, bool in_any, uint64_t* given) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kObject) {
    return Repair(
        type, JsonType::kObject, [&] { return ExpectedObject(plan); },
        [&] { return Object(plan, in_any, given); });
  }
  if (!cursor_->EnterObject()) return SyntaxError();
  Items items(this);
  Members members(plan, &scratch_);
  size_t expected = 0;
  bool seen_type = false;
  std::string_view key;
  const FieldPlan* field;
  while (NextMember(plan, &expected, &key, &field)) {
    const JsonCursor::Place value = cursor_->place();
    const size_t before = out_.size();
    const bool is_type = field == nullptr && in_any && key == kTypeMember;
    const bool done = field != nullptr ? Member(*field, &members)
                      : is_type        ? SkipType(&seen_type)
                                       : OtherMember(plan, key);
    if (!done && !items.StepOver(value)) return false;
    if (!items.Fit()) return false;
    if (given != nullptr && field != nullptr && out_.size() != before) {
      *given |= field->declared_at < 64 ? uint64_t{1} << field->declared_at : 0;
    }
  }
  if (!cursor_->ok()) return SyntaxError();
  for (const uint32_t index : plan.required) {
    if (members.Has(index)) continue;
    failure_.Set("required field \"" + plan.fields[index].name + "\" is missing");
    if (!items.Keep()) return false;
  }
  return items.fine();
}

// Models follow the order of the schema, and most texts have no white space: the next field's name
// is tried first, as a whole.
inline bool ToWire::NextMember(const Plan& plan, size_t* expected, std::string_view* key,
                               const FieldPlan** field) {
  if (*expected < plan.declared.size()) {
    *field = &plan.fields[plan.declared[*expected]];
    if (cursor_->TakeMember((*field)->quoted_key())) {
      ++*expected;
      return true;
    }
  }
  if (!cursor_->NextMember(key)) return false;
  const uint32_t index = plan.names.Find(*key);
  *field = index == NameTable::kNone ? nullptr : &plan.fields[index];
  if (*field != nullptr) *expected = (*field)->declared_at + 1;
  return true;
}

inline bool ToWire::Member(const FieldPlan& field, Members* members) {
  if (!members->Add(field.index)) {
    failure_.Set("duplicate field \"" + field.name + "\"; it may be given only once");
    return failure_.InMember(field.name);
  }
  return Field(field, members) || failure_.InMember(field.name);
}

bool ToWire::OtherMember(const Plan& plan, std::string_view key) {
  if (!options_.ignore_unknown) return UnknownMember(plan, key);
  return cursor_->SkipValue(nullptr) || SyntaxError();
}

bool ToWire::Field(const FieldPlan& field, Members* members) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type == JsonType::kNull && (!field.takes_null || field.repeated)) {
    if (field.source->required) return NullForRequired();
    return cursor_->ReadNull() || SyntaxError();
  }
  if (field.oneof >= 0) {
    if (const FieldPlan* const other = members->Claim(field); other != nullptr) {
      return BothSet(*other, field, members->OneofName(field));
    }
  }
  const bool outer = redacted_;
  redacted_ |= field.redacted;
  const bool done = field.map        ? Map(field)
                    : field.repeated ? List(field)
                                     : Single(field, type, field.presence);
  redacted_ = outer;
  return done || FieldFailed(field);
}

// `always` writes zero and empty values too.
bool ToWire::Single(const FieldPlan& field, JsonType type, bool always) {
  switch (field.kind) {
    case Kind::kString:
      return Text(field, type, always);
    case Kind::kBytes:
      return Bytes(field, type, always);
    case Kind::kMessage:
    case Kind::kGroup:
      return SubMessage(field);
    default:
      return Bits(field, type, always);
  }
}

bool ToWire::Bits(const FieldPlan& field, JsonType type, bool always) {
  uint64_t bits = 0;
  bool kept = true;
  if (!Scalar(field, type, &bits, &kept)) return false;
  if (!kept || (bits == 0 && !always)) return true;
  PutTag(field);
  PutBits(field.wire_type, bits);
  return true;
}

bool ToWire::SubMessage(const FieldPlan& field) {
  PutTag(field);
  if (field.kind == Kind::kGroup) {
    if (!Message(*field.child)) return false;
    char* const p = out_.Reserve(kMaxVarint);
    out_.Commit(WriteVarint(p, field.number() << 3 | kEndGroup));
    return true;
  }
  const size_t mark = OpenLength();
  if (!Message(*field.child)) return false;
  CloseLength(mark);
  return true;
}

bool ToWire::List(const FieldPlan& field) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kArray) {
    if (IsOnlyElement(field, type)) return OnlyElement(field);
    return Repair(type, JsonType::kArray, [] { return "an array"; }, [&] { return List(field); });
  }
  if (!cursor_->EnterArray()) return SyntaxError();
  Items items(this);
  const size_t start = out_.size();
  size_t mark = 0;
  if (field.packed) {
    PutTag(field);
    mark = OpenLength();
  }
  for (size_t i = 0; cursor_->NextElement(); ++i) {
    const JsonCursor::Place value = cursor_->place();
    if (!Element(field)) {
      failure_.InElement(i);
      if (!items.StepOver(value)) return false;
    }
    if (!items.Fit()) return false;
  }
  if (!cursor_->ok()) return SyntaxError();
  if (!field.packed) return items.fine();
  if (out_.size() == mark) {
    out_.Truncate(start);
  } else {
    CloseLength(mark);
  }
  return items.fine();
}

bool ToWire::Element(const FieldPlan& field) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type == JsonType::kNull && !field.takes_null) {
    return failure_.Set("null is not allowed in a list; leave the element out");
  }
  if (!field.packed) return Single(field, type, true);
  uint64_t bits = 0;
  bool kept = true;
  if (!Scalar(field, type, &bits, &kept)) return false;
  if (kept) PutBits(field.wire_type, bits);
  return true;
}

bool ToWire::Map(const FieldPlan& field) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kObject) {
    return Repair(type, JsonType::kObject, [] { return "an object"; }, [&] { return Map(field); });
  }
  if (!cursor_->EnterObject()) return SyntaxError();
  Items items(this);
  KeySet keys(&scratch_.key_slots);
  std::string_view key;
  std::string copy;
  while (cursor_->NextMember(&key)) {
    key = KeepKey(key, &copy);
    const JsonCursor::Place value = cursor_->place();
    if (!Entry(field, key, &keys)) {
      InKey(key);
      if (!items.StepOver(value)) return false;
    }
    if (!items.Fit()) return false;
  }
  if (!cursor_->ok()) return SyntaxError();
  return items.fine();
}

bool ToWire::Entry(const FieldPlan& field, std::string_view key, KeySet* keys) {
  const size_t start = out_.size();
  PutTag(field);
  const size_t mark = OpenLength();
  bool kept = true;
  if (!MapKey(field.child->fields[0], key)) return false;
  const size_t key_size = out_.size() - mark;
  if (!MapValue(field.child->fields[1], &kept)) return false;
  if (!kept) {
    out_.Truncate(start);
    return true;
  }
  const size_t entry_size = out_.size() - mark;
  CloseLength(mark);
  return AddKey(keys, out_.size() - entry_size, key_size);
}

bool ToWire::MapValue(const FieldPlan& field, bool* kept) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type == JsonType::kNull && !field.takes_null) {
    return failure_.Set("null is not allowed as a map value; leave the key out");
  }
  if (!field.packable()) return Single(field, type, true);
  uint64_t bits = 0;
  if (!Scalar(field, type, &bits, kept)) return false;
  PutTag(field);
  PutBits(field.wire_type, bits);
  return true;
}

bool ToWire::MapKey(const FieldPlan& field, std::string_view key) {
  PutTag(field);
  if (field.kind == Kind::kString) {
    PutBytes(key);
    return true;
  }
  if (field.kind == Kind::kBool) {
    if (key != "true" && key != "false") return WrongText("a key \"true\" or \"false\"", key);
    PutBits(kVarint, key == "true" ? 1 : 0);
    return true;
  }
  // A key is a quoted number without fraction and exponent: read it as such.
  if (!IsJsonNumber(key) || key.find_first_of(".eE") != std::string_view::npos) {
    return WrongText("a decimal integer as the key", key);
  }
  JsonCursor* const outer = cursor_;
  JsonCursor number(key);
  cursor_ = &number;
  uint64_t bits = 0;
  bool kept = true;
  const bool done = Scalar(field, JsonType::kNumber, &bits, &kept);
  cursor_ = outer;
  if (done) PutBits(field.wire_type, bits);
  return done;
}

}  // namespace bridge::transcode
