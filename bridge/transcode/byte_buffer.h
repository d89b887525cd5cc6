// The buffer that a conversion writes into: grows, is reused by the next conversion of the thread,
// and does not clear what it grows by. Writers reserve room once and then write through a pointer.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

namespace bridge::transcode {

class ByteBuffer final {
 public:
  ByteBuffer() = default;
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ~ByteBuffer() { std::free(begin_); }

  // Starts a new conversion that may write up to `limit` bytes.
  void Reset(size_t limit) {
    at_ = begin_;
    limit_ = limit;
  }

  // Gives memory back that only an unusually large message needed; what was written is lost then.
  void Shrink() {
    if (Capacity() <= kKeptBytes) return;
    std::free(begin_);
    begin_ = at_ = end_ = nullptr;
  }

  // Room for `size` more bytes: where to write them. Commit() tells how far was written. Writing
  // beyond the limit is legal and shows in over_limit(), so a loop needs one test per item only.
  char* Reserve(size_t size) {
    if (static_cast<size_t>(end_ - at_) < size) Grow(size);
    return at_;
  }
  void Commit(char* end) { at_ = end; }

  void Append(std::string_view bytes) {
    char* const p = Reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void Append(char byte) {
    *Reserve(1) = byte;
    ++at_;
  }

  size_t size() const { return static_cast<size_t>(at_ - begin_); }
  void Truncate(size_t size) { at_ = begin_ + size; }
  char* data() { return begin_; }
  std::string_view view() const { return {begin_, size()}; }
  bool over_limit() const { return size() > limit_; }

 private:
  static constexpr size_t kKeptBytes = 1u << 20;

  size_t Capacity() const { return static_cast<size_t>(end_ - begin_); }

  void Grow(size_t size) {
    const size_t used = this->size();
    size_t capacity = Capacity() == 0 ? 4096 : 2 * Capacity();
    while (capacity - used < size) capacity *= 2;
    char* const grown = static_cast<char*>(std::realloc(begin_, capacity));
    if (grown == nullptr) throw std::bad_alloc();
    begin_ = grown;
    at_ = grown + used;
    end_ = grown + capacity;
  }

  char* begin_ = nullptr;
  char* at_ = nullptr;
  char* end_ = nullptr;
  size_t limit_ = 0;
};

}  // namespace bridge::transcode
