#include "bridge/mcp/ended_sessions.h"

#include <algorithm>

namespace bridge::mcp {

bool EndedSessions::Add(const SessionDigest& session, std::time_t expires, std::time_t now,
                        uint64_t client) {
  const absl::MutexLock lock(&mutex_);
  if (entries_.contains(session)) return true;
  if (!HasRoom(client)) ForgetExpired(now);
  if (!HasRoom(client)) return false;
  first_expiry_ = entries_.empty() ? expires : std::min(first_expiry_, expires);
  entries_.emplace(session, Entry{expires, client});
  ++by_client_[client];
  changes_.fetch_add(1, std::memory_order_release);
  return true;
}

bool EndedSessions::Contains(const SessionDigest& session) const {
  const absl::MutexLock lock(&mutex_);
  return entries_.contains(session);
}

bool EndedSessions::HasRoom(uint64_t client) const {
  const auto own = by_client_.find(client);
  return (own == by_client_.end() ? 0 : own->second) < most_ - entries_.size();
}

// Times are seconds, so a flood makes this look through the table once a second at most.
void EndedSessions::ForgetExpired(std::time_t now) {
  if (now < first_expiry_) return;
  std::time_t first = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto [expires, client] = entry->second;
    if (expires > now) {
      first = first == 0 ? expires : std::min(first, expires);
      ++entry;
      continue;
    }
    const auto own = by_client_.find(client);
    if (--own->second == 0) by_client_.erase(own);
    entries_.erase(entry++);
  }
  first_expiry_ = first;
}

}  // namespace bridge::mcp
