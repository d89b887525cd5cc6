#include "bridge/mcp/tool_stream.h"

#include <algorithm>
#include <utility>

#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "bridge/mcp/ask_for_less.h"
#include "bridge/mcp/verdict.h"

namespace bridge::mcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::StreamCut;

// Of one stream. As many at once, so that each message of a short one is told.
constexpr uint32_t kProgressPerSecond = 20;
constexpr milliseconds kProgressPause{1000 / kProgressPerSecond};
constexpr size_t kProgressWords = 160;
// Each message is in the result as JSON and in a string, where it may take twice as much. So what
// is held of a stream is room enough for its result.
constexpr size_t kCopies = 3;
// The deadline that the service is told is later than our own limit, which says more.
constexpr seconds kGrace{1};

StreamLimits LimitsOf(const StreamLimits& given, const transcode::StreamArguments& arguments) {
  StreamLimits limits = given;
  if (arguments.max_messages) {
    limits.messages = std::min<size_t>(limits.messages, *arguments.max_messages);
  }
  if (arguments.max_seconds) {
    limits.time = std::min(limits.time, milliseconds(seconds(*arguments.max_seconds)));
  }
  return limits;
}

std::string Seconds(milliseconds time) {
  const auto whole = std::chrono::duration_cast<seconds>(time);
  return whole == time ? std::to_string(whole.count()) + " s"
                       : std::to_string(time.count()) + " ms";
}

}  // namespace

ToolStream::ToolStream(Request* request, const catalog::Tool& tool, uint64_t given, size_t held,
                       const transcode::StreamArguments& arguments)
    : ToolOperation(request, tool, given, held),
      limits_(LimitsOf(core_.options.stream, arguments)),
      asked_messages_(arguments.max_messages && limits_.messages == *arguments.max_messages),
      asked_seconds_(arguments.max_seconds && limits_.time == seconds(*arguments.max_seconds)),
      progress_(request->call.progress_token, answer_.get()),
      progress_rate_(kProgressPerSecond),
      silence_(upstream::Timer::Of<&ToolStream::OnSilence>(core_.completions, this)),
      lifetime_(upstream::Timer::Of<&ToolStream::OnLifetime>(core_.completions, this)),
      progress_time_(upstream::Timer::Of<&ToolStream::OnProgressTime>(core_.completions, this)),
      waiting_(upstream::Timer::Of<&ToolStream::OnWaiting>(core_.completions, this)) {}

Operation* ToolStream::Start(Request* request, const catalog::Tool& tool, uint64_t given,
                             size_t held, transcode::StreamArguments arguments) {
  auto* const call = new ToolStream(request, tool, given, held, arguments);
  const bool answers = tool.streaming.answers();
  const upstream::CallSpec spec =
      call->StartRpc(answers ? call->limits_.time + kGrace : call->core_.options.call_timeout);
  call->call_ = call->channel().StartStream(
      spec, call->account_.kind(), {std::move(arguments.wire), std::move(arguments.ends)}, call);
  if (answers) call->lifetime_.Set(call->limits_.time);
  if (!answers && call->progress_.wanted()) {
    call->StartHeartbeat(request->call.progress_token);
  } else if (call->answer_->streams()) {
    call->waiting_.Set(Heartbeat::kInterval);
  }
  call->Next();
  if (call->core_.draining && call->endless()) call->Cancel(Why::kShutdown);
  return call;
}

void ToolStream::Cancel(Why why) {
  if (why == Why::kShutdown && endless()) {
    return Cut(StreamCut::kShutdown, "after " + Count() + " because the bridge is about to end. " +
                                         HowToGoOn(*tool_.method));
  }
  cancelled_ = why;
  CancelRpc();
}

void ToolStream::CancelRpc() {
  progress_time_.Stop();
  waiting_.Stop();
  upstream::Cancel(call_);
}

void ToolStream::Next() {
  if (endless()) silence_.Set(limits_.silence);
  upstream::Next(call_);
}

void ToolStream::OnMessage(std::string_view wire) {
  account_.MessageReceived(wire.size());
  std::string& json = core_.json;
  json.clear();
  transcode::CodecError error;
  if (!tool_.codec->WireToStructured(*tool_.output, wire, &json, &error)) {
    unreadable_ = std::move(error);
    return CancelRpc();
  }
  if (Take(json)) Next();
  KeepSmall(&json);
}

bool ToolStream::Take(std::string_view json) {
  if (!endless()) {
    texts_.assign(json);
    return true;
  }
  if (count_ == limits_.messages) {
    Cut(StreamCut::kMessages,
        "after " + Count() + ", the most that one call collects; more had come. " + AskForLess());
    return false;
  }
  if (texts_.size() + json.size() > limits_.bytes) {
    const std::string most = std::to_string(limits_.bytes) + " bytes. ";
    Cut(StreamCut::kBytes,
        count_ == 0 ? "because its first message alone has more than " + most + AskForSmaller()
                    : "after " + Count() + ": with the next one the result would have more than " +
                          most + AskForLess());
    return false;
  }
  if (!core_.budget.Resize(held_, held_ + kCopies * (json.size() + 1))) {
    Cut(StreamCut::kMemory, "after " + Count() +
                                " because the bridge has no memory for more at the moment. " +
                                HowToGoOn(*tool_.method));
    return false;
  }
  if (count_++ > 0) texts_.push_back(',');
  texts_.append(json);
  if (count_ == 1 && rpc_span_.recording()) {
    rpc_span_.AddEvent("stream.first_message", {{"bytes", static_cast<int64_t>(json.size())}});
  }
  if (progress_.wanted()) TellProgress(json);
  if (asked_messages_ && count_ == limits_.messages) CutAsAsked();
  return !full_ && !ended_ && !cancelled_;
}

