#include "bridge/http/exchange.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace bridge::http {
namespace {

std::string ToText(const Outgoing& out) {
  std::string text;
  for (const auto& piece : out.Left()) {
    text.append(static_cast<const char*>(piece.data()), piece.size());
  }
  return text;
}

TEST(OutgoingTest, LeftBeginsWhereSendingStopped) {
  Outgoing out;
  out.head = "head";
  out.body = "body";
  out.shared = std::make_shared<const std::string>("shared");
  out.tail = "tail";
  const std::string whole = "headbodysharedtail";
  for (size_t sent = 0; sent <= whole.size(); ++sent) {
    out.sent = sent;
    EXPECT_EQ(out.left(), whole.size() - sent);
    EXPECT_EQ(ToText(out), whole.substr(sent));
  }
  out.Clear();
  EXPECT_EQ(out.left(), 0u);
}

// A reader that always lags a little must not make a long stream grow.
TEST(OutgoingTest, TakesRoomForWhatWaitsOnly) {
  Outgoing out;
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string event = std::to_string(i) + std::string(1000, 'x');
    out.Append(event);
    expected += event;
    const size_t now = out.left() - 500;
    ASSERT_EQ(ToText(out).substr(0, now), expected.substr(0, now));
    out.sent += now;
    expected.erase(0, now);
  }
  EXPECT_LT(out.head.capacity(), 1u << 20);
}

TEST(ExchangeTest, ALargeBodyIsNotKept) {
  const Limits limits;
  ByteBudget budget(limits.buffered_bytes);
  Exchange exchange(limits, budget);
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n";
  head.copy(static_cast<char*>(exchange.Room().data()), head.size());
  exchange.Received(head.size());
  ASSERT_EQ(exchange.ParseHead(), HeadParser::Progress::kComplete);
  std::optional<Refusal> refusal;
  size_t left = 1'000'000;
  while (!exchange.TakeBody(refusal)) {
    ASSERT_TRUE(exchange.has_room());
    const auto room = exchange.Room();
    ASSERT_GT(room.size(), 0u);
    ASSERT_LE(room.size(), left);
    std::memset(room.data(), 'b', room.size());
    exchange.Received(room.size());
    left -= room.size();
  }
  EXPECT_EQ(left, 0u);
  EXPECT_EQ(exchange.request().body, std::string(1'000'000, 'b'));
  exchange.StartNext();
  EXPECT_EQ(exchange.request().body, "");
  EXPECT_FALSE(exchange.has_unread());
}

// Gives `exchange` a head and goes on with bytes of a body until it has `bytes` or is refused.
std::optional<Refusal> Feed(Exchange& exchange, std::string_view head, size_t bytes) {
  head.copy(static_cast<char*>(exchange.Room().data()), head.size());
  exchange.Received(head.size());
  EXPECT_EQ(exchange.ParseHead(), HeadParser::Progress::kComplete);
  std::optional<Refusal> refusal;
  while (!exchange.TakeBody(refusal) && !refusal && bytes > 0) {
    const size_t size = std::min(bytes, exchange.Room().size());
    std::memset(exchange.Room().data(), 'b', size);
    exchange.Received(size);
    bytes -= size;
  }
  return refusal;
}

constexpr size_t kBuffer = 20 * 1024;  // of each exchange
constexpr std::string_view kSized = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n";
constexpr std::string_view kChunked =
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nf4240\r\n";

TEST(ExchangeTest, BodiesShareABudget) {
  const Limits limits;
  for (const std::string_view head : {kSized, kChunked}) {
    ByteBudget budget(1'000'000 + 2 * kBuffer);
    Exchange first(limits, budget);
    EXPECT_FALSE(Feed(first, head, 400'000).has_value());
    Exchange second(limits, budget);
    const auto refusal = Feed(second, head, 700'000);
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->status, 503);
    // What one gives back another may take.
    second.Reset();
    first.Reset();
    EXPECT_FALSE(Feed(second, head, 700'000).has_value());
    EXPECT_FALSE(second.ChargeAnswer(310'000));
    EXPECT_TRUE(second.ChargeAnswer(20'000));
    second.Reset();
    EXPECT_TRUE(first.ChargeAnswer(1'000'000));
    EXPECT_FALSE(second.ChargeAnswer(1));
  }
}

TEST(ExchangeTest, ALargeLengthAloneTakesNothing) {
  const Limits limits;
  ByteBudget budget(500'000 + 10 * kBuffer);
  std::deque<Exchange> exchanges;
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(Feed(exchanges.emplace_back(limits, budget), kSized, 20'000).has_value()) << i;
  }
}

TEST(ExchangeTest, WhatIsDestroyedGivesItsShareBack) {
  const Limits limits;
  ByteBudget budget(500'000);
  for (int i = 0; i < 10; ++i) {
    Exchange exchange(limits, budget);
    EXPECT_FALSE(Feed(exchange, kSized, 200'000).has_value()) << i;
  }
}

}  // namespace
}  // namespace bridge::http
