// Upstreams that break TCP, HTTP/2 or gRPC itself. Of each: the call ends with a tool error within
// 5 s (its deadline is 1 s), the other upstream is served all the while, and once the upstream is
// well again calls work within 10 s.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

#include "tests/faults/bystander.h"
#include "tests/faults/http2.h"
#include "tests/faults/raw_upstream.h"
#include "tests/faults/tool_error.h"
#include "tests/faults/upstream_process.h"

namespace bridge::testing {
namespace {

using http2::Field;
using http2::Frame;
using http2::Number;
using std::chrono::seconds;
using ::testing::AnyOfArray;
using Statuses = std::vector<std::string>;

constexpr int kEndOfHeaders = http2::kEndHeaders;
constexpr int kEndOfStream = http2::kEndHeaders | http2::kEndStream;

struct Row {
  const char* what;
  Misdeed misdeed;
  Statuses statuses;  // any of these is right
};

void Reset(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

// Answers each call with these bytes.
Misdeed AnswerCall(std::function<std::string(uint32_t stream)> bytes) {
  return [bytes = std::move(bytes)](int socket) {
    if (!http2::Greet(socket)) return;
    while (const uint32_t stream = http2::AwaitCall(socket)) {
      if (!SendAll(socket, bytes(stream))) return;
    }
  };
}

// Answers the first with them and closes.
Misdeed AnswerAndClose(std::function<std::string(uint32_t stream)> bytes) {
  return [bytes = std::move(bytes)](int socket) {
    if (!http2::Greet(socket)) return;
    if (const uint32_t stream = http2::AwaitCall(socket)) SendAll(socket, bytes(stream));
  };
}

Misdeed Say(std::string bytes) {
  return [bytes = std::move(bytes)](int socket) {
    if (SendAll(socket, bytes)) Swallow(socket);
  };
}

std::string Head(uint32_t stream) {
  return Frame(http2::kHeaders, kEndOfHeaders, stream, http2::ResponseHead());
}

std::string Trailers(uint32_t stream, const std::string& fields) {
  return Frame(http2::kHeaders, kEndOfStream, stream, fields);
}

std::string Garbage() {
  std::string bytes;
  for (uint32_t i = 0, x = 12345; i < 4096; ++i, x = x * 1103515245 + 12345) {
    bytes.push_back(static_cast<char>(x >> 16));
  }
  return bytes;
}

// 4 KB that the table of HPACK keeps, and forty times "the same again": 160 KB in one frame.
std::string ManyHeaders(uint32_t stream) {
  std::string again = Field("x-long", std::string(3'900, 'm'));
  again[0] = '\x40';  // literal, to be kept
  again.append(40, '\xbe');
  return Frame(http2::kHeaders, kEndOfHeaders, stream, http2::ResponseHead() + again) +
         Frame(http2::kData, 0, stream, http2::Message("")) +
         Trailers(stream, Field("grpc-status", "0"));
}

const Statuses kBrokenOff = {"UNAVAILABLE", "INTERNAL", "UNKNOWN", "CANCELLED"};
const Statuses kLate = {"DEADLINE_EXCEEDED"};
const Statuses kNever = {"UNAVAILABLE", "DEADLINE_EXCEEDED"};

const Row kRows[] = {
    // Below HTTP/2.
    {"accepts and never says a word", Swallow, kNever},
    {"closes each connection", [](int) {}, kNever},
    {"resets each connection", Reset, kNever},
    {"says garbage", Say(Garbage()), kNever},
    {"says HTTP/1.1", Say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), kNever},
    {"says TLS", Say(std::string("\x15\x03\x01\x00\x02\x02\x46", 7)), kNever},
    {"says one byte", Say("\x01"), kNever},
    // HTTP/2 that goes wrong once a call has come.
    {"never answers", AnswerCall([](uint32_t) { return ""; }), kLate},
    {"closes at the call", AnswerAndClose([](uint32_t) { return ""; }), kBrokenOff},
    {"goes away", AnswerAndClose([](uint32_t) {
       return Frame(http2::kGoAway, 0, 0, Number(0) + Number(11) + "enhance your calm");
     }),
     kBrokenOff},
    {"goes away and stays", AnswerCall([](uint32_t stream) {
       return Frame(http2::kGoAway, 0, 0, Number(stream) + Number(0));
     }),
     kLate},
    {"resets the stream",
     AnswerCall([](uint32_t stream) { return Frame(http2::kRstStream, 0, stream, Number(2)); }),
     kBrokenOff},
    {"a frame longer than allowed", AnswerCall([](uint32_t stream) {
       return std::string("\xff\xff\xff", 3) + Frame(http2::kData, 0, stream, "").substr(3);
     }),
     kBrokenOff},
    {"frames of garbage",
     AnswerCall([](uint32_t) { return Garbage(); }),
     {kBrokenOff[0], kBrokenOff[1], kBrokenOff[2], kBrokenOff[3], "DEADLINE_EXCEEDED"}},
    {"data on a stream nobody opened",
     AnswerCall([](uint32_t stream) { return Frame(http2::kData, 0, stream + 100, "x"); }),
     {"UNAVAILABLE", "INTERNAL", "UNKNOWN", "DEADLINE_EXCEEDED"}},
    // gRPC that goes wrong.
    {"half a message and no more", AnswerCall([](uint32_t stream) {
       return Head(stream) +
              Frame(http2::kData, 0, stream, http2::Message("0123456789").substr(0, 8));
     }),
     kLate},
    {"half a message and a close", AnswerAndClose([](uint32_t stream) {
       return Head(stream) +
              Frame(http2::kData, 0, stream, http2::Message("0123456789").substr(0, 8));
     }),
     kBrokenOff},
    {"a message of 4 GB announced", AnswerCall([](uint32_t stream) {
       return Head(stream) +
              Frame(http2::kData, 0, stream, std::string(1, '\0') + Number(0xffffffff));
     }),
     kLate},  // gRPC waits for the whole of it before it compares its size with the limit
    {"half a message and the end", AnswerCall([](uint32_t stream) {
       return Head(stream) +
              Frame(http2::kData, 0, stream, http2::Message("0123456789").substr(0, 8)) +
              Trailers(stream, Field("grpc-status", "0"));
     }),
     kBrokenOff},
    {"OK without a message",
     AnswerCall([](uint32_t stream) {
       return Head(stream) + Trailers(stream, Field("grpc-status", "0"));
     }),
     {"INTERNAL", "UNIMPLEMENTED", "UNKNOWN"}},
    {"trailers without a status", AnswerCall([](uint32_t stream) {
       return Head(stream) + Frame(http2::kData, 0, stream, http2::Message("")) +
              Trailers(stream, Field("x", "y"));
     }),
     kBrokenOff},
    {"a status that is no number", AnswerCall([](uint32_t stream) {
       return Head(stream) + Trailers(stream, Field("grpc-status", "fine"));
     }),
     kBrokenOff},
    {"an HTTP status of a proxy",
     AnswerCall([](uint32_t stream) { return Trailers(stream, Field(":status", "503")); }),
     {"UNAVAILABLE"}},
    {"a compressed message that is not", AnswerCall([](uint32_t stream) {
       return Head(stream) +
              Frame(http2::kData, 0, stream, "\x01" + http2::Message("hello").substr(1)) +
              Trailers(stream, Field("grpc-status", "0"));
     }),
     kBrokenOff},
    {"160 KB of metadata",
     AnswerCall(ManyHeaders),
     {"RESOURCE_EXHAUSTED", "INTERNAL", "UNAVAILABLE"}},
};

// gRPC's core tells these like a call that no connection took.
TEST(B26NoStatus, AfterAnAnswerMayHaveTakenEffect) {
  UpstreamProcess behind("Front", {"Say"});
  RawUpstream front(behind.port());
  BridgeProcess bridge({"--call-timeout", "2s", "--refresh", "0", front.target()});
  const auto page = [](uint32_t stream) {
    return Frame(http2::kHeaders, kEndOfHeaders, stream,
                 Field(":status", "200") + Field("content-type", "text/html")) +
           Frame(http2::kData, http2::kEndStream, stream, "<html>Sign in</html>");
  };
  const auto trailers = [](uint32_t stream) {
    return Head(stream) + Frame(http2::kData, 0, stream, http2::Message("")) +
           Trailers(stream, Field("via", "proxy"));
  };
  const auto none = [](uint32_t stream) {
    return Head(stream) + Frame(http2::kData, http2::kEndStream, stream, http2::Message(""));
  };
  for (const auto& bytes :
       std::vector<std::function<std::string(uint32_t)>>{page, trailers, none}) {
    ExpectRecovery(bridge, "Front_Say", seconds(10));
    front.Become(AnswerCall(bytes));
    int answered = 0;
    for (int i = 0; i < 4; ++i) {
      const Outcome outcome = CallTool(bridge, "Front_Say");
      if (outcome.status == "UNAVAILABLE") continue;  // it met the connection that ended
      ++answered;
      EXPECT_EQ(outcome.status, "UNKNOWN");
      EXPECT_THAT(outcome.text,
                  ::testing::HasSubstr("What came back is no answer of a gRPC service. "
                                       "The call may have taken effect."));
      EXPECT_FALSE(outcome.retryable);
    }
    EXPECT_GT(answered, 0);
    front.Become(nullptr);
  }
}

// All rows against one bridge, so that what one leaves behind meets the next.
TEST(Wire, EachFaultIsAToolErrorInTimeAndPasses) {
  UpstreamProcess well("Well", {"Say"});
  UpstreamProcess behind("Front", {"Say"});
  RawUpstream front(behind.port());
  BridgeProcess bridge({"--call-timeout", "1s", "--refresh", "0", "front=" + front.target(),
                        "well=" + well.target()});
  Bystander bystander(bridge.mcp_port(), "Well_Say");
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.what);
    ExpectRecovery(bridge, "Front_Say", seconds(10));
    front.Become(row.misdeed);
    // The first may meet the connection that ends.
    for (int i = 0; i < 2; ++i) {
      const Outcome outcome = CallTool(bridge, "Front_Say");
      EXPECT_LT(outcome.took, seconds(5));
      Statuses right = row.statuses;
      right.insert(right.end(), {"UNAVAILABLE"});
      EXPECT_THAT(outcome.status, AnyOfArray(right)) << outcome.text;
    }
    front.Become(nullptr);
  }
  ExpectRecovery(bridge, "Front_Say", seconds(10));
  bystander.Stop();
  EXPECT_EQ(bridge.Stop(SIGTERM), 0);
}

// Two hundred calls and forty connections later the bridge holds what it held before: no
// descriptor, no thread, and no memory to speak of. Calls work again within 4 s of each fault: the
// next attempt to connect, 200 ms later, must not wait for a call to drive it.
TEST(Wire, TwoHundredFaultsLeaveNothingBehind) {
  UpstreamProcess behind("Front", {"Say"});
  RawUpstream front(behind.port());
  BridgeProcess bridge({"--call-timeout", "1s", "--refresh", "0", "front=" + front.target()});
  const Misdeed misdeeds[] = {
      Reset, Say(Garbage()), AnswerAndClose([](uint32_t) { return ""; }), AnswerCall(ManyHeaders),
      AnswerCall([](uint32_t stream) { return Frame(http2::kRstStream, 0, stream, Number(2)); })};
  const auto round = [&](int times) {
    for (int i = 0; i < times; ++i) {
      for (const Misdeed& misdeed : misdeeds) {
        front.Become(misdeed);
        for (int call = 0; call < 5; ++call) {
          EXPECT_NE(CallTool(bridge, "Front_Say").status, "OK");
        }
        front.Become(nullptr);
        ExpectRecovery(bridge, "Front_Say", seconds(4));
      }
    }
  };
  round(2);
  const Usage before = bridge.process().MeasureUsage();
  round(8);
  Usage after;
  EXPECT_TRUE(Becomes(seconds(10),
                      [&] {
                        after = bridge.process().MeasureUsage();
                        return after.descriptors <= before.descriptors &&
                               after.threads <= before.threads;
                      }))
      << "descriptors " << before.descriptors << " -> " << after.descriptors << ", threads "
      << before.threads << " -> " << after.threads;
  EXPECT_LT(after.resident_kb, before.resident_kb + 4096 + kQuarantineKb);
}

}  // namespace
}  // namespace bridge::testing
