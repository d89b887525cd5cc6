// Streams on connections that do what no gRPC server does: which of them are sent again, and what
// is told of the others.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/faults/http2.h"
#include "tests/faults/raw_upstream.h"
#include "tests/upstream/stream_fixture.h"

namespace bridge::upstream {
namespace {

namespace http2 = bridge::testing::http2;
using bridge::testing::RawUpstream;
using bridge::testing::SendAll;
using http2::Field;
using http2::Frame;
using http2::Number;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Strings = std::vector<std::string>;

constexpr uint32_t kRefusedStream = 7;
constexpr int kEndOfStream = http2::kEndHeaders | http2::kEndStream;

std::string GoAway(uint32_t last_stream) {
  return Frame(http2::kGoAway, 0, 0, Number(last_stream) + Number(0));
}
std::string Reset(uint32_t stream, uint32_t error) {
  return Frame(http2::kRstStream, 0, stream, Number(error));
}
std::string Head(uint32_t stream) {
  return Frame(http2::kHeaders, http2::kEndHeaders, stream, http2::ResponseHead());
}
std::string Data(uint32_t stream, const std::string& bytes) {
  return Frame(http2::kData, 0, stream, http2::Message(bytes));
}
std::string Trailers(uint32_t stream, const std::string& fields) {
  return Frame(http2::kHeaders, kEndOfStream, stream, fields);
}
// Two messages and OK.
std::string GoodAnswer(uint32_t stream) {
  return Head(stream) + Data(stream, "a") + Data(stream, "b") +
         Trailers(stream, Field("grpc-status", "0"));
}

// What a bad call gets.
struct Row {
  using Bytes = std::function<std::string(uint32_t stream)>;

  const char* what;
  bool close;  // the connection after it
  Bytes bytes;
  Bytes later = nullptr;  // once `bytes` have been read
};

// Answers the first `bad` calls so, and all further ones properly.
class Peer final {
 public:
  Peer(int bad, Row row)
      : bad_(bad), row_(std::move(row)), upstream_(0, [this](int socket) {
          if (http2::Greet(socket)) Serve(socket);
        }) {}

  ~Peer() { NoteRead(); }

  std::string target() const { return upstream_.target(); }
  int calls() const { return calls_; }
  // The client has the message that was in `bytes`.
  void NoteRead() {
    read_ = true;
    read_.notify_all();
  }

 private:
  void Serve(int socket) {
    while (const uint32_t stream = http2::AwaitCall(socket)) {
      const bool bad = calls_++ < bad_;
      if (!SendAll(socket, bad ? row_.bytes(stream) : GoodAnswer(stream))) return;
      if (!bad) continue;
      if (row_.later) {
        read_.wait(false);
        if (!SendAll(socket, row_.later(stream))) return;
      }
      if (!row_.close) continue;
      ::shutdown(socket, SHUT_WR);
      return testing::Swallow(socket);  // bytes that nobody has read would make it a reset
    }
  }

