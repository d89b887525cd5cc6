// Calls that a connection ends without an answer. What the service provably never saw is sent again
// until it succeeds or the deadline is near; what it may have seen is sent once, and never offered
// for repetition. Each row is a promise of the packaged gRPC's too: an upgrade that tells one of
// these ends in other words fails here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>

#include "tests/faults/http2.h"
#include "tests/faults/raw_upstream.h"
#include "tests/faults/tool_error.h"
#include "tests/faults/upstream_process.h"

namespace bridge::testing {
namespace {

using http2::EmptyAnswer;
using http2::Field;
using http2::Frame;
using http2::Number;
using std::chrono::seconds;

constexpr uint32_t kRefusedStream = 7;
constexpr int kEndOfStream = http2::kEndHeaders | http2::kEndStream;

std::string GoAway(uint32_t last_stream, uint32_t error = 0) {
  return Frame(http2::kGoAway, 0, 0, Number(last_stream) + Number(error));
}

std::string Reset(uint32_t stream, uint32_t error) {
  return Frame(http2::kRstStream, 0, stream, Number(error));
}

std::string Head(uint32_t stream) {
  return Frame(http2::kHeaders, http2::kEndHeaders, stream, http2::ResponseHead());
}

std::string Status(const char* number, const char* message) {
  return Field("grpc-status", number) + Field("grpc-message", message);
}

// A status of the service itself, in trailers alone.
std::string Refusal(uint32_t stream, const char* number, const char* message) {
  return Frame(http2::kHeaders, kEndOfStream, stream,
               http2::ResponseHead() + Status(number, message));
}

std::string LateRefusal(uint32_t stream, const char* number, const char* message) {
  return Head(stream) + Frame(http2::kHeaders, kEndOfStream, stream, Status(number, message));
}

// Answers the first `bad` calls with `bytes` and all further ones properly; counts them.
class Peer final {
 public:
  using Bytes = std::function<std::string(uint32_t stream)>;

  Peer(int bad, bool close, Bytes bytes) : bad_(bad), close_(close), bytes_(std::move(bytes)) {}

  Misdeed misdeed() {
    return [this](int socket) {
      if (!http2::Greet(socket)) return;
      while (const uint32_t stream = http2::AwaitCall(socket)) {
        const bool bad = calls_++ < bad_;
        if (!SendAll(socket, bad ? bytes_(stream) : EmptyAnswer(stream))) return;
        if (bad && close_) return;
      }
    };
  }
  int calls() const { return calls_; }

