#include "bridge/transcode/type_members.h"

#include <algorithm>
#include <functional>

namespace bridge::transcode {

const char* TypeMembers::Find(const JsonCursor& object) {
  const char* const at = object.place().at;
  const std::less<const char*> before;
  if (before(at, begin_) || !before(at, end_)) {
    places_.clear();
    begin_ = at;
    JsonCursor cursor = object;
    end_ = Read(&cursor) ? cursor.place().at : at;
  }
  const auto found =
      std::lower_bound(places_.begin(), places_.end(), at,
                       [](const Place& place, const char* p) { return place.object < p; });
  return found == places_.end() || found->object != at ? nullptr : found->type;
}

// Recursion is bounded by the cursor's depth.
bool TypeMembers::Read(JsonCursor* cursor) {
  JsonType type;
  if (!cursor->Peek(&type)) return false;
  if (type == JsonType::kObject) return ReadObject(cursor);
  if (type != JsonType::kArray) return cursor->SkipValue(nullptr);
  if (!cursor->EnterArray()) return false;
  while (cursor->NextElement()) {
    if (!Read(cursor)) return false;
  }
  return cursor->ok();
}

bool TypeMembers::ReadObject(JsonCursor* cursor) {
  const size_t slot = places_.size();
  places_.push_back({cursor->place().at, nullptr});
  if (!cursor->EnterObject()) return false;
  std::string_view key;
  for (bool first = true; cursor->NextMember(&key); first = false) {
    if (!first && key == kTypeMember && places_[slot].type == nullptr) {
      places_[slot].type = cursor->place().at;
    }
    if (!Read(cursor)) return false;
  }
  if (places_[slot].type == nullptr && places_.size() == slot + 1) places_.pop_back();
  return cursor->ok();
}

}  // namespace bridge::transcode
