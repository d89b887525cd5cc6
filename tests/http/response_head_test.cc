#include "bridge/http/response_head.h"

#include <string>

#include "gtest/gtest.h"

namespace bridge::http {
namespace {

TEST(DateClockTest, WritesImfFixdate) {
  struct {
    std::time_t time;
    const char* text;
  } const cases[] = {
      {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
      {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},  // the example of RFC 9110 5.6.7
      {951827696, "Tue, 29 Feb 2000 12:34:56 GMT"},
      {1798761599, "Thu, 31 Dec 2026 23:59:59 GMT"},
      {1798761600, "Fri, 01 Jan 2027 00:00:00 GMT"},
  };
  DateClock clock;
  for (const auto& c : cases) {
    EXPECT_EQ(clock.Format(c.time), c.text);
    EXPECT_EQ(clock.Format(c.time), c.text);
  }
}

TEST(AppendHeadTest, WritesWhatIsGiven) {
  std::string out = "before|";
  ResponseHead head;
  head.status = 202;
  AppendHead(out, head, "D");
  EXPECT_EQ(out, "before|HTTP/1.1 202 Accepted\r\nDate: D\r\n\r\n");

  out.clear();
  head.status = 200;
  head.content_type = "text/plain";
  head.headers = "A: b\r\nC: d\r\n";
  head.content_length = 18446744073709551615u;
  head.persistence = Persistence::kClose;
  AppendHead(out, head, "D");
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Type: text/plain\r\n"
            "Content-Length: 18446744073709551615\r\nConnection: close\r\nA: b\r\nC: d\r\n\r\n");

  out.clear();
  head = ResponseHead();
  head.chunked = true;
  head.persistence = Persistence::kKeepAlive;
  AppendHead(out, head, "D");
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n"
            "Connection: keep-alive\r\n\r\n");
}

TEST(MayHaveBodyTest, KnowsTheBodiless) {
  for (int status : {200, 202, 205, 400, 500}) EXPECT_TRUE(MayHaveBody(status)) << status;
  for (int status : {100, 101, 204, 304}) EXPECT_FALSE(MayHaveBody(status)) << status;
}

}  // namespace
}  // namespace bridge::http
