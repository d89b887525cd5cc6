// One call of a tool whose method streams, while messages go and come. What comes is collected into
// one result, and told as progress where the client asked for that. A message is asked for only
// when the one before is dealt with and the client keeps up, so that HTTP/2 holds the service back.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/mcp/progress.h"
#include "bridge/mcp/tool_operation.h"
#include "bridge/telemetry/sampler.h"
#include "bridge/transcode/stream_arguments.h"
#include "bridge/upstream/stream.h"
#include "bridge/upstream/timer.h"

namespace bridge::mcp {

class ToolStream final : public ToolOperation, private upstream::StreamSink {
 public:
  // Sends the messages of `arguments`. Ends itself. The rest as of ToolOperation.
  static Operation* Start(Request* request, const catalog::Tool& tool, uint64_t given, size_t held,
                          transcode::StreamArguments arguments);

  void Cancel(Why why) override;
  bool endless() const override { return tool_.streaming.answers(); }

 private:
  ToolStream(Request* request, const catalog::Tool& tool, uint64_t given, size_t held,
             const transcode::StreamArguments& arguments);
  ~ToolStream() = default;

  void OnMessage(std::string_view wire) override;
  void OnDone(const upstream::StreamResult& result) override;

  // Takes the text of a message that came; false if it is not asked for the next one.
  bool Take(std::string_view json);
  // Ends the stream early; that is a success, with what came so far. `words` go on the sentence
  // "The stream was cut", which the result has; none if it is what the model asked for.
  void Cut(telemetry::StreamCut why, const std::string& words = "");
  // Ends the RPC from here. The client is told no more until the answer.
  void CancelRpc();
  void CutAsAsked();
  void Next();
  void TellProgress(std::string_view json);
  void Told(Answer::Sent sent);

  void OnSilence();
  void OnLifetime();
  void OnProgressTime();
  void OnWaiting();

  std::string Response(const upstream::StreamResult& result);
  std::string Collected() const;
  Partial Before() const;          // the failure
  std::string Count() const;       // "3 messages"
  std::string AskForLess() const;  // a sentence
  std::string AskForSmaller() const;

  const StreamLimits limits_;                  // the model's own where it asked for less
  const bool asked_messages_, asked_seconds_;  // which of them are
  upstream::StreamCall* call_ = nullptr;
  std::string texts_;   // of the messages, with commas between them
  size_t count_ = 0;    // of them
  std::string cut_;     // why, once it is
  bool ended_ = false;  // by us: it was cut, or the model had enough
  std::optional<transcode::CodecError> unreadable_;
  bool full_ = false;  // the client reads slowly

  Progress progress_;
  telemetry::RateLimit progress_rate_;
  uint32_t beats_ = 0;  // since the newest message, or since the start
  std::string untold_;  // the newest message, if its progress waits for the rate
  upstream::Timer silence_, lifetime_, progress_time_, waiting_;
};

}  // namespace bridge::mcp
