#include "bridge/telemetry/wire.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace bridge::telemetry {
namespace {

static_assert(std::endian::native == std::endian::little, "fixed fields are copied as they are");

constexpr size_t kInitialBytes = 4096;
constexpr size_t kMaxVarintBytes = 10;

}  // namespace

ReverseWriter::ReverseWriter()
    : capacity_(kInitialBytes), begin_(kInitialBytes), buffer_(new char[kInitialBytes]) {}

void ReverseWriter::Reserve(size_t bytes) {
  if (begin_ >= bytes) return;
  const size_t used = size();
  const size_t capacity = std::max(capacity_ * 2, used + bytes);
  std::unique_ptr<char[]> buffer(new char[capacity]);
  std::memcpy(buffer.get() + capacity - used, buffer_.get() + begin_, used);
  buffer_ = std::move(buffer);
  capacity_ = capacity;
  begin_ = capacity - used;
}

void ReverseWriter::PutVarint(uint64_t value) {
  Reserve(kMaxVarintBytes);
  char digits[kMaxVarintBytes];
  size_t count = 0;
  while (value >= 0x80) {
    digits[count++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  digits[count++] = static_cast<char>(value);
  begin_ -= count;
  std::memcpy(buffer_.get() + begin_, digits, count);
}

void ReverseWriter::WriteVarint(uint32_t field, uint64_t value) {
  PutVarint(value);
  PutTag(field, WireType::kVarint);
}

void ReverseWriter::WriteFixed64(uint32_t field, uint64_t value) {
  Reserve(sizeof(value));
  begin_ -= sizeof(value);
  std::memcpy(buffer_.get() + begin_, &value, sizeof(value));
  PutTag(field, WireType::kFixed64);
}

void ReverseWriter::WriteFixed32(uint32_t field, uint32_t value) {
  Reserve(sizeof(value));
  begin_ -= sizeof(value);
  std::memcpy(buffer_.get() + begin_, &value, sizeof(value));
  PutTag(field, WireType::kFixed32);
}

void ReverseWriter::WriteBytes(uint32_t field, std::string_view bytes) {
  Reserve(bytes.size());
  begin_ -= bytes.size();
  if (!bytes.empty()) std::memcpy(buffer_.get() + begin_, bytes.data(), bytes.size());
  PutVarint(bytes.size());
  PutTag(field, WireType::kBytes);
}

void ReverseWriter::WrapMessage(uint32_t field, size_t size_before) {
  PutVarint(size() - size_before);
  PutTag(field, WireType::kBytes);
}

bool WireReader::ReadVarint(uint64_t* value) {
  *value = 0;
  for (size_t i = 0; i < std::min(kMaxVarintBytes, text_.size()); ++i) {
    const uint8_t byte = static_cast<uint8_t>(text_[i]);
    *value |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      text_.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

bool WireReader::ReadFixed(size_t bytes, uint64_t* value) {
  if (text_.size() < bytes) return false;
  *value = 0;
  std::memcpy(value, text_.data(), bytes);
  text_.remove_prefix(bytes);
  return true;
}

bool WireReader::Next(WireField* field) {
  if (!ok_ || text_.empty()) return false;
  uint64_t tag = 0;
  if (!ReadVarint(&tag) || tag > UINT32_MAX || tag >> 3 == 0) return Fail();
  field->number = static_cast<uint32_t>(tag >> 3);
  switch (tag & 7) {
    case static_cast<uint8_t>(WireType::kVarint):
      field->type = WireType::kVarint;
      return ReadVarint(&field->value) || Fail();
    case static_cast<uint8_t>(WireType::kFixed64):
      field->type = WireType::kFixed64;
      return ReadFixed(8, &field->value) || Fail();
    case static_cast<uint8_t>(WireType::kFixed32):
      field->type = WireType::kFixed32;
      return ReadFixed(4, &field->value) || Fail();
    case static_cast<uint8_t>(WireType::kBytes): {
      uint64_t size = 0;
      if (!ReadVarint(&size) || size > text_.size()) return Fail();
      field->type = WireType::kBytes;
      field->bytes = text_.substr(0, size);
      text_.remove_prefix(size);
      return true;
    }
    default:
      return Fail();
  }
}

}  // namespace bridge::telemetry
