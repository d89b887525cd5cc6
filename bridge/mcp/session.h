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
#include <unordered_map>

#include "bridge/mcp/revision.h"

namespace bridge::mcp {

using SessionKey = std::array<uint8_t, 32>;

// A key from the operating system's random source.
SessionKey MakeSessionKey();

struct Session {
  const Revision* revision = nullptr;
  std::time_t expires = 0;
};

// Mints and checks tokens. Belongs to one reactor: not thread-safe.
class Sessions final {
 public:
  Sessions(const SessionKey& key, int ttl_seconds) : key_(key), ttl_seconds_(ttl_seconds) {}

  std::string Mint(const Revision& revision, std::time_t now) const;

  // Nothing when the token is not ours, altered, expired or ended by End here.
  std::optional<Session> Find(std::string_view token, std::time_t now);

  // Forgets a token before its time, in this process (others honour it until it expires).
  void End(std::string_view token, std::time_t now);

 private:
  std::optional<Session> Verify(std::string_view token, std::time_t now) const;
  void ForgetExpired(std::time_t now);

  SessionKey key_;
  int ttl_seconds_;
  std::unordered_map<std::string, Session> known_;      // verified lately, to spare a MAC; bounded
  std::unordered_map<std::string, std::time_t> ended_;  // with their expiry; bounded
  std::time_t first_expiry_ = 0;                        // of the ended ones, at the earliest
};

}  // namespace bridge::mcp
