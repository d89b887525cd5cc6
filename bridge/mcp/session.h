// Legacy sessions without a store: the Mcp-Session-Id is a signed, expiring token that carries the
// negotiated revision, so every replica with the same key understands it.
//
// Token: "1." base64url(payload) "." base64url(HMAC-SHA256(key, "1." payload text)); visible ASCII.
// Payload: revision, expiry in Unix seconds, 16 random bytes. It is no proof of who the caller is.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bridge/mcp/ended_sessions.h"
#include "bridge/mcp/revision.h"

namespace bridge::mcp {

using SessionKey = std::array<uint8_t, 32>;

// A key from the operating system's random source.
SessionKey MakeSessionKey();

struct Session {
  const Revision* revision = nullptr;
  std::time_t expires = 0;
  SessionDigest digest{};
};

// Mints and checks tokens. Belongs to one reactor: not thread-safe.
class Sessions final {
 public:
  // The first key signs, all of them are understood: so a key can be replaced while replicas with
  // the old one run. There is at least one. `ended` must outlive this object.
  Sessions(std::vector<SessionKey> keys, int ttl_seconds, EndedSessions* ended)
      : keys_(std::move(keys)), ttl_seconds_(ttl_seconds), ended_(*ended) {}

  std::string Mint(const Revision& revision, std::time_t now) const;

  // Nothing when the token is not ours, altered, expired or ended in this process (others honour it
  // until it expires).
  std::optional<Session> Find(std::string_view token, std::time_t now);

 private:
  std::optional<Session> Verify(std::string_view token, std::time_t now) const;

  const std::vector<SessionKey> keys_;
  const int ttl_seconds_;
  const EndedSessions& ended_;
  absl::flat_hash_map<std::string, Session> known_;  // verified lately, to spare a MAC; bounded
  uint64_t known_at_ = 0;                            // ended_.changes() when they were
};

}  // namespace bridge::mcp
