#include "bridge/transport/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bridge::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The value of Access-Control-Allow-Headers, in lower case, for a page that asks for `wanted`.
std::string AllowedHeaders(std::string_view wanted) {
  http::Request request;
  request.Add({"Access-Control-Request-Headers", wanted});
  std::string headers;
  AppendPreflight(request, &headers);
  constexpr std::string_view kName = "Access-Control-Allow-Headers: ";
  const size_t begin = headers.find(kName) + kName.size();
  std::string value = headers.substr(begin, headers.find("\r\n", begin) - begin);
  for (char& c : value) c = static_cast<char>(std::tolower(c));
  return ", " + value + ",";
}

TEST(B17Preflight, AllowsWhatClientsSend) {
  for (const char* name :
       {"content-type", "accept", "authorization", "last-event-id", "mcp-protocol-version",
        "mcp-method", "mcp-name", "mcp-session-id", "traceparent", "tracestate", "baggage"}) {
    EXPECT_THAT(AllowedHeaders(""), HasSubstr(std::string(", ") + name + ",")) << name;
  }
}

TEST(B17Preflight, AllowsTheParamHeadersThatAreAskedForAndNoOther) {
  const std::string allowed = AllowedHeaders(
      "authorization, mcp-param-region,Mcp-Param-Tenant-Id ,x-forwarded-for,"
      "mcp-param-,mcp-param-a b,mcp-param-\"x\",mcp-parameter");
  for (const char* name : {"mcp-param-region", "mcp-param-tenant-id"}) {
    EXPECT_THAT(allowed, HasSubstr(std::string(", ") + name + ",")) << name;
  }
  for (const char* name : {"x-forwarded-for", "mcp-param-,", "a b", "\"", "mcp-parameter"}) {
    EXPECT_THAT(allowed, Not(HasSubstr(name))) << name;
  }
}

TEST(B17Preflight, StaysSmallWhateverIsAskedFor) {
  std::string wanted;
  for (int i = 0; i < 1000; ++i) wanted += "mcp-param-" + std::to_string(i) + ",";
  const std::string allowed = AllowedHeaders(wanted);
  EXPECT_THAT(allowed, HasSubstr(", mcp-param-63,"));
  EXPECT_THAT(allowed, Not(HasSubstr(", mcp-param-64,")));
}

TEST(B17Cors, NamesTheOriginAndWhatAPageMayRead) {
  http::Request request;
  std::string headers;
  AppendCors(request, &headers);
  EXPECT_EQ(headers, "");
  request.Add({"Origin", "https://app.example.com"});
  AppendCors(request, &headers);
  EXPECT_EQ(headers,
            "Access-Control-Allow-Origin: https://app.example.com\r\n"
            "Access-Control-Expose-Headers: Mcp-Session-Id, Retry-After, Allow\r\n"
            "Vary: Origin\r\n");
}

}  // namespace
}  // namespace bridge::transport
