// Writing: lengths that are not known yet, and keys of maps.

#include <algorithm>
#include <functional>

#include "bridge/transcode/to_wire.h"

namespace bridge::transcode {

bool ToWire::AddKey(KeySet* keys, size_t at, size_t size) {
  const std::string_view record = out_.view().substr(at, size);
  const auto same = [this, record](uint32_t other) {
    return out_.view().substr(other, record.size()) == record;
  };
  if (keys->Add(static_cast<uint32_t>(at), HashKey(record), same) == KeySet::kNone) return true;
  return failure_.Set("duplicate map key; every key may be given only once");
}

std::string_view ToWire::KeepKey(std::string_view key, std::string* copy) const {
  const std::string_view text = cursor_->text();
  const std::less_equal<const char*> before;
  if (before(text.data(), key.data()) && before(key.data(), text.data() + text.size())) return key;
  *copy = key;
  return *copy;
}

void ToWire::CloseLater(size_t mark, size_t size) {
  std::vector<LateLength>& lengths = scratch_.lengths;
  for (auto inner = lengths.rbegin(); inner != lengths.rend() && inner->at >= mark; ++inner) {
    size += VarintSize(inner->size) - 1;
  }
  lengths.push_back({mark - 1, size});
}

// From the end, so that every byte moves once.
void ToWire::InsertLengths() {
  std::vector<LateLength>& lengths = scratch_.lengths;
  if (lengths.empty()) return;
  std::sort(lengths.begin(), lengths.end(),
            [](const LateLength& a, const LateLength& b) { return a.at < b.at; });
  size_t extra = 0;
  for (const LateLength& length : lengths) extra += VarintSize(length.size) - 1;
  size_t from = out_.size();
  char* to = out_.Reserve(extra) + extra;
  out_.Commit(to);
  for (auto length = lengths.rbegin(); length != lengths.rend(); ++length) {
    const size_t content = length->at + 1;
    to -= from - content;
    std::memmove(to, out_.data() + content, from - content);
    to -= VarintSize(length->size);
    WriteVarint(to, length->size);
    from = length->at;
  }
}

}  // namespace bridge::transcode
