#include "bridge/transcode/to_wire.h"

#include <array>
#include <functional>
#include <memory>

#include "bridge/transcode/key_set.h"
#include "bridge/transcode/number_text.h"

namespace bridge::transcode {
namespace {

using descriptor::Kind;
using descriptor::WellKnown;

}  // namespace

// Which members of one object were there already, and which member each oneof has.
class ToWire::Members {
 public:
  explicit Members(const Plan& plan) : plan_(plan) {
    const size_t words = (plan.fields.size() + 63) / 64;
    const size_t oneofs = plan.message->oneofs.size();
    if (words <= small_seen_.size() && oneofs <= small_oneofs_.size()) return;
    large_ = std::make_unique<Large>(words, oneofs);
    seen_ = large_->seen.data();
    oneofs_ = large_->oneofs.data();
  }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  // False if the field was there before.
  bool Add(uint32_t index) {
    uint64_t& word = seen_[index / 64];
    const uint64_t bit = uint64_t{1} << (index % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    return true;
  }
  bool Has(uint32_t index) const { return (seen_[index / 64] >> (index % 64) & 1) != 0; }
  const std::string& OneofName(const FieldPlan& field) const {
    return plan_.message->oneofs[static_cast<size_t>(field.oneof)].name;
  }
  // Null, or the other member that the field's oneof already has.
  const FieldPlan* Claim(const FieldPlan& field) {
    uint32_t& member = oneofs_[field.oneof];
    if (member != 0) return &plan_.fields[member - 1];
    member = field.index + 1;
    return nullptr;
  }

 private:
  struct Large {
    Large(size_t words, size_t oneof_count) : seen(words), oneofs(oneof_count) {}
    std::vector<uint64_t> seen;
    std::vector<uint32_t> oneofs;
  };

  const Plan& plan_;
  std::array<uint64_t, 4> small_seen_{};
  std::array<uint32_t, 8> small_oneofs_{};  // index + 1
  uint64_t* seen_ = small_seen_.data();
  uint32_t* oneofs_ = small_oneofs_.data();
  std::unique_ptr<Large> large_;
};

ToWire::ToWire(PlanSet* plans, const CodecLimits& limits, const ParseOptions& options,
               Faults faults, Scratch* scratch)
    : plans_(plans),
      limits_(limits),
      options_(options),
      max_faults_(faults == Faults::kFirst ? 1 : static_cast<size_t>(limits.max_faults) + 1),
      scratch_(*scratch),
      out_(scratch->out) {
  out_.Reset(limits.max_wire_bytes);
  if (options.repairs != nullptr) *options.repairs = 0;
}

bool ToWire::Run(const Plan& plan, std::string_view json) {
  JsonCursor cursor(json, limits_.max_depth);
  cursor_ = &cursor;
  if (!Message(plan)) return false;
  if (!cursor.Finish()) return SyntaxError();
  return !out_.over_limit() || TooLarge();
}

bool ToWire::RunWrapped(const Plan& plan, std::string_view json) {
  JsonCursor cursor(json, limits_.max_depth + 1);
  cursor_ = &cursor;
  if (!Wrapped(plan)) return false;
  if (!cursor.Finish()) return SyntaxError();
  return !out_.over_limit() || TooLarge();
}

bool ToWire::Wrapped(const Plan& plan) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kObject) {
    return Repair(type, JsonType::kObject, "an object with the member \"value\"",
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
      return FieldMask();
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
      return Single(plan.fields[0], type, false);
    }
  }
}

bool ToWire::Object(const Plan& plan, bool in_any) {
  JsonType type;
  if (!cursor_->Peek(&type)) return SyntaxError();
  if (type != JsonType::kObject) {
    return Repair(type, JsonType::kObject, ExpectedObject(plan),
                  [&] { return Object(plan, in_any); });
  }
  if (!cursor_->EnterObject()) return SyntaxError();
  Items items(this);
  Members members(plan);
  size_t expected = 0;
  bool seen_type = false;
  std::string_view key;
  const FieldPlan* field;
  while (NextMember(plan, &expected, &key, &field)) {
    const JsonCursor::Place value = cursor_->place();
    const bool is_type = field == nullptr && in_any && key == kTypeMember;
    const bool done = field != nullptr ? Member(*field, &members)
                      : is_type        ? SkipType(&seen_type)
                                       : OtherMember(plan, key);
    if (!done && !items.StepOver(value)) return false;
    if (!items.Fit()) return false;
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
    if (field.source->required) return failure_.Set("null is not allowed for a required field");
    return cursor_->ReadNull() || SyntaxError();
  }
  if (field.oneof >= 0) {
    if (const FieldPlan* const other = members->Claim(field); other != nullptr) {
      return failure_.Set("\"" + other->name + "\" and \"" + field.name +
                          "\" can not both be set: they are alternatives of \"" +
                          members->OneofName(field) + "\"");
    }
  }
  const bool outer = redacted_;
  redacted_ |= field.redacted;
  const bool done = field.map        ? Map(field)
                    : field.repeated ? List(field)
                                     : Single(field, type, field.presence);
  redacted_ = outer;
  if (!done && (field.source->behavior & descriptor::kOutputOnly) != 0 &&
      !field.source->IsArgument()) {
    failure_.Append("; only the service sets this field: leave it out");
  }
  return done;
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
    default: {
      uint64_t bits = 0;
      bool kept = true;
      if (!Scalar(field, type, &bits, &kept)) return false;
      if (!kept || (bits == 0 && !always)) return true;
      PutTag(field);
      PutBits(field.wire_type, bits);
      return true;
    }
  }
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
    return Repair(type, JsonType::kArray, "an array", [&] { return List(field); });
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
    return Repair(type, JsonType::kObject, "an object", [&] { return Map(field); });
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

bool ToWire::AddKey(KeySet* keys, size_t at, size_t size) {
  const std::string_view record = out_.view().substr(at, size);
  const auto same = [this, record](uint32_t other) {
    return out_.view().substr(other, record.size()) == record;
  };
  if (keys->Add(static_cast<uint32_t>(at), HashKey(record), same) == KeySet::kNone) return true;
  return failure_.Set("duplicate map key; every key may be given only once");
}

std::string_view ToWire::KeepKey(std::string_view key, std::string* copy) const {
  const std::string_view text = cursor_->text();
  const std::less_equal<const char*> before;
  if (before(text.data(), key.data()) && before(key.data(), text.data() + text.size())) return key;
  *copy = key;
  return *copy;
}

void ToWire::PutBits(WireType wire_type, uint64_t bits) {
  char* const p = out_.Reserve(kMaxVarint);
  if (wire_type == kVarint) {
    out_.Commit(WriteVarint(p, bits));
  } else {
    std::memcpy(p, &bits, sizeof(bits));
    out_.Commit(p + (wire_type == kFixed64 ? 8 : 4));
  }
}

void ToWire::PutBytes(std::string_view bytes) {
  char* const p = WriteVarint(out_.Reserve(kMaxVarint + bytes.size()), bytes.size());
  if (!bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());
  out_.Commit(p + bytes.size());
}

void ToWire::CloseLength(size_t mark) {
  const size_t size = out_.size() - mark;
  const size_t extra = VarintSize(size) - 1;
  if (extra > 0) {
    char* const end = out_.Reserve(extra);
    std::memmove(out_.data() + mark + extra, out_.data() + mark, size);
    out_.Commit(end + extra);
  }
  WriteVarint(out_.data() + mark - 1, size);
}

}  // namespace bridge::transcode
