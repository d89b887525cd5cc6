#include "bridge/transcode/wire_index.h"

#include <algorithm>
#include <array>

namespace bridge::transcode {
namespace {

using descriptor::Kind;

constexpr int kMaxGroupDepth = 100;
constexpr ptrdiff_t kFewRecords = 64;  // sorted without the buffer that stable_sort allocates

// Returns the position behind the end tag.
const char* SkipGroup(uint32_t number, const char* p, const char* end, int depth,
                      const char** content_end) {
  if (depth > kMaxGroupDepth) return nullptr;
  for (;;) {
    uint32_t tag;
    *content_end = p;
    p = ReadTag(p, end, &tag);
    if (p == nullptr) return nullptr;
    if ((tag & 7) == kEndGroup) return tag >> 3 == number ? p : nullptr;
    p = SkipPayload(tag, p, end, depth);
    if (p == nullptr) return nullptr;
  }
}

// The record from which on the members of each oneof count.
class Oneofs {
 public:
  explicit Oneofs(const Plan& plan) {
    const size_t count = plan.message->oneofs.size();
    if (count > small_.size()) {
      large_.resize(count);
    } else {
      std::fill_n(small_.begin(), count, State{0, 0});
    }
  }

  // A member was found at position `at`.
  void Set(const FieldPlan& field, size_t at) {
    State& state = states()[field.oneof];
    if (state.member == field.index + 1) return;
    if (state.member != 0) switched_ = true;
    state = {field.index + 1, at};
  }
  bool switched() const { return switched_; }
  bool IsCleared(const FieldPlan& field, size_t at) {
    return field.oneof >= 0 && at < states()[field.oneof].since;
  }

 private:
  struct State {
    uint32_t member;  // index + 1
    size_t since;
  };

  State* states() { return large_.empty() ? small_.data() : large_.data(); }

  bool switched_ = false;
  std::array<State, 8> small_;  // only as many as there are oneofs are set
  std::vector<State> large_;
};

class Indexer {
 public:
  Indexer(const Plan& plan, std::vector<Record>* records)
      : plan_(plan), records_(*records), base_(records->size()), oneofs_(plan) {}

  bool Add(std::string_view range) {
    const char* p = range.data();
    const char* const end = p + range.size();
    const FieldPlan* const fields = plan_.fields.data();
    const size_t count = plan_.fields.size();
    size_t expected = 0;  // serializers write by number: try the next field first
    while (p != end) {
      uint32_t tag;
      const char* const start = p;
      p = ReadTag(p, end, &tag);
      if (p == nullptr) return false;
      const FieldPlan* field = nullptr;
      if (expected < count && fields[expected].element_tag == tag) {
        field = &fields[expected];
      } else {
        field = plan_.FindByNumber(tag >> 3);
        if (field == nullptr || !Accepts(*field, tag)) {
          p = SkipPayload(tag, p, end, 0);
          if (p == nullptr) return false;
          continue;
        }
      }
      p = field->repeated ? AddRun(*field, tag, start, p, end) : AddSingle(*field, p, end);
      if (p == nullptr) return false;
      expected = field->index + 1;
    }
    return true;
  }

  void Finish() {
    const auto begin = records_.begin() + static_cast<ptrdiff_t>(base_);
    if (oneofs_.switched()) {
      size_t kept = base_;
      for (size_t i = base_; i < records_.size(); ++i) {
        if (!oneofs_.IsCleared(plan_.fields[records_[i].field], i)) records_[kept++] = records_[i];
      }
      records_.erase(records_.begin() + static_cast<ptrdiff_t>(kept), records_.end());
    }
    if (in_order_) return;
    const auto before = [](const Record& a, const Record& b) { return a.field < b.field; };
    if (records_.end() - begin > kFewRecords) {
      std::stable_sort(begin, records_.end(), before);
      return;
    }
    for (auto at = begin; at != records_.end(); ++at) {
      std::rotate(std::upper_bound(begin, at, *at, before), at, at + 1);
    }
  }

 private:
  Record& Push(const FieldPlan& field) {
    in_order_ &= field.index >= last_;
    last_ = field.index;
    Record& record = records_.emplace_back();
    record.field = field.index;
    return record;
  }

