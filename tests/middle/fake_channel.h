// Stands in for bridge/upstream/channel.cc: this test program defines the members of
// upstream::Channel itself, so that the linker never takes the real ones. Calls are kept here, in
// the order in which they were started, until the test ends them with whatever result it likes.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "bridge/upstream/channel.h"
#include "bridge/upstream/stream.h"

namespace bridge::upstream {

inline constexpr char kFakePeer[] = "ipv4:10.0.0.7:50051";

// One call that was started. It is gone once it has ended.
class UnaryCall final {
 public:
  std::string target;  // alias
  std::string path;
  std::string request;
  std::string traceparent;
  std::string tracestate;
  std::chrono::milliseconds timeout{};
  int cancelled = 0;  // how often

  void End(const CallResult& result);
  // Ends it with OK and these bytes.
  void Answer(std::string_view response);
  // Ends it as gRPC does once it was cancelled.
  void EndCancelled();

 private:
  friend class Channel;
  CallDone done_;
};

// The same of a stream.
class StreamCall final {
 public:
  std::string target;
  std::string path;
  Shape shape{};
  std::vector<std::string> requests;
  std::string traceparent;
  std::string tracestate;
  std::chrono::milliseconds timeout{};
  bool wanted = false;  // a message or the end, by Next
  int cancelled = 0;    // how often

  // Gives it a message, which must be wanted.
  void Send(std::string_view message);
  // `received` is counted here.
  void End(StreamResult result = {});
  // Ends it as gRPC does once it was cancelled.
  void EndCancelled();

 private:
  friend class Channel;
  StreamSink* sink_ = nullptr;
  size_t received_ = 0;
};

// The calls of all channels that have not ended.
std::vector<UnaryCall*>& CallsUnderWay();
std::vector<StreamCall*>& StreamsUnderWay();

}  // namespace bridge::upstream
