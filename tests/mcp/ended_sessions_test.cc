#include "bridge/mcp/ended_sessions.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "bridge/mcp/session.h"

namespace bridge::mcp {
namespace {

constexpr std::time_t kNow = 1'800'000'000;
constexpr std::time_t kEnd = kNow + 86'400;

SessionDigest Digest(uint32_t number) {
  SessionDigest digest{};
  for (size_t i = 0; i < 4; ++i) digest[i] = static_cast<uint8_t>(number >> (8 * i));
  return digest;
}

// How many of `count` sessions, numbered from `first`, `client` can end.
size_t End(EndedSessions* ended, uint32_t first, uint32_t count, uint64_t client,
           std::time_t now = kNow) {
  size_t taken = 0;
  for (uint32_t i = 0; i < count; ++i) taken += ended->Add(Digest(first + i), kEnd, now, client);
  return taken;
}

TEST(A8EndedSessions, FarMoreThanOneClientsTrialsAreRemembered) {
  EndedSessions ended;
  EXPECT_EQ(End(&ended, 0, 16'400, 1), 16'400u);
  for (uint32_t i = 0; i < 16'400; ++i) ASSERT_TRUE(ended.Contains(Digest(i))) << i;
  EXPECT_FALSE(ended.Contains(Digest(16'400)));
}

TEST(A8EndedSessions, WhatWasTakenIsNeverForgottenAndTheRestIsRefused) {
  EndedSessions ended(1000);
  std::vector<uint32_t> taken;
  for (uint32_t i = 0; i < 5000; ++i) {
    if (ended.Add(Digest(i), kEnd, kNow, 1)) taken.push_back(i);
  }
  EXPECT_EQ(taken.size(), 500u);  // half of the table
  for (const uint32_t i : taken) EXPECT_TRUE(ended.Contains(Digest(i))) << i;
  EXPECT_FALSE(ended.Contains(Digest(4999)));
}

TEST(A8EndedSessions, NoClientTakesTheRoomOfTheOthers) {
  EndedSessions ended(1000);
  EXPECT_EQ(End(&ended, 0, 9000, 1), 500u);
  EXPECT_EQ(End(&ended, 10'000, 9000, 2), 250u);
  EXPECT_EQ(End(&ended, 20'000, 9000, 3), 125u);
  EXPECT_EQ(End(&ended, 30'000, 9000, 1), 0u);
  EXPECT_EQ(End(&ended, 40'000, 20, 4), 20u);
}

TEST(A8EndedSessions, EndingTwiceIsOnceAndIsAnsweredTheSameWhenFull) {
  EndedSessions ended(10);
  EXPECT_EQ(End(&ended, 0, 10, 1), 5u);
  EXPECT_EQ(End(&ended, 0, 5, 1), 5u);
  EXPECT_EQ(End(&ended, 5, 5, 1), 0u);
}

TEST(A8EndedSessions, RoomComesBackWhenTheSessionsHaveExpired) {
  EndedSessions ended(1000);
  EXPECT_EQ(End(&ended, 0, 9000, 1), 500u);
  EXPECT_EQ(End(&ended, 10'000, 9000, 1, kEnd - 1), 0u);
  EXPECT_TRUE(ended.Add(Digest(20'000), kEnd + 60, kEnd, 1));
  EXPECT_FALSE(ended.Contains(Digest(0)));  // expired: nobody asks any more
  EXPECT_TRUE(ended.Contains(Digest(20'000)));
}

TEST(A8EndedSessions, AllReactorsKnowAtOnce) {
  EndedSessions ended;
  const SessionKey key = MakeSessionKey();
  Sessions one({key}, 60, &ended);
  Sessions other({key}, 60, &ended);
  const std::string token = one.Mint(NewestLegacy(), kNow);
  const std::string alive = one.Mint(NewestLegacy(), kNow);
  const auto session = one.Find(token, kNow);
  ASSERT_TRUE(session.has_value());
  ASSERT_TRUE(other.Find(token, kNow).has_value());  // both keep it in mind
  ASSERT_TRUE(other.Find(alive, kNow).has_value());
  std::thread([&] { ended.Add(session->digest, session->expires, kNow, 1); }).join();
  EXPECT_FALSE(one.Find(token, kNow).has_value());
  EXPECT_FALSE(other.Find(token, kNow).has_value());
  EXPECT_TRUE(other.Find(alive, kNow).has_value());
}

TEST(SessionKeyRotation, ATokenOfTheSecondKeyIsUnderstoodAndNoneIsSignedWithIt) {
  EndedSessions ended;
  const SessionKey old_key = MakeSessionKey();
  const SessionKey new_key = MakeSessionKey();
  Sessions before({old_key}, 60, &ended);
  Sessions prepared({old_key, new_key}, 60, &ended);
  Sessions turned({new_key, old_key}, 60, &ended);
  Sessions after({new_key}, 60, &ended);
  const std::string old_token = before.Mint(NewestLegacy(), kNow);
  EXPECT_TRUE(prepared.Find(old_token, kNow).has_value());
  EXPECT_TRUE(turned.Find(old_token, kNow).has_value());
  EXPECT_FALSE(after.Find(old_token, kNow).has_value());
  EXPECT_TRUE(before.Find(prepared.Mint(NewestLegacy(), kNow), kNow).has_value());
  const std::string new_token = turned.Mint(NewestLegacy(), kNow);
  EXPECT_FALSE(before.Find(new_token, kNow).has_value());
  EXPECT_TRUE(prepared.Find(new_token, kNow).has_value());
  EXPECT_TRUE(after.Find(new_token, kNow).has_value());
  // One session under either order of the keys: ended in one, it has ended in the other.
  const auto session = turned.Find(old_token, kNow);
  ended.Add(session->digest, session->expires, kNow, 1);
  EXPECT_FALSE(prepared.Find(old_token, kNow).has_value());
}

}  // namespace
}  // namespace bridge::mcp
