// Which members of one object were there already, and which member each oneof has.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "bridge/transcode/key_set.h"
#include "bridge/transcode/plan.h"
#include "bridge/transcode/to_wire.h"

namespace bridge::transcode {

class ToWire::Members {
 public:
  Members(const Plan& plan, Scratch* scratch)
      : plan_(plan),
        many_(IsWide(plan) ? std::optional<KeySet>(std::in_place, &scratch->key_slots)
                           : std::optional<KeySet>()) {}
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  // False if the field was there before.
  bool Add(uint32_t index) {
    if (many_.has_value()) [[unlikely]] {
      const auto same = [index](uint32_t other) { return other == index; };
      return many_->Add(index, HashNumber(index), same) == KeySet::kNone;
    }
    uint64_t& word = seen_[index / 64];
    const uint64_t bit = uint64_t{1} << (index % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    return true;
  }
  // Of a field of proto2. Only once all members are there.
  bool Has(uint32_t index) {
    if (many_.has_value()) [[unlikely]] {
      return !Add(index);
    }
    return (seen_[index / 64] >> (index % 64) & 1) != 0;
  }
  const std::string& OneofName(const FieldPlan& field) const {
    return plan_.message->oneofs[static_cast<size_t>(field.oneof)].name;
  }
  // Null, or the other member that the field's oneof already has.
  const FieldPlan* Claim(const FieldPlan& field) {
    if (many_.has_value()) [[unlikely]] {
      return ClaimAmongMany(field);
    }
    uint32_t& member = oneofs_[static_cast<size_t>(field.oneof)];
    if (member != 0) return &plan_.fields[member - 1];
    member = field.index + 1;
    return nullptr;
  }

 private:
  static constexpr size_t kFewFields = 256;
  static constexpr size_t kFewOneofs = 8;
  static constexpr uint32_t kClaim = 1u << 30;  // in front of fields that hold their oneofs

  static bool IsWide(const Plan& plan) {
    return plan.fields.size() > kFewFields || plan.message->oneofs.size() > kFewOneofs;
  }

  const FieldPlan* ClaimAmongMany(const FieldPlan& field) {
    const auto same = [this, &field](uint32_t other) {
      return other >= kClaim && plan_.fields[other - kClaim].oneof == field.oneof;
    };
    const uint32_t holder = many_->Add(
        kClaim + field.index, HashNumber(kClaim + static_cast<uint32_t>(field.oneof)), same);
    return holder == KeySet::kNone ? nullptr : &plan_.fields[holder - kClaim];
  }

  const Plan& plan_;
  std::array<uint64_t, kFewFields / 64> seen_{};
  std::array<uint32_t, kFewOneofs> oneofs_{};  // index + 1
  // Where there are many fields: an object must not cost what it could have.
  std::optional<KeySet> many_;
};

}  // namespace bridge::transcode
