#include "bridge/app/heartbeat.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace bridge::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Heartbeat, AThreadThatTakesNoWorkIsFoundAndMayRecover) {
  std::vector<std::function<void()>> posted;
  Heartbeat heartbeat([&posted](std::function<void()> work) { posted.push_back(std::move(work)); });
  const Heartbeat::Clock::time_point start;
  EXPECT_TRUE(heartbeat.Beats(start));
  EXPECT_TRUE(heartbeat.Beats(start + seconds(2)));
  EXPECT_FALSE(heartbeat.Beats(start + milliseconds(2001)));
  EXPECT_FALSE(heartbeat.Beats(start + seconds(60)));
  ASSERT_EQ(posted.size(), 1u);  // asked once, however often it was looked at
  posted[0]();
  EXPECT_TRUE(heartbeat.Beats(start + seconds(61)));
  EXPECT_EQ(posted.size(), 2u);
  EXPECT_FALSE(heartbeat.Beats(start + seconds(64)));
}

TEST(Heartbeat, WhatItPostedMayRunLater) {
  std::function<void()> posted;
  {
    Heartbeat heartbeat([&posted](std::function<void()> work) { posted = std::move(work); });
    EXPECT_TRUE(heartbeat.Beats(Heartbeat::Clock::time_point()));
  }
  posted();
}

}  // namespace
}  // namespace bridge::app
