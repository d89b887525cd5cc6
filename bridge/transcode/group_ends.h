// Payloads on the wire, and where groups end. A group has no length: its end is found by reading
// all of it, so that the ends of the groups inside are remembered, or each level of groups in
// groups would be read once more by every level around it.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "bridge/transcode/wire.h"

namespace bridge::transcode {

class GroupEnds final {
 public:
  // Forgets what belongs to another text.
  void Clear() {
    if (!ends_.empty()) [[unlikely]] {
      ends_.clear();
    }
  }

  // Reads the payload that belongs to `tag` into `record`. Like Skip it returns the position behind
  // the payload, or null if it is malformed.
  const char* Read(uint32_t tag, const char* p, const char* end, Record* record);
  // Steps over the payload; groups are followed to a depth of 100.
  const char* Skip(uint32_t tag, const char* p, const char* end) { return Skip(tag, p, end, 0); }

 private:
  struct End {
    const char* content;
    const char* tag;  // behind the end tag
  };

  const char* Skip(uint32_t tag, const char* p, const char* end, int depth);
  // `content_end` becomes the position of the end tag.
  const char* SkipGroup(uint32_t number, const char* p, const char* end, int depth,
                        const char** content_end);

  std::unordered_map<const char*, End> ends_;  // by the first byte of their content
};

}  // namespace bridge::transcode
