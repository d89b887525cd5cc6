// The legacy sessions that clients have ended before their time, kept as digests: one table for the
// whole process, since any reactor may be asked next. Any thread.
//
// Nothing that was taken is forgotten before the session would have expired, so the table can be
// full. One client alone cannot fill it: each may have as many entries as there are free ones, so a
// flood takes half of the table, the next client's half of the rest, and whoever ends a few
// sessions always finds room.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace bridge::mcp {

// The first bytes of a session token's signature: nobody can make two tokens that share them.
using SessionDigest = std::array<uint8_t, 16>;

// Of all clients together: some 9 MiB.
inline constexpr size_t kMaxEndedSessions = 200'000;

class EndedSessions final {
 public:
  explicit EndedSessions(size_t most = kMaxEndedSessions) : most_(most) {}

  // Remembers that the session which expires at `expires` has ended. `client` tells who
  // asked, such as a key of an address. False when it has no room left: the session lives on.
  bool Add(const SessionDigest& session, std::time_t expires, std::time_t now, uint64_t client);
  bool Contains(const SessionDigest& session) const;

  // Grows with each session that ends: while it stays the same, what was alive still is.
  uint64_t changes() const { return changes_.load(std::memory_order_acquire); }

 private:
  struct Entry {
    std::time_t expires;
    uint64_t client;
  };

  bool HasRoom(uint64_t client) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetExpired(std::time_t now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t most_;
  std::atomic<uint64_t> changes_{0};
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<SessionDigest, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<uint64_t, size_t> by_client_ ABSL_GUARDED_BY(mutex_);
  std::time_t first_expiry_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bridge::mcp
