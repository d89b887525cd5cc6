// Streams with a real gRPC server: what comes, in which order, how far ahead either side may be,
// and how they end. What a connection does to them is in stream_wire_test.cc.
#include "bridge/upstream/stream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/generic_server.h"
#include "tests/support/stream_server.h"
#include "tests/upstream/stream_fixture.h"

namespace bridge::upstream {
namespace {

using bridge::testing::Script;
using bridge::testing::Seen;
using bridge::testing::StreamServer;
using std::chrono::milliseconds;
using Strings = std::vector<std::string>;

Strings Numbered(size_t count, size_t size = 0) {
  Strings messages;
  for (size_t i = 0; i < count; ++i) {
    messages.push_back(std::to_string(i));
    messages.back().append(size, 'x');
  }
  return messages;
}

TEST_F(StreamTest, AServerStream) {
  StreamServer server({.messages = {"a", "", "c"}});
  Call(server.target(), Shape::kServerStream, {"request"});
  EXPECT_EQ(sink_.messages, Strings({"a", "", "c"}));
  EXPECT_EQ(sink_.code, StatusCode::kOk);
  EXPECT_EQ(sink_.received, 3u);
  EXPECT_EQ(sink_.sent, 1u);
  EXPECT_EQ(sink_.peer, "ipv4:" + server.target());
  EXPECT_EQ(server.seen().requests, Strings({"request"}));
}

TEST_F(StreamTest, AServerStreamWithoutAMessage) {
  StreamServer server({});
  Call(server.target(), Shape::kServerStream, {"request"});
  EXPECT_EQ(sink_.code, StatusCode::kOk);
  EXPECT_EQ(sink_.received, 0u);
}

TEST_F(StreamTest, AClientStream) {
  StreamServer server({.messages = {"sum"}});
  Call(server.target(), Shape::kClientStream, {"a", "", "c"});
  EXPECT_EQ(sink_.messages, Strings({"sum"}));
  EXPECT_EQ(sink_.code, StatusCode::kOk);
  EXPECT_EQ(sink_.sent, 3u);
  EXPECT_EQ(server.seen().requests, Strings({"a", "", "c"}));
}

TEST_F(StreamTest, AClientStreamWithoutAMessage) {
  StreamServer server({.messages = {"sum"}});
  Call(server.target(), Shape::kClientStream, {});
  EXPECT_EQ(sink_.messages, Strings({"sum"}));
  EXPECT_EQ(sink_.code, StatusCode::kOk);
  EXPECT_EQ(sink_.sent, 0u);
  EXPECT_EQ(server.seen().requests, Strings());
}

TEST_F(StreamTest, UnaryLooksTheSame) {
  StreamServer server({.messages = {"answer"}});
  Call(server.target(), Shape::kUnary, {"request"});
  EXPECT_EQ(sink_.messages, Strings({"answer"}));
  EXPECT_EQ(sink_.code, StatusCode::kOk);
}

// Both ways at once; each message is answered before the next is sent only where the service says
// so.
TEST_F(StreamTest, AThousandMessagesBothWaysInOrder) {
  StreamServer server({.echo = true});
  for (const size_t size : {0u, 3'000u}) {
    sink_ = {};
    const Strings messages = Numbered(1'000, size);
    Call(server.target(), Shape::kBidi, messages);
    EXPECT_EQ(sink_.messages, messages);
    EXPECT_EQ(sink_.code, StatusCode::kOk);
    EXPECT_EQ(sink_.received, 1'000u);
    EXPECT_EQ(sink_.sent, 1'000u);
  }
}

TEST_F(StreamTest, PackedMessagesAreUnpacked) {
  StreamServer server({.messages = {std::string(100'000, 'x'), "y"}, .times = 3, .gzip = true});
  Call(server.target(), Shape::kServerStream, {""});
  ASSERT_EQ(sink_.messages.size(), 6u);
  EXPECT_EQ(sink_.messages[4], std::string(100'000, 'x'));
  EXPECT_EQ(sink_.messages[5], "y");
}

TEST_F(StreamTest, TheTraceTravelsAsMetadata) {
  testing::GenericServer server([](const testing::Received&) { return testing::Answer{}; });
  constexpr char kTraceparent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto context = telemetry::ParseTraceContext(kTraceparent, "vendor=value");
  Call(server.target(), Shape::kServerStream, {""}, {.trace = &*context});
  ASSERT_EQ(server.received().size(), 1u);
  EXPECT_EQ(server.received()[0].metadata.at("traceparent"), kTraceparent);
  EXPECT_EQ(server.received()[0].metadata.at("tracestate"), "vendor=value");
}

// 20 MB that nobody asks for stay with the service, but for HTTP/2's window, and other calls of the
// connection are not kept waiting. Then all of it comes.
TEST_F(StreamTest, NothingIsReadThatIsNotAskedFor) {
  constexpr size_t kCount = 2'000, kBytes = 10'000;
  StreamServer server({.messages = {std::string(kBytes, 'x')}, .times = kCount});
  Start(server.target(), Shape::kServerStream, {""}, {}, false);
  size_t written = 0;
  do {
    written = server.seen().written;
    RunFor(milliseconds(300));
  } while (written == 0 || server.seen().written > written);
  EXPECT_LT(written * kBytes, 48u << 10);
  EXPECT_EQ(sink_.messages.size(), 0u);

  Collector other;
  other.call =
      channel_->StartStream({.path = "/a.B/C"}, Shape::kServerStream, Encoded({""}), &other);
  Next(other.call);
  loop_.RunUntil([&] { return other.dones == 1; });
  EXPECT_EQ(other.received, kCount);
  EXPECT_EQ(sink_.messages.size(), 0u);

  Next(sink_.call);
  RunToEnd();
  EXPECT_EQ(sink_.code, StatusCode::kOk);
  EXPECT_EQ(sink_.received, kCount);
}

TEST_F(StreamTest, OneMessageForEachNext) {
  StreamServer server({.messages = Numbered(5)});
  sink_.then = [] {};
  Start(server.target(), Shape::kServerStream, {""});
  for (size_t i = 1; i <= 5; ++i) {
    loop_.RunUntil([&] { return sink_.messages.size() == i; });
    RunFor(milliseconds(20));
    EXPECT_EQ(sink_.messages.size(), i);
    EXPECT_EQ(sink_.dones, 0);
    Next(sink_.call);
    Next(sink_.call);  // asks for nothing more
  }
  RunToEnd();
  EXPECT_EQ(sink_.messages, Numbered(5));
}

// The service takes none: of 20 MB no more is handed to gRPC than the service's window (4 MiB) and
// what gRPC gathers.
TEST_F(StreamTest, RequestsWaitForAServiceThatDoesNotRead) {
  StreamServer server({.reads = 0, .hang = true});
  Start(server.target(), Shape::kBidi, Numbered(2'000, 10'000));
  loop_.RunUntil([&] { return server.seen().calls == 1; });
  RunFor(milliseconds(300));
  EXPECT_EQ(sink_.dones, 0);
  Cancel(sink_.call);
  RunToEnd();
  EXPECT_EQ(sink_.code, StatusCode::kCancelled);
  EXPECT_GT(sink_.sent, 0u);
  EXPECT_LT(sink_.sent * 10'000, 8u << 20);
  EXPECT_EQ(server.WaitUntil([](const Seen& seen) { return seen.cancelled == 1; }).cancelled, 1u);
}

// gRPC looks at its sockets only when no event waits, and each message that it takes is an event
// that makes the next one.
TEST_F(StreamTest, AFloodOfMessagesKeepsNobodyWaiting) {
  constexpr size_t kStreams = 50, kMessages = 10'000;
  const StreamServer greedy({.reads = 0, .hang = true});
  const std::vector<std::string> requests(kMessages);  // small enough to be sent unread
  std::vector<Collector> flood(kStreams);
  Channel channel(*ParseTarget(greedy.target()), options_, loop_.completions());
  for (Collector& sink : flood) {
    sink.call =
        channel.StartStream({.path = "/a.B/C"}, Shape::kClientStream, Encoded(requests), &sink);
  }
  const StreamServer server({.echo = true});
  Call(server.target(), Shape::kBidi, {"hello"});
  EXPECT_EQ(sink_.messages, std::vector<std::string>{"hello"});
  size_t sent = 0;
  for (Collector& sink : flood) {
    upstream::Cancel(sink.call);
    loop_.RunUntil([&sink] { return sink.dones > 0; });
    sent += sink.sent;
  }
  EXPECT_LT(sent, kStreams * kMessages / 2);
}

TEST_F(StreamTest, AnErrorKeepsWhatCameBefore) {
  StreamServer server({.messages = Numbered(3),
                       .status = {::grpc::StatusCode::NOT_FOUND, "no such order", "details"}});
  Call(server.target(), Shape::kServerStream, {""});
  EXPECT_EQ(sink_.messages, Numbered(3));
  EXPECT_EQ(sink_.code, StatusCode::kNotFound);
  EXPECT_EQ(sink_.cause, Cause::kService);
  EXPECT_EQ(sink_.delivery, Delivery::kMaybe);
  EXPECT_EQ(sink_.message, "no such order");
  EXPECT_EQ(sink_.details, "details");
  EXPECT_EQ(sink_.received, 3u);
}

// Also if they are read long after the service has ended the call.
TEST_F(StreamTest, AnErrorKeepsWhatIsReadLate) {
  StreamServer server({.messages = Numbered(3), .status = {::grpc::StatusCode::ABORTED, "late"}});
  Start(server.target(), Shape::kServerStream, {""}, {}, false);
  loop_.RunUntil([&] { return server.seen().ended == 1; });
  RunFor(milliseconds(50));
  Next(sink_.call);
  RunToEnd();
  EXPECT_EQ(sink_.messages, Numbered(3));
  EXPECT_EQ(sink_.code, StatusCode::kAborted);
}

TEST_F(StreamTest, AnErrorInTrailersAlone) {
  StreamServer server({.status = {::grpc::StatusCode::FAILED_PRECONDITION, "not now", "details"}});
  Call(server.target(), Shape::kServerStream, {""});
  EXPECT_EQ(sink_.code, StatusCode::kFailedPrecondition);
  EXPECT_EQ(sink_.cause, Cause::kService);
  EXPECT_EQ(sink_.message, "not now");
  EXPECT_EQ(sink_.details, "details");
  EXPECT_EQ(sink_.resends, 0);
}

// 100 MB of requests, of which the service reads one.
TEST_F(StreamTest, AServiceMayEndBeforeAllIsSent) {
  for (const Shape shape : {Shape::kClientStream, Shape::kBidi}) {
    StreamServer server({.reads = 1, .status = {::grpc::StatusCode::INVALID_ARGUMENT, "enough"}});
    sink_ = {};
    channel_.reset();
    Call(server.target(), shape, Numbered(1'000, 100'000));
    EXPECT_EQ(sink_.code, StatusCode::kInvalidArgument);
    EXPECT_EQ(sink_.cause, Cause::kService);
    EXPECT_EQ(sink_.message, "enough");
    EXPECT_LT(sink_.sent, 100u);
    EXPECT_EQ(server.seen().requests.size(), 1u);
  }
}

TEST_F(StreamTest, ATooLargeMessageEndsItAfterThoseBefore) {
  for (const bool gzip : {false, true}) {
    StreamServer server({.messages = {std::string(1'000, 'x'), std::string(1'001, 'y')},
                         .gzip = gzip,
                         .hang = true});
    sink_ = {};
    options_.max_response_bytes = 1'000;
    channel_.reset();
    Call(server.target(), Shape::kServerStream, {""});
    EXPECT_EQ(sink_.messages, Strings({std::string(1'000, 'x')}));
    EXPECT_EQ(sink_.code, StatusCode::kResourceExhausted);
    EXPECT_EQ(sink_.cause, Cause::kAnswerTooLarge);
    EXPECT_EQ(sink_.message, "the answer is larger than the bridge takes");
    EXPECT_EQ(sink_.limit, 1'000u);
    EXPECT_EQ(sink_.received, 1u);
    EXPECT_EQ(sink_.peer, "ipv4:" + server.target());
    loop_.RunUntil([&] { return server.seen().cancelled == 1; });
  }
}

TEST_F(StreamTest, ATooLargeRequestIsNamedAndNothingIsSent) {
  StreamServer server({});
  options_.max_request_bytes = 1'000;
  Call(server.target(), Shape::kBidi,
       {std::string(1'000, 'x'), "", std::string(1'002, 'x'), std::string(1'001, 'x')});
  EXPECT_EQ(sink_.code, StatusCode::kResourceExhausted);
  EXPECT_EQ(sink_.cause, Cause::kRequestTooLarge);
  EXPECT_EQ(sink_.delivery, Delivery::kUnsent);
  EXPECT_EQ(sink_.at, 2u);
  EXPECT_EQ(sink_.bytes, 1'002u);
  EXPECT_EQ(sink_.limit, 1'000u);
  EXPECT_EQ(sink_.sent, 0u);
  EXPECT_EQ(server.seen().calls, 0u);
}

// gRPC leaves both to those who read (grpc/grpc#36769).
TEST_F(StreamTest, WhereOneAnswerIsDueNoneAndTwoAreErrors) {
  for (const Shape shape : {Shape::kClientStream, Shape::kUnary}) {
    for (const Strings& messages : {Strings(), Strings({"a", "b"})}) {
      StreamServer server({.messages = messages});
      sink_ = {};
      channel_.reset();
      Call(server.target(), shape, {"request"});
      EXPECT_EQ(sink_.code, StatusCode::kUnimplemented);
      EXPECT_EQ(sink_.cause, Cause::kUnreadable);
      EXPECT_EQ(sink_.delivery, Delivery::kMaybe);
      EXPECT_EQ(sink_.message, messages.empty() ? "the service sent no answer"
                                                : "the service sent more than one answer");
      EXPECT_EQ(sink_.received, messages.empty() ? 0u : 1u);
    }
  }
}

TEST_F(StreamTest, TheDeadlineKeepsWhatCame) {
  StreamServer server({.messages = Numbered(2), .hang = true});
  Call(server.target(), Shape::kServerStream, {""}, {.timeout = milliseconds(500)});
  EXPECT_EQ(sink_.messages, Numbered(2));
  EXPECT_EQ(sink_.code, StatusCode::kDeadlineExceeded);
  EXPECT_EQ(sink_.cause, Cause::kDeadline);
  EXPECT_EQ(sink_.peer, "ipv4:" + server.target());
  EXPECT_EQ(sink_.received, 2u);
  loop_.RunUntil([&] { return server.seen().cancelled == 1; });
}

TEST_F(StreamTest, TheDeadlineNeedsNoNext) {
  StreamServer server({.messages = Numbered(2), .hang = true});
  Start(server.target(), Shape::kServerStream, {""}, {.timeout = milliseconds(300)}, false);
  RunToEnd();
  EXPECT_EQ(sink_.code, StatusCode::kDeadlineExceeded);
  EXPECT_EQ(sink_.received, 0u);
}

struct CancelCase {
  const char* what;
  Script script;
  bool asked;  // for a message, when it is cancelled
};

TEST_F(StreamTest, CancelReachesTheService) {
  const std::string large(10'000, 'x');
  const CancelCase cases[] = {
      {"silent", {.hang = true}, true},
      {"silent, nobody asks", {.hang = true}, false},
      {"sends without end", {.messages = {"x"}, .times = Script::kAll, .hang = true}, true},
      {"is held back", {.messages = {large}, .times = Script::kAll, .hang = true}, false},
  };
  for (const CancelCase& test : cases) {
    SCOPED_TRACE(test.what);
    StreamServer server(test.script);
    sink_ = {};
    channel_.reset();
    Start(server.target(), Shape::kServerStream, {""}, {}, test.asked);
    loop_.RunUntil([&] { return server.seen().calls == 1; });
    RunFor(milliseconds(50));
    EXPECT_EQ(sink_.dones, 0);
    const size_t before = sink_.messages.size();
    const auto at = std::chrono::steady_clock::now();
    Cancel(sink_.call);
    Cancel(sink_.call);
    EXPECT_EQ(sink_.dones, 0);
    RunToEnd();
    EXPECT_EQ(sink_.code, StatusCode::kCancelled);
    EXPECT_EQ(sink_.cause, Cause::kCancelled);
    EXPECT_EQ(sink_.messages.size(), before);
    loop_.RunUntil([&] { return server.seen().cancelled == 1; });
    RecordProperty(test.what, std::to_string((server.seen().cancelled_at - at) /
                                             std::chrono::microseconds(1)));
    RunFor(milliseconds(20));
    EXPECT_EQ(sink_.dones, 1);
  }
}

TEST_F(StreamTest, CancelInsideAMessageIsTheLastOfIt) {
  StreamServer server({.messages = {"x"}, .times = 1'000});
  sink_.then = [this] {
    Next(sink_.call);
    if (sink_.messages.size() == 10) Cancel(sink_.call);
  };
  Call(server.target(), Shape::kServerStream, {""});
  EXPECT_EQ(sink_.code, StatusCode::kCancelled);
  EXPECT_EQ(sink_.received, 10u);
  EXPECT_EQ(sink_.messages.size(), 10u);
}

TEST_F(StreamTest, NobodyThere) {
  std::string target;
  {
    target = StreamServer({}).target();
  }
  Call(target, Shape::kBidi, {"a", "b"});
  EXPECT_EQ(sink_.code, StatusCode::kUnavailable);
  EXPECT_EQ(sink_.cause, Cause::kConnection);
  EXPECT_EQ(sink_.delivery, Delivery::kUnsent);
  EXPECT_EQ(sink_.peer, "");
}

}  // namespace
}  // namespace bridge::upstream
