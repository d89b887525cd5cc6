#include "bridge/transcode/group_ends.h"

#include <cstddef>

namespace bridge::transcode {
namespace {

constexpr int kMaxGroupDepth = 100;
constexpr ptrdiff_t kSmallGroup = 32;  // bytes; it is sooner read again than looked up

}  // namespace

const char* GroupEnds::Read(uint32_t tag, const char* p, const char* end, Record* record) {
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

const char* GroupEnds::Skip(uint32_t tag, const char* p, const char* end, int depth) {
  uint64_t ignored;
  uint32_t size;
  switch (tag & 7) {
    case kLength:
      p = ReadLength(p, end, &size);
      return p == nullptr ? nullptr : p + size;
    case kStartGroup: {
      const char* content_end;
      return SkipGroup(tag >> 3, p, end, depth + 1, &content_end);
    }
    default:
      return ReadBits(static_cast<WireType>(tag & 7), p, end, &ignored);
  }
}

const char* GroupEnds::SkipGroup(uint32_t number, const char* p, const char* end, int depth,
                                 const char** content_end) {
  if (depth > kMaxGroupDepth) return nullptr;
  if (!ends_.empty()) {
    if (const auto found = ends_.find(p); found != ends_.end()) {
      *content_end = found->second.content;
      return found->second.tag;
    }
  }
  const char* const start = p;
  for (;;) {
    uint32_t tag;
    *content_end = p;
    p = ReadTag(p, end, &tag);
    if (p == nullptr) return nullptr;
    if ((tag & 7) == kEndGroup) {
      if (tag >> 3 != number) return nullptr;
      break;
    }
    p = Skip(tag, p, end, depth);
    if (p == nullptr) return nullptr;
  }
  // The outermost one is not asked for again by levels around it.
  if (depth > 1 && p - start > kSmallGroup) ends_.emplace(start, End{*content_end, p});
  return p;
}

}  // namespace bridge::transcode
