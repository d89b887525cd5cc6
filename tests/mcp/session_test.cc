#include "bridge/mcp/session.h"

#include <gtest/gtest.h>

namespace bridge::mcp {
namespace {

constexpr std::time_t kNow = 1'800'000'000;

TEST(Sessions, ATokenCarriesItsRevisionToAnyReplicaWithTheKey) {
  const SessionKey key = MakeSessionKey();
  const std::string token = Sessions(key, 60).Mint(*FindRevision("2025-06-18"), kNow);
  for (const char c : token) EXPECT_TRUE(c > ' ' && c < 0x7f) << token;
  Sessions other_replica(key, 60);
  const auto session = other_replica.Find(token, kNow + 59);
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(session->revision->version, "2025-06-18");
  EXPECT_TRUE(other_replica.Find(token, kNow + 59).has_value());  // remembered
}

TEST(Sessions, ATokenEndsAtItsTime) {
  Sessions sessions(MakeSessionKey(), 60);
  const std::string token = sessions.Mint(NewestLegacy(), kNow);
  EXPECT_FALSE(sessions.Find(token, kNow + 60).has_value());
  EXPECT_TRUE(sessions.Find(token, kNow).has_value());
  EXPECT_FALSE(sessions.Find(token, kNow + 60).has_value());  // though remembered
}

TEST(Sessions, EveryAlteredTokenIsRefused) {
  Sessions sessions(MakeSessionKey(), 60);
  const std::string token = sessions.Mint(NewestLegacy(), kNow);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sessions.Find(altered, kNow).has_value()) << i;
    EXPECT_FALSE(sessions.Find(token.substr(0, i), kNow).has_value()) << i;
  }
  EXPECT_FALSE(sessions.Find(token + "A", kNow).has_value());
  EXPECT_FALSE(sessions.Find(std::string(10'000, 'A'), kNow).has_value());
  EXPECT_FALSE(Sessions(MakeSessionKey(), 60).Find(token, kNow).has_value());  // another key
}

TEST(Sessions, AnEndedTokenStaysEnded) {
  Sessions sessions(MakeSessionKey(), 60);
  const std::string token = sessions.Mint(NewestLegacy(), kNow);
  const std::string other = sessions.Mint(NewestLegacy(), kNow);
  EXPECT_NE(token, other);
  sessions.End(token, kNow);
  EXPECT_FALSE(sessions.Find(token, kNow).has_value());
  EXPECT_TRUE(sessions.Find(other, kNow).has_value());
  for (int i = 0; i < 5000; ++i) sessions.Find(sessions.Mint(NewestLegacy(), kNow), kNow);
  EXPECT_FALSE(sessions.Find(token, kNow).has_value());  // not pushed out by many others
}

TEST(Sessions, AFloodOfEndedSessionsIsForgottenWithItsTime) {
  Sessions sessions(MakeSessionKey(), 60);
  for (int i = 0; i < 20'000; ++i) sessions.End(sessions.Mint(NewestLegacy(), kNow), kNow);
  const std::string alive = sessions.Mint(NewestLegacy(), kNow);
  EXPECT_TRUE(sessions.Find(alive, kNow).has_value());
  const std::string late = sessions.Mint(NewestLegacy(), kNow + 60);
  sessions.End(late, kNow + 60);
  EXPECT_FALSE(sessions.Find(late, kNow + 60).has_value());
}

}  // namespace
}  // namespace bridge::mcp
