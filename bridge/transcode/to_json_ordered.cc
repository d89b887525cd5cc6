// One pass over messages as serializers write them: fields by number, a singular one once, the
// records of a repeated one together, map entries with key and value. Whatever is different, and
// whatever is wrong, ends the pass without a word, and the careful pass decides.

#include <string_view>

#include "bridge/base/json_scan.h"
#include "bridge/transcode/key_set.h"
#include "bridge/transcode/to_json.h"

namespace bridge::transcode {
namespace {

using descriptor::Kind;

// True if the record at `p` is one more element of `field`, with its tag as serializers write it:
// the tag of a packed list is none of an element.
bool Continues(const FieldPlan& field, const char* p, const char* end) {
  return !field.packed && static_cast<size_t>(end - p) > field.tag_size &&
         std::memcmp(p, field.tag, field.tag_size) == 0;
}

}  // namespace

bool ToJson::OrderedMembers(const Plan& plan, std::string_view wire) {
  const char* p = wire.data();
  const char* const end = p + wire.size();
  const FieldPlan* next = plan.fields.data();  // the first one that may come
  const FieldPlan* const fields_end = next + plan.fields.size();
  auto required = tool_ ? plan.required.end() : plan.required.begin();
  uint64_t oneofs = 0;
  while (p != end) {
    uint32_t tag;
    p = ReadTag(p, end, &tag);
    if (p == nullptr) return false;
    const FieldPlan* field = next;
    if (field == fields_end || field->element_tag != tag) {
      field = plan.FindByNumber(tag >> 3);
      if (field == nullptr || !Accepts(*field, tag)) {
        p = scratch_.groups.Skip(tag, p, end);
        if (p == nullptr) return false;
        continue;
      }
      if (field < next) return false;
      if (!plan.zeros.empty()) [[unlikely]] {
        PutZeros(plan, next->index, field->index);
      }
    }
    next = field + 1;
    if (required != plan.required.end() && *required <= field->index) {
      if (*required != field->index) return false;
      ++required;
    }
    if (field->oneof >= 0) {
      const uint64_t bit = uint64_t{1} << (field->oneof % 64);
      if ((oneofs & bit) != 0 || field->oneof >= 64) return false;
      oneofs |= bit;
    }
    p = field->repeated ? OrderedList(*field, tag, p, end) : OrderedMember(*field, p, end);
    if (p == nullptr || out_.over_limit()) return false;
  }
  if (!plan.zeros.empty()) [[unlikely]] {
    PutZeros(plan, static_cast<size_t>(next - plan.fields.data()), plan.fields.size());
  }
  return required == plan.required.end();
}

const char* ToJson::OrderedMember(const FieldPlan& field, const char* p, const char* end) {
  if (field.kind == Kind::kString) {
    uint32_t size;
    p = ReadLength(p, end, &size);
    if (p == nullptr || (size == 0 && !field.presence)) return p;
    const std::string_view text(p, size);
    char* const key_end = field.WriteKey(out_.Reserve(field.key_room() + size + 2));
    if (!PlainText(text, key_end)) {
      out_.Commit(key_end);
      if (!Text(field, text)) return nullptr;
    }
    return p + size;
  }
  Record record;
  p = field.packable() ? ReadBits(field.wire_type, p, end, &record.bits)
                       : scratch_.groups.Read(field.element_tag, p, end, &record);
  if (p == nullptr) return nullptr;
  if (field.child != nullptr) {
    PutKey(field);
    return Value(field, record) ? p : nullptr;
  }
  if (IsUnknownValue(field, record.bits)) return p;
  return PlainMember(field, record) ? p : nullptr;
}

inline bool ToJson::PlainText(std::string_view text, char* to) {
  char* const end = CopyPlainJson(to + 1, text.data(), text.size());
  if (end == nullptr) return false;
  *to = '"';
  *end = '"';
  out_.Commit(end + 1);
  return true;
}

const char* ToJson::OrderedList(const FieldPlan& field, uint32_t tag, const char* p,
                                const char* end) {
  const size_t start = out_.size();
  PutKey(field);
  const size_t mark = OpenItems();
  if (!Enter()) return nullptr;
  if (tag != field.element_tag) {
    uint32_t size;
    p = ReadLength(p, end, &size);
    if (p == nullptr || !PackedElements(field, {p, size})) return nullptr;
    p += size;
  } else {
    p = field.map ? OrderedEntries(field, p, end) : OrderedElements(field, p, end);
    if (p == nullptr) return nullptr;
  }
  Leave();
  if (out_.size() == mark) {
    out_.Truncate(start);
  } else {
    CloseItems(mark, field.map ? '{' : '[', field.map ? '}' : ']');
  }
  return p;
}

const char* ToJson::OrderedElements(const FieldPlan& field, const char* p, const char* end) {
  for (;;) {
    Record record;
    p = scratch_.groups.Read(field.element_tag, p, end, &record);
    if (p == nullptr || out_.over_limit()) return nullptr;
    if (field.kind == Kind::kString) {
      char* const comma = out_.Reserve(record.size + 3);
      *comma = ',';
      if (!PlainText(record.bytes(), comma + 1)) {
        out_.Commit(comma + 1);
        if (!Text(field, record.bytes())) return nullptr;
      }
    } else if (!IsUnknownValue(field, record.bits)) {
      out_.Append(',');
      if (!Value(field, record)) return nullptr;
    }
    if (!Continues(field, p, end)) return p;
    p += field.tag_size;
  }
}

const char* ToJson::OrderedEntries(const FieldPlan& field, const char* p, const char* end) {
  const StackScope scope(&scratch_.entries);
  KeySet keys(&scratch_.key_slots);
  for (;;) {
    uint32_t size;
    p = ReadLength(p, end, &size);
    if (p == nullptr || !OrderedEntry(*field.child, {p, size}, &keys)) return nullptr;
    p += size;
    if (!Continues(field, p, end)) return p;
    p += field.tag_size;
  }
}

// Numbers of key and value are 1 and 2, so that their tags are one byte.
bool ToJson::OrderedEntry(const Plan& plan, std::string_view payload, KeySet* keys) {
  const FieldPlan& key = plan.fields[0];
  const FieldPlan& value = plan.fields[1];
  const char* p = payload.data();
  const char* const end = p + payload.size();
  Record key_record{};
  Record value_record{};
  if (p != end && *p == key.tag[0])
    p = scratch_.groups.Read(key.element_tag, p + 1, end, &key_record);
  if (p == nullptr) return false;
  if (p != end && *p == value.tag[0])
    p = scratch_.groups.Read(value.element_tag, p + 1, end, &value_record);
  if (p != end || IsUnknownValue(value, value_record.bits)) return false;
  MapEntry entry{};
  if (key.kind == Kind::kString) {
    entry.key = key_record.bytes();
  } else {
    entry.key_bits = NormalKey(key.kind, key_record.bits);
  }
  return AddEntry(entry, keys) == KeySet::kNone && EntryKey(key, entry) && !out_.over_limit() &&
         Value(value, value_record);
}

}  // namespace bridge::transcode
