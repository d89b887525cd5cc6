#include "bridge/mcp/session.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "absl/strings/escaping.h"

namespace bridge::mcp {
namespace {

constexpr size_t kMaxKnown = 4096;
constexpr size_t kMaxTokenBytes = 256;

void Random(uint8_t* bytes, int count) {
  if (RAND_bytes(bytes, count) != 1) std::abort();  // no randomness: nothing may be signed
}

template <typename Bytes>
std::string Base64Url(const Bytes& bytes) {
  return absl::WebSafeBase64Escape({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

using Mac = std::array<uint8_t, 32>;

Mac Sign(const SessionKey& key, std::string_view text) {
  uint8_t mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const uint8_t*>(text.data()), text.size(), mac, &size);
  Mac out;
  std::copy_n(mac, out.size(), out.begin());
  return out;
}

}  // namespace

SessionKey MakeSessionKey() {
  SessionKey key;
  Random(key.data(), static_cast<int>(key.size()));
  return key;
}

// The payload stays readable ("2025-11-25.1790000000.<random>"): nothing in it is secret.
std::string Sessions::Mint(const Revision& revision, std::time_t now) const {
  std::array<uint8_t, 16> nonce;
  Random(nonce.data(), nonce.size());
  std::string text = "1." + std::string(revision.version) + "." +
                     std::to_string(now + ttl_seconds_) + "." + Base64Url(nonce);
  return text + "." + Base64Url(Sign(keys_.front(), text));
}

std::optional<Session> Sessions::Find(std::string_view token, std::time_t now) {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  // Read before what it guards: a session that ends meanwhile is seen the next time.
  if (const uint64_t changes = ended_.changes(); changes != known_at_) {
    known_.clear();
    known_at_ = changes;
  }
  if (const auto found = known_.find(absl::string_view(token.data(), token.size()));
      found != known_.end()) {
    return found->second.expires > now ? std::optional(found->second) : std::nullopt;
  }
  const std::optional<Session> session = Verify(token, now);
  if (!session.has_value() || ended_.Contains(session->digest)) return std::nullopt;
  // No search for what to forget: whoever opens sessions must not slow down all others.
  if (known_.size() >= kMaxKnown) known_.clear();
  known_.emplace(std::string(token), *session);
  return session;
}

std::optional<Session> Sessions::Verify(std::string_view token, std::time_t now) const {
  const size_t last = token.rfind('.');
  if (last == std::string_view::npos || !token.starts_with("1.")) return std::nullopt;
  const std::string_view text = token.substr(0, last);
  const std::string_view given = token.substr(last + 1);
  Session session;
  const auto signed_with = [&](const SessionKey& key) {
    const Mac mac = Sign(key, text);
    const std::string wanted = Base64Url(mac);
    std::copy_n(mac.begin(), session.digest.size(), session.digest.begin());
    return given.size() == wanted.size() &&
           CRYPTO_memcmp(given.data(), wanted.data(), wanted.size()) == 0;
  };
  if (std::none_of(keys_.begin(), keys_.end(), signed_with)) return std::nullopt;
  const size_t version_end = text.find('.', 2);
  const size_t expiry_end = text.find('.', version_end + 1);
  if (version_end == std::string_view::npos || expiry_end == std::string_view::npos) {
    return std::nullopt;
  }
  session.revision = FindRevision(text.substr(2, version_end - 2));
  std::from_chars(text.data() + version_end + 1, text.data() + expiry_end, session.expires);
  if (session.revision == nullptr || session.expires <= now) return std::nullopt;
  return session;
}

}  // namespace bridge::mcp
