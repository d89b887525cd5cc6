#include "bridge/transcode/wire_index.h"

#include <algorithm>
#include <array>
#include <vector>

namespace bridge::transcode {
namespace {

using descriptor::Kind;

constexpr size_t kFewRecords = 64;  // sorted without a buffer
constexpr size_t kFewOneofs = 8;

// The record from which on the members of each oneof count.
class Oneofs {
 public:
  Oneofs(const Plan& plan, Scratch* scratch) : message_(++scratch->messages) {
    const size_t count = plan.message->oneofs.size();
    if (count > kFewOneofs) {
      if (scratch->oneofs.size() < count) scratch->oneofs.resize(count);
      states_ = scratch->oneofs.data();
    } else {
      for (size_t i = 0; i < count; ++i) few_[i].message = 0;
    }
  }
  Oneofs(const Oneofs&) = delete;
  Oneofs& operator=(const Oneofs&) = delete;

  // A member was found at position `at`.
  void Set(const FieldPlan& field, size_t at) {
    OneofState& state = states_[field.oneof];
    const bool known = state.message == message_;
    if (known && state.member == field.index) return;
    if (known) switched_ = true;
    state = {message_, at, field.index};
  }
  bool switched() const { return switched_; }
  bool IsCleared(const FieldPlan& field, size_t at) {
    return field.oneof >= 0 && at < states_[field.oneof].since;
  }

 private:
  const uint64_t message_;
  bool switched_ = false;
  std::array<OneofState, kFewOneofs> few_;  // only as many as there are oneofs are set
  OneofState* states_ = few_.data();
};

class Indexer {
 public:
  Indexer(const Plan& plan, Scratch* scratch)
      : plan_(plan),
        records_(scratch->records),
        groups_(scratch->groups),
        base_(records_.size()),
        oneofs_(plan, scratch) {}

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
          p = groups_.Skip(tag, p, end);
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
    if (oneofs_.switched()) {
      size_t kept = base_;
      for (size_t i = base_; i < records_.size(); ++i) {
        if (!oneofs_.IsCleared(plan_.fields[records_[i].field], i)) records_[kept++] = records_[i];
      }
      records_.erase(records_.begin() + static_cast<ptrdiff_t>(kept), records_.end());
    }
    if (in_order_) return;
    const std::span<Record> found = std::span(records_).subspan(base_);
    if (found.size() > kFewRecords) return SortMany(found);
    const auto before = [](const Record& a, const Record& b) { return a.field < b.field; };
    for (auto at = found.begin(); at != found.end(); ++at) {
      std::rotate(std::upper_bound(found.begin(), at, *at, before), at, at + 1);
    }
  }

 private:
  // By counting: what millions of records cost must not grow faster than their bytes. Nor must a
  // few cost what the message could have.
  void SortMany(std::span<Record> found) const {
    if (found.size() < plan_.fields.size()) {
      std::stable_sort(found.begin(), found.end(),
                       [](const Record& a, const Record& b) { return a.field < b.field; });
      return;
    }
    std::vector<uint32_t> next(plan_.fields.size() + 1);
    for (const Record& record : found) ++next[record.field + 1];
    for (size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
    const std::vector<Record> unsorted(found.begin(), found.end());
    for (const Record& record : unsorted) found[next[record.field]++] = record;
  }

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
        return groups_.Read(field.element_tag, p, end, &Push(field));
      }
    }
  }

  // One record for all that follow each other with the same tag.
  const char* AddRun(const FieldPlan& field, uint32_t tag, const char* start, const char* p,
                     const char* end) {
    for (;;) {
      p = groups_.Skip(tag, p, end);
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
  GroupEnds& groups_;
  const size_t base_;
  bool in_order_ = true;
  uint32_t last_ = 0;
  Oneofs oneofs_;
};

}  // namespace

bool IndexMessage(const Plan& plan, Ranges ranges, Scratch* scratch) {
  Indexer indexer(plan, scratch);
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
  p_ = groups_.Read(tag, p_, end_, record);
  return p_ != nullptr;
}

bool ReadMapEntry(const Plan& entry_plan, GroupEnds* groups, MapEntry* entry) {
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
      p = groups->Read(tag, p, end, &record);
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
      p = groups->Skip(tag, p, end);
      if (p == nullptr) return false;
    }
  }
  return true;
}

}  // namespace bridge::transcode
