#include "bridge/http/exchange.h"

#include <cstring>
#include <memory>
#include <optional>
#include <string>

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
  Exchange exchange(limits);
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

}  // namespace
}  // namespace bridge::http
