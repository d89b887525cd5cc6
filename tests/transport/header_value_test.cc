#include "bridge/transport/header_value.h"

#include <gtest/gtest.h>

namespace bridge::transport {
namespace {

TEST(DecodeMirrored, Table) {
  struct Case {
    const char* value;
    std::optional<std::string> want;
  };
  const Case kCases[] = {
      {"plain", "plain"},
      {"", ""},
      {"=?base64?SGVsbG8=?=", "Hello"},
      {"=?base64?"
       "?=",
       ""},
      {"=?base64?w7w=?=", "\xc3\xbc"},
      {"=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?="},
      {"=?base64?SGVsbG8=", "=?base64?SGVsbG8="},
      {"SGVsbG8=?=", "SGVsbG8=?="},
      {"=?base64?SGVsbG8?=", std::nullopt},      // padding is missing
      {"=?base64?SGVs!!!bG8=?=", std::nullopt},  // foreign characters
      {"=?base64?SGVsbG9=?=", std::nullopt},     // spare bits
      {"=?base64?_-8=?=", std::nullopt},         // the URL alphabet
      {"=?base64?/w==?=", std::nullopt},         // not UTF-8
      {"=?base64?====?=", std::nullopt},
  };
  for (const Case& c : kCases) EXPECT_EQ(DecodeMirrored(c.value), c.want) << c.value;
}

Accepted Read(const std::vector<const char*>& lines) {
  http::Request request;
  for (const char* line : lines) request.Add({"Accept", line});
  return FindAccepted(request);
}

TEST(B20Accept, WhatIsAcceptableAndHowMuch) {
  struct Case {
    const char* accept;
    int json, event_stream;
  };
  constexpr Case kCases[] = {
      {"application/json, text/event-stream", 1000, 1000},
      {"text/event-stream,application/json", 1000, 1000},
      {"*/*", 1000, 1000},
      {"application/json", 1000, 0},
      {"Application/JSON; charset=utf-8", 1000, 0},
      {"text/*", 0, 1000},
      {"application/json;q=0, text/event-stream;q=0.5", 0, 500},
      {"application/json; q=0.000", 0, 0},
      {"application/jsonx", 0, 0},
      {"text/html", 0, 0},
      {"", 0, 0},
      // The most specific range decides, in any order.
      {"application/json;q=0, */*", 0, 1000},
      {"*/*, application/json;q=0", 0, 1000},
      {"text/*;q=0, */*;q=0.1", 100, 0},
      {"text/*;q=0.3, text/event-stream;q=0, */*", 1000, 0},
      {"application/*;q=0.2, */*;q=0.9, text/event-stream;q=0.7", 200, 700},
      {"text/html, application/xhtml+xml, */*;q=0.8", 800, 800},
      {"*/*;q=0", 0, 0},
      {"*/*;q=0, application/json", 1000, 0},
      {"*/json", 0, 0},
      // Weights.
      {"application/json;q=1.000, text/event-stream;Q=0.001", 1000, 1},
      {"application/json ; q=0.25 ,text/event-stream", 250, 1000},
      {"application/json;q=0.9, application/json;q=0.2", 900, 0},
      {"application/json;q=2", 1000, 0},
      {"application/json;q=", 1000, 0},
      {"application/json;q=0.0001", 1000, 0},
      {"application/json;q=1.5", 1000, 0},
      {"application/json;q=0.x", 1000, 0},
      // Parameters: our forms have none.
      {"application/json;version=2;q=0, */*;q=0.5", 500, 500},
      {"application/json;version=2;q=0.4", 400, 0},
      {"application/json;version=2;q=0.4, application/json;q=0.6", 600, 0},
      {"application/json;title=\"a, text/event-stream;q=1\";q=0.5", 500, 0},
      {"application/json;title=\"\\\"\", text/event-stream", 1000, 1000},
  };
  for (const Case& c : kCases) {
    const Accepted accepted = Read({c.accept});
    EXPECT_EQ(accepted.json, c.json) << c.accept;
    EXPECT_EQ(accepted.event_stream, c.event_stream) << c.accept;
  }
  EXPECT_EQ(Read({}).json, 1000);
  EXPECT_EQ(Read({}).event_stream, 1000);
}

// RFC 9110, 5.3: a list may come in several lines.
TEST(B20Accept, SeveralLinesAreOneList) {
  EXPECT_EQ(Read({"application/json", "text/event-stream"}).json, 1000);
  EXPECT_EQ(Read({"application/json", "text/event-stream"}).event_stream, 1000);
  EXPECT_EQ(Read({"text/html", "text/event-stream"}).json, 0);
  EXPECT_EQ(Read({"*/*", "application/json;q=0"}).json, 0);
  EXPECT_EQ(Read({"application/json;q=0", "*/*"}).json, 0);
  EXPECT_EQ(Read({"application/json;q=0", "*/*"}).event_stream, 1000);
}

TEST(IsMediaType, ComparesTheEssence) {
  EXPECT_TRUE(IsMediaType("application/json", "application/json"));
  EXPECT_TRUE(IsMediaType("Application/Json ; charset=utf-8", "application/json"));
  EXPECT_FALSE(IsMediaType("application/jsonp", "application/json"));
  EXPECT_FALSE(IsMediaType("text/plain", "application/json"));
  EXPECT_FALSE(IsMediaType("", "application/json"));
}

}  // namespace
}  // namespace bridge::transport
