// First phase of wire bytes to JSON: finds the fields of one message, in the order of its plan,
// with the rules of merging applied (last scalar wins, a later oneof member clears the earlier).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "bridge/transcode/plan.h"
#include "bridge/transcode/scratch.h"

namespace bridge::transcode {

// The encoded message: one range, or several that have to be merged.
using Ranges = std::span<const std::string_view>;

// Appends the records of one message to `scratch->records`, sorted by field; those of one field
// keep their order. A singular field may have several: the last one counts for a scalar, all of
// them for a message. Unknown fields and unknown values of closed enums are left out. False if the
// bytes are not a message; lengths and nesting of unknown groups are checked.
bool IndexMessage(const Plan& plan, Ranges ranges, Scratch* scratch);

// Walks the records of a run of one repeated field.
class RunReader final {
 public:
  RunReader(const FieldPlan& field, std::string_view run, GroupEnds* groups)
      : field_(field), groups_(*groups), p_(run.data()), end_(p_ + run.size()) {}

  bool done() const { return p_ == end_; }
  // Reads the next record. `packed` tells that `record` holds the bytes of a packed list.
  // False if it is malformed.
  bool Next(Record* record, bool* packed);

 private:
  const FieldPlan& field_;
  GroupEnds& groups_;
  const char* p_;
  const char* end_;
};

// A number that a closed enum does not have: it counts as an unknown field.
inline bool IsUnknownValue(const FieldPlan& field, uint64_t bits) {
  return field.closed_enum && field.enumeration->FindQuotedName(static_cast<int32_t>(bits)).empty();
}

// A varint may carry more bits than the value has; they do not count.
inline bool IsZero(const FieldPlan& field, uint64_t bits) {
  switch (field.kind) {
    case descriptor::Kind::kInt32:
    case descriptor::Kind::kSint32:
    case descriptor::Kind::kUint32:
    case descriptor::Kind::kEnum:
      return static_cast<uint32_t>(bits) == 0;
    default:
      return bits == 0;
  }
}

// Of a map's key, so that equal keys have equal bits.
inline uint64_t NormalKey(descriptor::Kind kind, uint64_t bits) {
  switch (kind) {
    case descriptor::Kind::kBool:
      return bits == 0 ? 0 : 1;
    case descriptor::Kind::kInt32:
    case descriptor::Kind::kSint32:
    case descriptor::Kind::kUint32:
      return static_cast<uint32_t>(bits);
    default:
      return bits;
  }
}

inline bool Accepts(const FieldPlan& field, uint32_t tag) {
  return tag == field.element_tag || (field.repeated && field.packable() && (tag & 7) == kLength);
}

// Key of a map entry and whether the entry counts (its value is not unknown to a closed enum).
// False if it is malformed.
bool ReadMapEntry(const Plan& entry_plan, GroupEnds* groups, MapEntry* entry);

}  // namespace bridge::transcode
