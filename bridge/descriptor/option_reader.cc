#include "bridge/descriptor/option_reader.h"

namespace bridge::descriptor {
namespace {

constexpr uint64_t kStartGroup = 3;
constexpr uint64_t kEndGroup = 4;
constexpr int kMaxGroupDepth = 32;

}  // namespace

bool TakeVarint(std::string_view* bytes, uint64_t* value) {
  *value = 0;
  for (unsigned shift = 0; shift < 70 && !bytes->empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes->front());
    bytes->remove_prefix(1);
    if (shift < 64) *value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

bool OptionReader::ReadVarint(uint64_t* value) {
  return TakeVarint(&rest_, value);
}

bool OptionReader::ReadFixed(size_t size, uint64_t* value) {
  if (rest_.size() < size) return false;
  *value = 0;
  for (size_t i = size; i-- > 0;) *value = *value << 8 | static_cast<unsigned char>(rest_[i]);
  rest_.remove_prefix(size);
  return true;
}

bool OptionReader::SkipGroup(uint32_t number) {
  uint32_t open[kMaxGroupDepth] = {number};
  for (int depth = 1; depth > 0;) {
    uint64_t tag = 0;
    uint64_t value = 0;
    if (!ReadVarint(&tag)) return false;
    switch (tag & 7) {
      case kStartGroup:
        if (depth == kMaxGroupDepth) return false;
        open[depth++] = static_cast<uint32_t>(tag >> 3);
        break;
      case kEndGroup:
        if (open[--depth] != tag >> 3) return false;
        break;
      case static_cast<uint64_t>(WireType::kBytes):
        if (!ReadVarint(&value) || value > rest_.size()) return false;
        rest_.remove_prefix(value);
        break;
      case static_cast<uint64_t>(WireType::kVarint):
        if (!ReadVarint(&value)) return false;
        break;
      case static_cast<uint64_t>(WireType::kFixed64):
        if (!ReadFixed(8, &value)) return false;
        break;
      case static_cast<uint64_t>(WireType::kFixed32):
        if (!ReadFixed(4, &value)) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

bool OptionReader::Next(OptionField* field) {
  uint64_t tag = 0;
  while (!rest_.empty()) {
    if (!ReadVarint(&tag) || tag >> 3 == 0 || tag >> 32 != 0) return false;
    field->number = static_cast<uint32_t>(tag >> 3);
    field->bytes = {};
    field->value = 0;
    switch (tag & 7) {
      case static_cast<uint64_t>(WireType::kVarint):
        field->type = WireType::kVarint;
        return ReadVarint(&field->value);
      case static_cast<uint64_t>(WireType::kFixed64):
        field->type = WireType::kFixed64;
        return ReadFixed(8, &field->value);
      case static_cast<uint64_t>(WireType::kFixed32):
        field->type = WireType::kFixed32;
        return ReadFixed(4, &field->value);
      case static_cast<uint64_t>(WireType::kBytes): {
        uint64_t size = 0;
        if (!ReadVarint(&size) || size > rest_.size()) return false;
        field->type = WireType::kBytes;
        field->bytes = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return true;
      }
      case kStartGroup:
        if (!SkipGroup(field->number)) return false;
        break;
      default:
        return false;
    }
  }
  return false;
}

}  // namespace bridge::descriptor
