// Reads encoded protobuf messages field by field, without their schema: custom options are found
// by number in the raw bytes of the options they extend, so no option's .proto has to be present.
// A message option may be split over several records and a repeated number may be packed or not:
// treat every record of a number alike.
//
// A reader is a view: the bytes must outlive it and what it returns. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace bridge::descriptor {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct OptionField {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t value = 0;      // kVarint, kFixed64, kFixed32 (as unsigned bits)
  std::string_view bytes;  // kBytes
};

class OptionReader final {
 public:
  explicit OptionReader(std::string_view bytes) : rest_(bytes) {}

  // The next field; false at the end or where the bytes are malformed. Groups are skipped.
  bool Next(OptionField* field);

 private:
  bool ReadVarint(uint64_t* value);
  bool ReadFixed(size_t size, uint64_t* value);
  bool SkipGroup(uint32_t number);

  std::string_view rest_;
};

// Calls `visit` with each number of a repeated integer or enum field, packed or not.
template <typename Visit>
void ForEachNumber(const OptionField& field, Visit visit);

// Reads one varint from the front of `bytes` and removes it; false if it is malformed.
bool TakeVarint(std::string_view* bytes, uint64_t* value);

template <typename Visit>
void ForEachNumber(const OptionField& field, Visit visit) {
  if (field.type != WireType::kBytes) return visit(field.value);
  std::string_view packed = field.bytes;
  for (uint64_t value = 0; TakeVarint(&packed, &value);) visit(value);
}

}  // namespace bridge::descriptor