  const char* AddSingle(const FieldPlan& field, const char* p, const char* end) {
    uint64_t bits;
    switch (field.wire_type) {
      case kVarint:
        p = ReadVarint(p, end, &bits);
        if (p == nullptr || IsUnknownValue(field, bits)) return p;
        if (field.oneof >= 0) oneofs_.Set(field, records_.size());
        Push(field).bits = bits;
        return p;
      case kLength: {
        if (field.oneof >= 0) oneofs_.Set(field, records_.size());
        Record& record = Push(field);
        p = ReadLength(p, end, &record.size);
        record.data = p;
        return p == nullptr ? nullptr : p + record.size;
      }
      default: {
        if (field.oneof >= 0) oneofs_.Set(field, records_.size());
        return ReadPayload(field.element_tag, p, end, &Push(field));
      }
    }
  }

  // One record for all that follow each other with the same tag.
  const char* AddRun(const FieldPlan& field, uint32_t tag, const char* start, const char* p,
                     const char* end) {
    for (;;) {
      p = SkipPayload(tag, p, end, 0);
      if (p == nullptr) return nullptr;
      uint32_t next;
      const char* const payload = p == end ? nullptr : ReadTag(p, end, &next);
      if (payload == nullptr || next != tag) break;
      p = payload;
    }
    Record& record = Push(field);
    record.size = static_cast<uint32_t>(p - start);
    record.data = start;
    return p;
  }

  const Plan& plan_;
  std::vector<Record>& records_;
  size_t base_;
  bool in_order_ = true;
  uint32_t last_ = 0;
  Oneofs oneofs_;
};

}  // namespace

const char* SkipPayload(uint32_t tag, const char* p, const char* end, int depth) {
  uint64_t ignored;
  uint32_t size;
  switch (tag & 7) {
    case kVarint:
      return ReadVarint(p, end, &ignored);
    case kFixed64:
      return ReadFixed<uint64_t>(p, end, &ignored);
    case kFixed32:
      return ReadFixed<uint32_t>(p, end, &ignored);
    case kLength:
      p = ReadLength(p, end, &size);
      return p == nullptr ? nullptr : p + size;
    case kStartGroup: {
      const char* content_end;
      return SkipGroup(tag >> 3, p, end, depth + 1, &content_end);
    }
    default:
      return nullptr;
  }
}

const char* ReadPayload(uint32_t tag, const char* p, const char* end, Record* record) {
  record->size = 0;
  if ((tag & 7) == kLength) {
    p = ReadLength(p, end, &record->size);
    record->data = p;
    return p == nullptr ? nullptr : p + record->size;
  }
  if ((tag & 7) == kStartGroup) {
    record->data = p;
    const char* content_end;
    p = SkipGroup(tag >> 3, p, end, 1, &content_end);
    if (p != nullptr) record->size = static_cast<uint32_t>(content_end - record->data);
    return p;
  }
  return ReadBits(static_cast<WireType>(tag & 7), p, end, &record->bits);
}

bool IndexMessage(const Plan& plan, Ranges ranges, std::vector<Record>* records) {
  Indexer indexer(plan, records);
  for (const std::string_view range : ranges) {
    if (!indexer.Add(range)) return false;
  }
  indexer.Finish();
  return true;
}

bool RunReader::Next(Record* record, bool* packed) {
  uint32_t tag;
  p_ = ReadTag(p_, end_, &tag);
  if (p_ == nullptr) return false;
  record->field = field_.index;
  *packed = tag != field_.element_tag;
  p_ = ReadPayload(tag, p_, end_, record);
  return p_ != nullptr;
}

bool ReadMapEntry(const Plan& entry_plan, MapEntry* entry) {
  const FieldPlan& key = entry_plan.fields[0];
  const FieldPlan& value = entry_plan.fields[1];
  entry->key = {};
  entry->key_bits = 0;
  entry->live = true;
  const char* p = entry->payload.data();
  const char* const end = p + entry->payload.size();
  while (p != end) {
    uint32_t tag;
    p = ReadTag(p, end, &tag);
    if (p == nullptr) return false;
    Record record;
    if (tag == key.element_tag) {
      p = ReadPayload(tag, p, end, &record);
      if (p == nullptr) return false;
      if (key.kind == Kind::kString) {
        entry->key = record.bytes();
      } else {
        entry->key_bits = NormalKey(key.kind, record.bits);
      }
    } else if (tag == value.element_tag && value.kind == Kind::kEnum) {
      p = ReadVarint(p, end, &record.bits);
      if (p == nullptr) return false;
      if (IsUnknownValue(value, record.bits)) entry->live = false;
    } else {
      p = SkipPayload(tag, p, end, 0);
      if (p == nullptr) return false;
    }
  }
  return true;
}

}  // namespace bridge::transcode
