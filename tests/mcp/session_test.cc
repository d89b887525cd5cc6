#include "bridge/mcp/session.h"

#include <gtest/gtest.h>

namespace bridge::mcp {
namespace {

constexpr std::time_t kNow = 1'800'000'000;

TEST(Sessions, ATokenCarriesItsRevisionToAnyReplicaWithTheKey) {
  const SessionKey key = MakeSessionKey();
  EndedSessions ended;
  const std::string token = Sessions({key}, 60, &ended).Mint(*FindRevision("2025-06-18"), kNow);
  for (const char c : token) EXPECT_TRUE(c > ' ' && c < 0x7f) << token;
  EndedSessions ended_there;
  Sessions other_replica({key}, 60, &ended_there);
  const auto session = other_replica.Find(token, kNow + 59);
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(session->revision->version, "2025-06-18");
  EXPECT_TRUE(other_replica.Find(token, kNow + 59).has_value());  // remembered
}

TEST(Sessions, ATokenEndsAtItsTime) {
  EndedSessions ended;
  Sessions sessions({MakeSessionKey()}, 60, &ended);
  const std::string token = sessions.Mint(NewestLegacy(), kNow);
  EXPECT_FALSE(sessions.Find(token, kNow + 60).has_value());
  EXPECT_TRUE(sessions.Find(token, kNow).has_value());
  EXPECT_FALSE(sessions.Find(token, kNow + 60).has_value());  // though remembered
}

TEST(Sessions, EveryAlteredTokenIsRefused) {
  EndedSessions ended;
  Sessions sessions({MakeSessionKey()}, 60, &ended);
  const std::string token = sessions.Mint(NewestLegacy(), kNow);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sessions.Find(altered, kNow).has_value()) << i;
    EXPECT_FALSE(sessions.Find(token.substr(0, i), kNow).has_value()) << i;
  }
  EXPECT_FALSE(sessions.Find(token + "A", kNow).has_value());
  EXPECT_FALSE(sessions.Find(std::string(10'000, 'A'), kNow).has_value());
  EXPECT_FALSE(
      Sessions({MakeSessionKey()}, 60, &ended).Find(token, kNow).has_value());  // another key
}

TEST(Sessions, AnEndedTokenStaysEnded) {
  EndedSessions ended;
  Sessions sessions({MakeSessionKey()}, 60, &ended);
  const std::string token = sessions.Mint(NewestLegacy(), kNow);
  const std::string other = sessions.Mint(NewestLegacy(), kNow);
  EXPECT_NE(token, other);
  const auto session = sessions.Find(token, kNow);
  ASSERT_TRUE(session.has_value());
  ASSERT_TRUE(ended.Add(session->digest, session->expires, kNow, 1));
  EXPECT_FALSE(sessions.Find(token, kNow).has_value());
  EXPECT_TRUE(sessions.Find(other, kNow).has_value());
  for (int i = 0; i < 5000; ++i) sessions.Find(sessions.Mint(NewestLegacy(), kNow), kNow);
  EXPECT_FALSE(sessions.Find(token, kNow).has_value());  // not pushed out by many others
}

}  // namespace
}  // namespace bridge::mcp
