// What is said of answers that no gRPC library would make: codes beyond gRPC's, pages of proxies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/faults/http2.h"
#include "tests/faults/raw_upstream.h"
#include "tests/faults/tool_error.h"
#include "tests/faults/upstream_process.h"

namespace bridge::testing {
namespace {

using http2::Field;
using http2::Frame;
using ::testing::HasSubstr;
using ::testing::Not;

// An upstream that describes itself well and answers each call with these headers.
class Words : public ::testing::Test {
 protected:
  Outcome Answer(const std::string& fields, const std::string& body = "") {
    front_.Become([fields, body](int socket) {
      if (!http2::Greet(socket)) return;
      while (const uint32_t stream = http2::AwaitCall(socket)) {
        const int flags =
            body.empty() ? http2::kEndHeaders | http2::kEndStream : http2::kEndHeaders;
        std::string frames = Frame(http2::kHeaders, flags, stream, fields);
        if (!body.empty()) frames += Frame(http2::kData, http2::kEndStream, stream, body);
        if (!SendAll(socket, frames)) return;
      }
    });
    Outcome outcome;
    // The first may meet the connection that ends.
    for (int i = 0; i < 2; ++i) outcome = CallTool(bridge_, "Front_Say");
    return outcome;
  }

  UpstreamProcess behind_{"Front", {"Say"}};
  RawUpstream front_{behind_.port()};
  BridgeProcess bridge_{{"--call-timeout", "5s", "--refresh", "0", "front=" + front_.target()}};
};

using B31Codes = Words;
using B26Pages = Words;

TEST_F(B31Codes, BeyondGrpcsKeepTheirNumber) {
  for (const char* number : {"17", "2000", "5002"}) {
    const Outcome outcome = Answer(http2::ResponseHead() + Field("grpc-status", number) +
                                   Field("grpc-message", "busy"));
    EXPECT_THAT(outcome.text, HasSubstr(std::string("UNKNOWN: The service failed with a status of "
                                                    "its own, ") +
                                        number + "."));
    EXPECT_THAT(outcome.text, HasSubstr("The service says: \"busy\"."));
  }
}

TEST_F(B26Pages, OfProxiesMayHaveTakenEffect) {
  for (const char* status : {"502", "503", "504"}) {
    const Outcome outcome = Answer(Field(":status", status) + Field("content-type", "text/html"),
                                   "<html><h1>Gateway Time-out</h1></html>");
    EXPECT_EQ(outcome.status, "UNAVAILABLE") << outcome.text;
    EXPECT_THAT(outcome.text, HasSubstr("The call may have taken effect."));
    EXPECT_THAT(outcome.text, Not(HasSubstr("ry again")));
  }
}

}  // namespace
}  // namespace bridge::testing
