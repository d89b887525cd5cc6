// Calls with any number of messages in either direction, on a Channel: Channel::StartStream.
//
// All requests are given when the call starts, as a tool call has them all. So they are sent as
// fast as the service takes them with nobody's help, and can be sent again where the service
// provably never saw the call: a connection that ended before it looked at it, within the deadline.
// Once a message has come, a call is never repeated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/telemetry/call_record.h"
#include "bridge/upstream/channel.h"

namespace bridge::upstream {

using Shape = telemetry::RpcKind;

// Encoded messages, one after the other.
struct Messages {
  std::string bytes;
  std::vector<size_t> ends;  // in `bytes`, of each
};

struct StreamResult final : CallResult {
  size_t received = 0;    // messages that the sink was given
  size_t sent = 0;        // requests that gRPC took; the service may have seen fewer
  size_t sent_bytes = 0;  // of these
};

// Where a call's answers go. It lives until OnDone, which may destroy it. Everything runs on the
// reactor's thread, and never before StartStream has returned.
class StreamSink {
 public:
  // Once for each Next at most. The view dies with the return. Next and Cancel may be called
  // inside.
  virtual void OnMessage(std::string_view message) = 0;
  // Once, last: the call's pointer is dead from here on. All views die with the return. `response`
  // is empty, and `context` may be null. What ends a stream besides what ends a unary call:
  // kAnswerTooLarge and kUnreadable of a single message, after those before it; kUnreadable with
  // UNIMPLEMENTED where the service sends none or several to a kUnary or kClientStream.
  virtual void OnDone(const StreamResult& result) = 0;

 protected:
  ~StreamSink() = default;
};

class StreamCall;

// The reactor's thread only; `call` has not been told OnDone.
//
// Asks for one message, or the end. Without it nothing is read, so that HTTP/2's flow control holds
// the service back, and nothing is noticed either: neither an end nor a broken connection, only
// Cancel and the deadline. Does nothing while one is asked for already.
void Next(StreamCall* call);
// OnDone follows soon with kCancelled, whatever state the connection is in; no message does.
void Cancel(StreamCall* call);

}  // namespace bridge::upstream
