// Every case runs whole, byte by byte and with the next request behind it: where the bytes are cut
// must never change what is understood.
#include "bridge/http/guard.h"

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/guard_cases.h"
#include "tests/http/guard_reading.h"

namespace bridge::http {
namespace {

using ::testing::HasSubstr;

class GuardTest : public ::testing::TestWithParam<GuardCase> {
 protected:
  static void Expect(const Outcome& outcome, bool with_next) {
    const GuardCase& c = GetParam();
    EXPECT_EQ(outcome.refusal.status, c.status) << outcome.refusal.reason;
    if (c.status != 0) {
      EXPECT_TRUE(outcome.requests.empty());
      EXPECT_THAT(std::string(outcome.refusal.reason), HasSubstr(std::string(c.says)));
      return;
    }
    ASSERT_EQ(outcome.requests.size(), with_next ? 2u : 1u);
    EXPECT_EQ(outcome.requests[0], c.says);
    if (with_next) {
      EXPECT_EQ(outcome.requests[1], "GET /next Host=h");
    }
  }
};

TEST_P(GuardTest, Whole) {
  Expect(Read(GetParam().bytes, std::string::npos), false);
}

TEST_P(GuardTest, ByteByByte) {
  Expect(Read(GetParam().bytes, 1), false);
}

TEST_P(GuardTest, WithAnotherBehind) {
  // Bytes behind an unfinished line would be part of it.
  const bool unfinished = GetParam().bytes.back() != '\n' && GetParam().status != 0;
  if (unfinished) return Expect(Read(GetParam().bytes, 7), false);
  Expect(Read(GetParam().bytes + std::string(kNext), std::string::npos), true);
  Expect(Read(GetParam().bytes + std::string(kNext), 5), true);
}

INSTANTIATE_TEST_SUITE_P(Cases, GuardTest, ::testing::ValuesIn(GuardCases()),
                         [](const auto& test) { return std::string(test.param.name); });

// Every prefix of a request waits for more; none is refused, none is taken for whole.
TEST(GuardTest, PrefixesAreIncomplete) {
  const std::string request = Chunked("3;x=y\r\nabc\r\n0\r\nTrailer-X: 1\r\n\r\n");
  for (size_t size = 0; size < request.size(); ++size) {
    const Outcome outcome = Read(std::string_view(request).substr(0, size), std::string::npos);
    EXPECT_TRUE(outcome.requests.empty()) << size;
    EXPECT_EQ(outcome.refusal.status, 0) << size << " " << outcome.refusal.reason;
  }
}

}  // namespace
}  // namespace bridge::http