void ToolStream::TellProgress(std::string_view json) {
  beats_ = 0;
  waiting_.Set(Heartbeat::kInterval);
  if (!progress_rate_.Admit(upstream::Timer::Now().time_since_epoch())) {
    untold_.assign(CutText(json, kProgressWords));
    if (!progress_time_.is_set()) progress_time_.Set(kProgressPause);
    return;
  }
  untold_.clear();
  progress_time_.Stop();
  Told(progress_.Tell(count_, CutText(json, kProgressWords)));
}

void ToolStream::OnProgressTime() {
  if (!untold_.empty()) TellProgress(std::exchange(untold_, {}));
}

// Without a token a silent stream is begun for the client, so that its keep-alives follow. With one
// there is progress: it alone makes a client's timer begin again.
void ToolStream::OnWaiting() {
  if (!progress_.wanted()) return answer_->Begin();
  waiting_.Set(Heartbeat::kInterval);
  if (full_) return;  // it is not the service that keeps the client waiting
  const std::string words = "no message for " + Seconds(Heartbeat::kInterval * ++beats_);
  Told(progress_.Tell(count_, words, beats_));
}

void ToolStream::Told(Answer::Sent sent) {
  if (sent == Answer::Sent::kGone) return Cancel(Why::kPeerGone);
  if (sent == Answer::Sent::kTaken || full_) return;
  full_ = true;
  silence_.Stop();  // it is the client that keeps the stream waiting
  answer_->OnWritable([this] {
    full_ = false;
    if (!ended_ && !cancelled_) Next();
  });
}

void ToolStream::OnSilence() {
  Cut(StreamCut::kSilence, "after " + Count() + " because the service sent nothing for " +
                               Seconds(limits_.silence) + ". " + HowToGoOn(*tool_.method) +
                               " Set " + tool_.streaming.limit_key + " to wait less.");
}

void ToolStream::OnLifetime() {
  if (asked_seconds_) return CutAsAsked();
  Cut(StreamCut::kTime, "after " + Seconds(limits_.time) + " with " + Count() +
                            ", the longest that one call may take. " + HowToGoOn(*tool_.method));
}

// Whoever only reads asked for less and has it; but what was sent may not be done.
void ToolStream::CutAsAsked() {
  if (!tool_.streaming.sends()) return Cut(StreamCut::kAsked);
  Cut(StreamCut::kAsked, "after " + Count() + ", as " + tool_.streaming.limit_key + " asks. " +
                             HowToGoOn(*tool_.method));
}

void ToolStream::Cut(StreamCut why, const std::string& words) {
  if (ended_ || cancelled_) return;
  ended_ = true;
  if (!words.empty()) cut_ = "The stream was cut " + words;
  account_.Cut(why);
  CancelRpc();
}

void ToolStream::OnDone(const upstream::StreamResult& result) {
  const bool failed = !ended_ && (unreadable_ || result.code != upstream::StatusCode::kOk);
  RecordIfNotable(failed && !cancelled_);
  rpc_span_.SetAttribute("stream.messages", static_cast<int64_t>(result.received));
  account_.MessagesSent(result.sent, result.sent_bytes);
  EndRpcSpan(result, failed && !unreadable_);
  if (cancelled_) span_.SetAttribute("mcp_bridge.cancelled", true);
  if (!cut_.empty() && result.untaken) cut_.append(" ").append(kUntaken);
  if (!cut_.empty()) span_.SetAttribute("mcp_bridge.stream.cut", cut_);
  End(Response(result));
  delete this;
}

std::string ToolStream::Response(const upstream::StreamResult& result) {
  if (unreadable_) return ErrorResponse(Unreadable(*unreadable_), Before());
  if (!ended_ && result.code != upstream::StatusCode::kOk) {
    const bool begun = count_ > 0 || (tool_.streaming.sends() && result.sent > 0);
    return ErrorResponse(Failure(result, begun), Before());
  }
  return Success(endless() ? Collected() : texts_);
}

// {"messages":[...],"truncated":"..."}
std::string ToolStream::Collected() const {
  std::string json = R"({"messages":[)";
  json.append(texts_).append("]");
  if (!cut_.empty()) {
    json.append(R"(,"truncated":)");
    AppendJsonString(&json, cut_);
  }
  return json.append("}");
}

Partial ToolStream::Before() const {
  if (count_ == 0) return {};
  return {Count() + " came before it: ", Collected()};
}

std::string ToolStream::Count() const {
  return std::to_string(count_) + (count_ == 1 ? " message" : " messages");
}

// Messages, not fewer of them.
std::string ToolStream::AskForSmaller() const {
  const std::string fields = HowToAskForLess(*tool_.method->input);
  return fields.empty() || tool_.streaming.sends() ? "Tell the user."
                                                   : "Ask for less: give " + fields + ".";
}

std::string ToolStream::AskForLess() const {
  if (tool_.streaming.sends()) return HowToGoOn(*tool_.method);
  const std::string fields = HowToAskForLess(*tool_.method->input);
  return "Ask for less: " + tool_.streaming.limit_key + " ends it earlier" +
         (fields.empty() ? "" : ", or give " + fields) + ".";
}

}  // namespace bridge::mcp
