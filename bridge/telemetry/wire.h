// The protobuf wire format, as much of it as OTLP needs.
//
// The writer works from the back to the front: a message is complete before its length is needed,
// so nothing is sized first or moved later. Fields must be written in reverse order.
// The reader checks every length against its text and copies nothing; the text must outlive it.
// Neither is thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bridge::telemetry {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

class ReverseWriter final {
 public:
  ReverseWriter();

  size_t size() const { return capacity_ - begin_; }
  std::string ToString() const { return std::string(buffer_.get() + begin_, size()); }

  void WriteVarint(uint32_t field, uint64_t value);
  void WriteFixed64(uint32_t field, uint64_t value);
  void WriteFixed32(uint32_t field, uint32_t value);
  void WriteBytes(uint32_t field, std::string_view bytes);
  // Makes what was written since size() was `size_before` the content of a submessage.
  void WrapMessage(uint32_t field, size_t size_before);

 private:
  void Reserve(size_t bytes);
  void PutVarint(uint64_t value);
  void PutTag(uint32_t field, WireType type) {
    PutVarint(uint64_t{field} << 3 | static_cast<uint8_t>(type));
  }

  size_t capacity_;
  size_t begin_;
  std::unique_ptr<char[]> buffer_;
};

struct WireField {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t value = 0;      // kVarint, kFixed64, kFixed32
  std::string_view bytes;  // kBytes

  bool Is(uint32_t field, WireType wire_type) const { return number == field && type == wire_type; }
};

class WireReader final {
 public:
  explicit WireReader(std::string_view text) : text_(text) {}

  // False at the end, and at the first malformed field: then ok() is false. Groups are malformed.
  bool Next(WireField* field);
  bool ok() const { return ok_; }

 private:
  bool Fail() {
    ok_ = false;
    return false;
  }
  bool ReadVarint(uint64_t* value);
  bool ReadFixed(size_t bytes, uint64_t* value);

  std::string_view text_;
  bool ok_ = true;
};

}  // namespace bridge::telemetry
