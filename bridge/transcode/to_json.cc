#include "bridge/transcode/to_json.h"

#include <algorithm>
#include <string>

#include "bridge/base/utf8.h"
#include "bridge/descriptor/media_type.h"
#include "bridge/transcode/key_set.h"

namespace bridge::transcode {
namespace {

using descriptor::Kind;

std::string_view BytesOf(const uint64_t& bits) {
  return {reinterpret_cast<const char*>(&bits), sizeof(bits)};
}

// What is not UTF-8 as \xFF: different keys stay different, unless one is written like that itself.
std::string WithNamedBytes(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string named;
  for (;;) {
    const size_t good = Utf8PrefixLength(text);
    named.append(text, 0, good);
    if (good == text.size()) return named;
    const auto byte = static_cast<unsigned char>(text[good]);
    named.append({'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]});
    text.remove_prefix(good + 1);
  }
}

}  // namespace

ToJson::ToJson(PlanSet* plans, const CodecLimits& limits, Dialect dialect, Pass pass,
               Scratch* scratch)
    : plans_(plans),
      limits_(limits),
      tool_(dialect == Dialect::kTool),
      ordered_(pass == Pass::kOrdered),
      scratch_(*scratch),
      out_(scratch->out) {
  out_.Reset(limits.max_json_bytes);
}

bool ToJson::Run(const Plan& plan, std::string_view wire) {
  return Message(plan, Ranges(&wire, 1)) && CheckSize();
}

bool ToJson::RunWrapped(const Plan& plan, std::string_view wire) {
  out_.Append("{\"value\":");
  if (!Message(plan, Ranges(&wire, 1))) return failure_.InMember("value");
  out_.Append('}');
  return CheckSize();
}

bool ToJson::Message(const Plan& plan, Ranges ranges) {
  if (plan.well_known == descriptor::WellKnown::kNone) return Object(plan, ranges);
  const StackScope scope(&scratch_.records);
  if (!IndexMessage(plan, ranges, &scratch_)) return Malformed(plan);
  return WellKnown(plan, scope.base(), scratch_.records.size());
}

bool ToJson::Object(const Plan& plan, Ranges ranges) {
  const size_t mark = OpenItems();
  if (!Enter()) return false;
  if (!(ordered_ && ranges.size() == 1 ? OrderedMembers(plan, ranges[0]) : Members(plan, ranges))) {
    return false;
  }
  CloseItems(mark, '{', '}');
  Leave();
  return true;
}

bool ToJson::Members(const Plan& plan, Ranges ranges) {
  const StackScope scope(&scratch_.records);
  if (!IndexMessage(plan, ranges, &scratch_)) return Malformed(plan);
  const size_t end = scratch_.records.size();
  auto required = tool_ ? plan.required.end() : plan.required.begin();
  size_t next_field = 0;
  for (size_t i = scope.base(); i < end;) {
    const uint32_t index = scratch_.records[i].field;
    size_t next = i + 1;
    while (next < end && scratch_.records[next].field == index) ++next;
    const FieldPlan& field = plan.fields[index];
    if (required != plan.required.end() && *required <= index) {
      if (*required != index) break;
      ++required;
    }
    if (!plan.zeros.empty()) [[unlikely]] {
      PutZeros(plan, next_field, index);
      next_field = index + 1;
    }
    const bool outer = redacted_;
    redacted_ |= field.redacted;
    const bool text = tool_ && field.media_type >= 0 &&
                      MediaText(field, scratch_.records[next - 1].bytes(), scope.base(), end);
    if (!text && !Field(field, i, next)) return failure_.InMember(field.name);
    redacted_ = outer;
    if (!CheckSize()) return false;
    i = next;
  }
  if (!plan.zeros.empty()) [[unlikely]] {
    PutZeros(plan, next_field, plan.fields.size());
  }
  if (required != plan.required.end()) {
    return failure_.Set("required field \"" + plan.fields[*required].name + "\" is missing");
  }
  return true;
}

void ToJson::PutZeros(const Plan& plan, size_t from, size_t to) {
  for (size_t i = from; i < to; ++i) out_.Append(plan.zeros[i]);
}

bool ToJson::Field(const FieldPlan& field, size_t begin, size_t end) {
  if (!field.repeated) {
    if (field.child == nullptr) return PlainMember(field, scratch_.records[end - 1]);
    PutKey(field);
    return MergedValue(field, begin, end);
  }
  const size_t start = out_.size();
  PutKey(field);
  const size_t mark = OpenItems();
  if (!Enter()) return false;
  if (!(field.map ? Entries(field, begin, end) : Elements(field, begin, end))) return false;
  Leave();
  if (out_.size() == mark) {
    out_.Truncate(start);
  } else if (field.map) {
    CloseItems(mark, '{', '}');
  } else {
    CloseItems(mark, '[', ']');
  }
  return true;
}

bool ToJson::MediaText(const FieldPlan& field, std::string_view bytes, size_t begin, size_t end) {
  if (bytes.empty() || Utf8PrefixLength(bytes) != bytes.size()) return false;
  const Record type = LastRecord(static_cast<uint32_t>(field.media_type), begin, end);
  if (type.size == 0 || !descriptor::IsTextType(type.bytes())) return false;
  PutKey(field);
  AppendQuoted(bytes, &out_);
  return true;
}

// The value that all records of a singular field give together.
bool ToJson::MergedValue(const FieldPlan& field, size_t begin, size_t end) {
  if (field.child == nullptr || end - begin <= 1)
    return Value(field, LastRecord(field.index, begin, end));
  std::vector<std::string_view> ranges;
  for (size_t i = begin; i < end; ++i) ranges.push_back(scratch_.records[i].bytes());
  return Message(*field.child, ranges);
}

bool ToJson::Elements(const FieldPlan& field, size_t begin, size_t end) {
  size_t position = 0;
  for (size_t i = begin; i < end; ++i) {
    RunReader run(field, scratch_.records[i].bytes(), &scratch_.groups);
    while (!run.done()) {
      Record record;
      bool packed;
      if (!run.Next(&record, &packed)) return failure_.Set("malformed list");
      if (packed) {
        if (!PackedElements(field, record.bytes())) return false;
        continue;
      }
      if (IsUnknownValue(field, record.bits)) continue;
      out_.Append(',');
      if (!Value(field, record)) return failure_.InElement(position);
      if (!CheckSize()) return false;
      ++position;
    }
  }
  return true;
}

bool ToJson::PackedElements(const FieldPlan& field, std::string_view packed) {
  const char* p = packed.data();
  const char* const end = p + packed.size();
  while (p != end) {
    Record record;
    p = ReadBits(field.wire_type, p, end, &record.bits);
    if (p == nullptr) return failure_.Set("malformed packed list");
    if (IsUnknownValue(field, record.bits)) continue;
    out_.Append(',');
    Scalar(field, record.bits);
    if (!CheckSize()) return false;
  }
  return true;
}

bool ToJson::Entries(const FieldPlan& field, size_t begin, size_t end) {
  const StackScope scope(&scratch_.entries);
  if (!ReadEntries(field, begin, end)) return failure_.Set("malformed map entry");
  const size_t entries_end = scratch_.entries.size();
  for (size_t i = scope.base(); i < entries_end; ++i) {
    const MapEntry entry = scratch_.entries[i];
    if (!entry.live) continue;
    if (!Entry(field, entry)) {
      return redacted_ || entry.key.data() == nullptr ? failure_.InHiddenMember()
                                                      : failure_.InMember(entry.key);
    }
    if (!CheckSize()) return false;
  }
  return true;
}

// The last value of a key counts, at the place of the first.
bool ToJson::ReadEntries(const FieldPlan& field, size_t begin, size_t end) {
  KeySet keys(&scratch_.key_slots);
  for (size_t i = begin; i < end; ++i) {
    RunReader run(field, scratch_.records[i].bytes(), &scratch_.groups);
    while (!run.done()) {
      Record record;
      bool packed;
      MapEntry entry;
      if (!run.Next(&record, &packed)) return false;
      entry.payload = record.bytes();
      if (!ReadMapEntry(*field.child, &scratch_.groups, &entry)) return false;
      if (!entry.live) continue;
      const uint32_t earlier = AddEntry(entry, &keys);
      if (earlier != KeySet::kNone) scratch_.entries[earlier].payload = entry.payload;
    }
  }
  return true;
}

uint32_t ToJson::AddEntry(const MapEntry& entry, KeySet* keys) {
  std::vector<MapEntry>& entries = scratch_.entries;
  const auto same = [&entries, &entry](uint32_t other) {
    return entries[other].key == entry.key && entries[other].key_bits == entry.key_bits;
  };
  // No text is a number, or the empty text, whether it is there or left out.
  const uint64_t hash = entry.key.empty() ? HashKey(BytesOf(entry.key_bits)) : HashKey(entry.key);
  const uint32_t earlier = keys->Add(static_cast<uint32_t>(entries.size()), hash, same);
  if (earlier == KeySet::kNone) entries.push_back(entry);
  return earlier;
}

bool ToJson::Entry(const FieldPlan& field, const MapEntry& entry) {
  const Plan& plan = *field.child;
  const FieldPlan& value = plan.fields[1];
  if (!EntryKey(plan.fields[0], entry)) return false;
  const StackScope scope(&scratch_.records);
  if (!IndexMessage(plan, Ranges(&entry.payload, 1), &scratch_)) return Malformed(plan);
  const size_t end = scratch_.records.size();
  size_t begin = scope.base();
  while (begin < end && scratch_.records[begin].field != value.index) ++begin;
  return MergedValue(value, begin, end);
}

bool ToJson::EntryKey(const FieldPlan& key, const MapEntry& entry) {
  out_.Append(',');
  if (key.kind == Kind::kString) {
    const size_t start = out_.size();
    if (!AppendQuoted(entry.key, &out_)) {
      // Also where other strings may be anything: two keys with wrong bytes could become one.
      if (!tool_) return failure_.Set("the key is not valid UTF-8");
      out_.Truncate(start);
      AppendQuoted(WithNamedBytes(entry.key), &out_);
    }
  } else {
    // Numbers of 64 bits have their quotes already.
    const bool quoted = key.kind == Kind::kInt64 || key.kind == Kind::kSint64 ||
                        key.kind == Kind::kSfixed64 || key.kind == Kind::kUint64 ||
                        key.kind == Kind::kFixed64;
    if (!quoted) out_.Append('"');
    Scalar(key, entry.key_bits);
    if (!quoted) out_.Append('"');
  }
  out_.Append(':');
  return true;
}

Record ToJson::LastRecord(uint32_t field, size_t begin, size_t end) const {
  // They are sorted by field.
  const auto first = scratch_.records.begin() + static_cast<ptrdiff_t>(begin);
  const auto behind =
      std::upper_bound(first, scratch_.records.begin() + static_cast<ptrdiff_t>(end), field,
                       [](uint32_t wanted, const Record& record) { return wanted < record.field; });
  if (behind != first && behind[-1].field == field) return behind[-1];
  Record zero{};
  zero.field = field;
  return zero;
}

bool ToJson::Enter() {
  if (depth_ == limits_.max_depth) {
    return failure_.Set("nesting deeper than the limit of " + std::to_string(limits_.max_depth));
  }
  ++depth_;
  return true;
}

void ToJson::CloseItems(size_t mark, char open, char close) {
  char* end = out_.Reserve(2);
  if (out_.size() == mark) {
    *end++ = open;
  } else {
    out_.data()[mark] = open;
  }
  *end++ = close;
  out_.Commit(end);
}

bool ToJson::Malformed(const Plan& plan) {
  return failure_.Set("the bytes are not an encoded " + plan.message->full_name +
                      ": truncated, or of another type");
}

bool ToJson::TooLarge() {
  return failure_.Set("the JSON text is larger than the limit of " +
                      std::to_string(limits_.max_json_bytes) + " bytes");
}

}  // namespace bridge::transcode
