#include "bridge/transcode/unknown_types.h"

#include "bridge/base/text.h"

namespace bridge::transcode {
namespace {

constexpr size_t kMaxTypes = 100;
constexpr size_t kMaxTypeNameBytes = 512;

bool IsFullName(std::string_view name) {
  if (name.size() > kMaxTypeNameBytes) return false;
  while (true) {
    const size_t dot = name.find('.');
    if (!IsIdentifier(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

void UnknownTypes::Note(std::string_view full_name) {
  if (!IsFullName(full_name)) return;
  {
    const std::lock_guard lock(mutex_);
    if (names_.size() == kMaxTypes || names_.contains(full_name)) return;
    names_.emplace(full_name);
  }
  on_new_();
}

std::vector<std::string> UnknownTypes::Names() const {
  const std::lock_guard lock(mutex_);
  return {names_.begin(), names_.end()};
}

void UnknownTypes::Keep(std::span<const std::string> known) {
  std::set<std::string, std::less<>> kept;
  const std::lock_guard lock(mutex_);
  for (const std::string& name : known) {
    if (names_.contains(name)) kept.insert(name);
  }
  names_ = std::move(kept);
}

}  // namespace bridge::transcode
