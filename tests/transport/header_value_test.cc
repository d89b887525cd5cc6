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

TEST(ParseAccept, Table) {
  struct Case {
    const char* accept;
    bool json, event_stream;
  };
  constexpr Case kCases[] = {
      {"application/json, text/event-stream", true, true},
      {"text/event-stream,application/json", true, true},
      {"*/*", true, true},
      {"application/json", true, false},
      {"Application/JSON; charset=utf-8", true, false},
      {"text/*", false, true},
      {"application/json;q=0, text/event-stream;q=0.5", false, true},
      {"application/json; q=0.000", false, false},
      {"application/jsonx", false, false},
      {"text/html", false, false},
      {"", false, false},
  };
  for (const Case& c : kCases) {
    const Accepted accepted = ParseAccept(c.accept);
    EXPECT_EQ(accepted.json, c.json) << c.accept;
    EXPECT_EQ(accepted.event_stream, c.event_stream) << c.accept;
  }
  EXPECT_TRUE(ParseAccept(std::nullopt).json);
  EXPECT_TRUE(ParseAccept(std::nullopt).event_stream);
}

// RFC 9110, 5.3: a list may come in several lines.
TEST(FindAccepted, SeveralLinesAreOneList) {
  http::Request request;
  EXPECT_TRUE(FindAccepted(request).json);
  request.headers = {{"Accept", "application/json"}, {"X", "*/*"}, {"accept", "text/event-stream"}};
  EXPECT_TRUE(FindAccepted(request).json);
  EXPECT_TRUE(FindAccepted(request).event_stream);
  request.headers[0].value = "text/html";
  EXPECT_FALSE(FindAccepted(request).json);
  EXPECT_TRUE(FindAccepted(request).event_stream);
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