 private:
  const int bad_;
  const bool close_;
  const Bytes bytes_;
  std::atomic<int> calls_{0};
};

struct Row {
  const char* what;
  bool close;  // the connection after it
  Peer::Bytes bytes;
};

const Row kUnseen[] = {
    {"goes away before the call", false, [](uint32_t) { return GoAway(0); }},
    {"goes away before the call and closes", true, [](uint32_t) { return GoAway(0); }},
    {"goes away in two steps", true, [](uint32_t) { return GoAway(0x7fffffff) + GoAway(0); }},
    {"goes away with an error before the call", true, [](uint32_t) { return GoAway(0, 11); }},
    {"refuses the stream", false, [](uint32_t stream) { return Reset(stream, kRefusedStream); }},
};

const Row kSeen[] = {
    {"closes", true, [](uint32_t) { return std::string(); }},
    {"goes away after the call and closes", true, [](uint32_t stream) { return GoAway(stream); }},
    {"goes away without end and closes", true, [](uint32_t) { return GoAway(0x7fffffff); }},
    {"resets the stream: internal", false, [](uint32_t stream) { return Reset(stream, 2); }},
    {"resets the stream: enhance your calm", false,
     [](uint32_t stream) { return Reset(stream, 11); }},
    {"refuses the stream after headers", false,
     [](uint32_t stream) { return Head(stream) + Reset(stream, kRefusedStream); }},
    {"the service says: GOAWAY received", false,
     [](uint32_t stream) { return Refusal(stream, "14", "GOAWAY received"); }},
    {"the service says after headers: GOAWAY received", false,
     [](uint32_t stream) { return LateRefusal(stream, "14", "GOAWAY received"); }},
    {"the service says: Transport closed", false,
     [](uint32_t stream) { return Refusal(stream, "14", "Transport closed"); }},
    {"the service says: Stream IDs exhausted", false,
     [](uint32_t stream) { return Refusal(stream, "14", "Stream IDs exhausted"); }},
    {"the service says what gRPC says of a refused stream", false,
     [](uint32_t stream) {
       return Refusal(stream, "14", "Received RST_STREAM with error code 7");
     }},
    {"the service says so after headers", false,
     [](uint32_t stream) {
       return LateRefusal(stream, "14", "Received RST_STREAM with error code 7");
     }},
    {"the service says: failed to connect to all addresses", false,
     [](uint32_t stream) {
       return Refusal(stream, "14", "failed to connect to all addresses; last error: UNKNOWN");
     }},
    {"an HTTP error of a proxy", false,
     [](uint32_t stream) {
       return Frame(http2::kHeaders, http2::kEndHeaders, stream,
                    Field(":status", "504") + Field("content-type", "text/html")) +
              Frame(http2::kData, http2::kEndStream, stream, "<html>Gateway Time-out</html>");
     }},
};

class LostCalls : public ::testing::Test {
 protected:
  // The outcome of the first call that reaches the peer: the connections before it have just been
  // closed, and a call may still meet the end of one.
  Outcome CallOnce(Peer* peer) {
    ExpectRecovery(bridge_, "Front_Say", seconds(10));
    front_.Become(peer->misdeed());
    Outcome outcome;
    for (int i = 0; i < 20 && peer->calls() == 0; ++i) outcome = CallTool(bridge_, "Front_Say");
    return outcome;
  }

  UpstreamProcess behind_{"Front", {"Say"}};
  RawUpstream front_{behind_.port()};
  BridgeProcess bridge_{{"--call-timeout", "5s", "--refresh", "0", "front=" + front_.target()}};
};

using B5LostCalls = LostCalls;
using B26MayHaveArrived = LostCalls;

TEST_F(B5LostCalls, WhatWasNeverSeenIsSentAgain) {
  for (const Row& row : kUnseen) {
    SCOPED_TRACE(row.what);
    for (const int bad : {1, 3}) {
      Peer peer(bad, row.close, row.bytes);
      const Outcome outcome = CallOnce(&peer);
      EXPECT_EQ(outcome.status, "OK") << outcome.text;
      EXPECT_EQ(peer.calls(), bad + 1);
      front_.Become(nullptr);
    }
  }
}

// The number is bounded, and at the end the call is offered for repetition: nothing has happened.
TEST_F(B5LostCalls, AServerThatRefusesForEverIsNotAskedForEver) {
  Peer peer(1 << 30, false, [](uint32_t stream) { return Reset(stream, kRefusedStream); });
  const Outcome outcome = CallOnce(&peer);
  EXPECT_EQ(outcome.status, "UNAVAILABLE");
  EXPECT_TRUE(outcome.retryable) << outcome.text;
  EXPECT_EQ(peer.calls(), 11);
  front_.Become(nullptr);
}

TEST_F(B26MayHaveArrived, IsSentOnceAndNotOfferedForRepetition) {
  for (const Row& row : kSeen) {
    SCOPED_TRACE(row.what);
    Peer peer(1, row.close, row.bytes);
    const Outcome outcome = CallOnce(&peer);
    EXPECT_NE(outcome.status, "OK");
    EXPECT_FALSE(outcome.retryable) << outcome.text;
    EXPECT_THAT(outcome.text, ::testing::HasSubstr("taken effect"));
    EXPECT_EQ(peer.calls(), 1);
    front_.Become(nullptr);
  }
}

}  // namespace
}  // namespace bridge::testing