  const int bad_;
  const Row row_;
  std::atomic<int> calls_{0};
  std::atomic<bool> read_{false};
  RawUpstream upstream_;
};

const Row kRefuses{"refuses the stream", false,
                   [](uint32_t stream) { return Reset(stream, kRefusedStream); }};

std::string HeadAndMessage(uint32_t stream) {
  return Head(stream) + Data(stream, "a");
}

class StreamWireTest : public StreamTest {};

TEST_F(StreamWireTest, WhatTheServiceNeverSawIsSentAgain) {
  const Row rows[] = {
      {"goes away before the call", false, [](uint32_t) { return GoAway(0); }},
      {"goes away before the call and closes", true, [](uint32_t) { return GoAway(0); }},
      kRefuses,
  };
  for (const Row& row : rows) {
    for (const Strings& requests :
         {Strings({"one"}), Strings({"one", "two", "three"}), Strings()}) {
      SCOPED_TRACE(std::string(row.what) + " " + std::to_string(requests.size()));
      Peer peer(3, row);
      sink_ = {};
      channel_.reset();
      Call(peer.target(), Shape::kBidi, requests);
      EXPECT_EQ(sink_.code, StatusCode::kOk) << sink_.message;
      EXPECT_EQ(sink_.messages, Strings({"a", "b"}));
      // The peer may end it before it has all of them.
      EXPECT_GE(sink_.sent, std::min<size_t>(1, requests.size()));
      EXPECT_LE(sink_.sent, requests.size());
      EXPECT_EQ(sink_.resends, 3);
      EXPECT_EQ(peer.calls(), 4);
    }
  }
}

// It goes on as long as it takes, within limits, and the deadline holds while it does.
TEST_F(StreamWireTest, OneThatIsRefusedForEverEnds) {
  Peer peer(1'000, kRefuses);
  Call(peer.target(), Shape::kBidi, {"one"});
  EXPECT_EQ(sink_.code, StatusCode::kUnavailable);
  EXPECT_EQ(sink_.cause, Cause::kConnection);
  EXPECT_EQ(sink_.delivery, Delivery::kUnsent);
  EXPECT_EQ(sink_.resends, 10);
  EXPECT_EQ(peer.calls(), 11);
}

TEST_F(StreamWireTest, CancelEndsThePauseBeforeTheNextAttempt) {
  Peer peer(1'000, kRefuses);
  Start(peer.target(), Shape::kBidi, {"one"});
  loop_.RunUntil([&] { return peer.calls() == 8; });
  RunFor(milliseconds(30));  // of a pause of 640 ms
  Cancel(sink_.call);
  RunToEnd();
  EXPECT_EQ(sink_.code, StatusCode::kCancelled);
  EXPECT_EQ(sink_.cause, Cause::kCancelled);
  EXPECT_EQ(sink_.delivery, Delivery::kUnsent);
  EXPECT_EQ(peer.calls(), 8);
}

TEST_F(StreamWireTest, WhatTheServiceMayHaveSeenIsNot) {
  struct SeenRow {
    Row row;
    size_t messages;
    StatusCode code;
    Cause cause;
  };
  const SeenRow rows[] = {
      {{"closes", true, [](uint32_t) { return std::string(); }},
       0,
       StatusCode::kUnavailable,
       Cause::kConnection},
      {{"goes away after the call and closes", true,
        [](uint32_t stream) { return GoAway(stream); }},
       0,
       StatusCode::kUnavailable,
       Cause::kConnection},
      {{"refuses after headers", false,
        [](uint32_t stream) { return Head(stream) + Reset(stream, kRefusedStream); }},
       0,
       StatusCode::kUnavailable,
       Cause::kConnection},
      {{"refuses after a message", false, HeadAndMessage,
        [](uint32_t stream) { return Reset(stream, kRefusedStream); }},
       1,
       StatusCode::kUnavailable,
       Cause::kConnection},
      {{"resets after a message", false, HeadAndMessage,
        [](uint32_t stream) { return Reset(stream, 2); }},
       1,
       StatusCode::kInternal,
       Cause::kConnection},
      {{"goes away before the call, after a message", false, HeadAndMessage,
        [](uint32_t) { return GoAway(0); }},
       1,
       StatusCode::kUnavailable,
       Cause::kConnection},
      {{"closes after a message", true, HeadAndMessage, [](uint32_t) { return std::string(); }},
       1,
       StatusCode::kUnavailable,
       Cause::kConnection},
      {{"garbage after a message", true, HeadAndMessage,
        [](uint32_t) { return std::string(1'000, '\xee'); }},
       1,
       StatusCode::kUnknown,
       Cause::kUnreadable},
      {{"half a message after one", true, HeadAndMessage,
        [](uint32_t stream) {
          return Frame(http2::kData, 0, stream, http2::Message("bcd").substr(0, 6));
        }},
       1,
       StatusCode::kUnavailable,
       Cause::kConnection},
      {{"ends after a message without a status", false,
        [](uint32_t stream) { return HeadAndMessage(stream) + Trailers(stream, Field("x", "y")); }},
       1,
       StatusCode::kUnknown,
       Cause::kUnreadable},
      {{"the service says after a message: connection reset", false,
        [](uint32_t stream) {
          return HeadAndMessage(stream) +
                 Trailers(stream, Field("grpc-status", "14") +
                                      Field("grpc-message", "x: Connection reset by peer"));
        }},
       1,
       StatusCode::kUnavailable,
       Cause::kService},
      {{"the service says the words of a refused stream", false,
        [](uint32_t stream) {
          return Trailers(stream,
                          http2::ResponseHead() + Field("grpc-status", "14") +
                              Field("grpc-message", "Received RST_STREAM with error code 7"));
        }},
       0,
       StatusCode::kUnavailable,
       Cause::kConnection},
      {{"an HTTP error of a proxy", false,
        [](uint32_t stream) {
          return Frame(http2::kHeaders, http2::kEndHeaders, stream,
                       Field(":status", "504") + Field("content-type", "text/html")) +
                 Frame(http2::kData, http2::kEndStream, stream, "<html>Gateway Time-out</html>");
        }},
       0,
       StatusCode::kUnavailable,
       Cause::kUnreadable},
      {{"garbage instead of frames", true,
        [](uint32_t stream) { return Head(stream) + std::string(1'000, '\xee'); }},
       0,
       StatusCode::kUnknown,
       Cause::kUnreadable},
  };
  for (const SeenRow& test : rows) {
    SCOPED_TRACE(test.row.what);
    Peer peer(1, test.row);
    sink_ = {};
    sink_.then = [&] {
      peer.NoteRead();
      Next(sink_.call);
    };
    channel_.reset();
    Call(peer.target(), Shape::kBidi, {"one", "two"});
    EXPECT_EQ(sink_.messages, Strings(test.messages, "a"));
    EXPECT_EQ(sink_.code, test.code) << sink_.message;
    EXPECT_EQ(sink_.cause, test.cause) << sink_.message;
    EXPECT_EQ(sink_.delivery, Delivery::kMaybe);
    EXPECT_EQ(sink_.resends, 0);
    EXPECT_EQ(peer.calls(), 1);
  }
}

// As soon as the kernel says so, and not as a service that says the same.
TEST_F(StreamWireTest, AResetConnectionIsTold) {
  std::atomic<bool> read{false};
  RawUpstream upstream(0, [&](int socket) {
    if (!http2::Greet(socket)) return;
    const uint32_t stream = http2::AwaitCall(socket);
    if (!SendAll(socket, HeadAndMessage(stream))) return;
    read.wait(false);
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  });
  sink_.then = [&] {
    read = true;
    read.notify_all();
    Next(sink_.call);
  };
  Call(upstream.target(), Shape::kBidi, {"one", "two"});
  EXPECT_EQ(sink_.messages, Strings({"a"}));
  EXPECT_EQ(sink_.code, StatusCode::kUnavailable);
  EXPECT_EQ(sink_.cause, Cause::kConnection) << sink_.message;
  EXPECT_EQ(sink_.delivery, Delivery::kMaybe);
}

// The peer opens its windows and takes not one byte more: gRPC keeps what it is writing, whatever
// becomes of the call.
class StreamToAStoppedPeer : public StreamTest {
 protected:
  static constexpr size_t kAll = 100u << 20, kRequest = 4u << 20, kRequests = 8;

  void StartLarge(milliseconds timeout) {
    Start(stopped_.target(), Shape::kBidi, Strings(kRequests, std::string(kRequest, 'r')),
          {.budget = &budget_, .held = kRequests * kRequest, .timeout = timeout});
  }
  void ExpectHeldUntilThePeerIsGone() {
    EXPECT_TRUE(budget_.HasRoomFor(kAll - kRequests * kRequest));
    EXPECT_FALSE(budget_.HasRoomFor(kAll - kRequests * kRequest + 1));
    stopped_.Become(nullptr);
    loop_.RunUntil([&] { return budget_.HasRoomFor(kAll); });
    EXPECT_EQ(sink_.dones, 1);
  }

  std::atomic<bool> greeted_{false};
  RawUpstream stopped_{
      0, [this](int socket) {
        const std::string window = Number(1u << 30);
        if (!http2::Greet(socket) ||
            !SendAll(socket, Frame(http2::kSettings, 0, 0, std::string("\0\4", 2) + window) +
                                 Frame(http2::kWindowUpdate, 0, 0, window))) {
          return;
        }
        greeted_ = true;
        pollfd until_shut_down{.fd = socket, .events = 0, .revents = 0};
        ::poll(&until_shut_down, 1, -1);
      }};
  ByteBudget budget_{kAll};
};

TEST_F(StreamToAStoppedPeer, CancelIsToldAndWhatIsHeldCounts) {
  StartLarge(seconds(60));
  loop_.RunUntil([&] { return greeted_.load(); });
  RunFor(milliseconds(300));
  EXPECT_EQ(sink_.dones, 0);
  Cancel(sink_.call);
  RunToEnd();
  EXPECT_EQ(sink_.code, StatusCode::kCancelled);
  EXPECT_EQ(sink_.cause, Cause::kCancelled);
  ExpectHeldUntilThePeerIsGone();
}

TEST_F(StreamToAStoppedPeer, TheDeadlineIsToldAndWhatIsHeldCounts) {
  StartLarge(milliseconds(500));
  RunToEnd();
  EXPECT_EQ(sink_.code, StatusCode::kDeadlineExceeded);
  EXPECT_EQ(sink_.cause, Cause::kDeadline);
  ExpectHeldUntilThePeerIsGone();
}

}  // namespace
}  // namespace bridge::upstream
