#include "bridge/transport/stdio.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "bridge/mcp/envelope.h"
#include "bridge/transport/batch.h"

namespace bridge::transport {
namespace {

using jsonrpc::ErrorCode;
using jsonrpc::Kind;

constexpr mcp::Network kNetwork = {"pipe", "", ""};
// There is one client: by this name its cancellations find its calls.
constexpr char kSession[] = "stdio";

}  // namespace

class Stdio::LineAnswer final : public mcp::Answer {
 public:
  explicit LineAnswer(Stdio& stdio) : stdio_(stdio) {}
  ~LineAnswer() override { std::erase(stdio_.waiting_, this); }

  bool streams() const override { return true; }
  void Begin() override {}
  Sent Send(const std::string& message) override {
    switch (stdio_.Write(message)) {
      case LineWriter::Written::kTaken:
        return Sent::kTaken;
      case LineWriter::Written::kFull:
        return Sent::kFull;
      case LineWriter::Written::kGone:
        break;
    }
    return Sent::kGone;
  }
  void OnWritable(absl::AnyInvocable<void()> ready) override {
    if (!ready_) stdio_.waiting_.push_back(this);
    ready_ = std::move(ready);
  }
  void End(mcp::Reply reply) override {
    if (reply.negotiated != nullptr) stdio_.negotiated_ = reply.negotiated;
    if (!reply.cancelled) stdio_.Write(reply);
  }

  void GoOn() {
    if (auto ready = std::exchange(ready_, nullptr)) ready();
  }

 private:
  Stdio& stdio_;
  absl::AnyInvocable<void()> ready_;
};

Stdio::Stdio(mcp::Server& server, ByteBudget& budget, LineWriter& out)
    : server_(server), budget_(budget), out_(out) {}

void Stdio::Handle(std::string_view line, bool whole) {
  if (!whole) {
    return Refuse(
        {}, ErrorCode::kInvalidRequest,
        "Invalid request: a message of more than " + std::to_string(kMaxLineBytes) + " bytes");
  }
  if (jsonrpc::IsBatch(line)) return HandleBatch(line);
  jsonrpc::Message message;
  jsonrpc::ParseFailure failure;
  if (!jsonrpc::ParseMessage(line, &message, &failure)) {
    return Refuse(failure.id, failure.code, failure.message);
  }
  HandleMessage(message);
}

void Stdio::HandleMessage(const jsonrpc::Message& message) {
  if (message.kind == Kind::kResponse) return;  // we ask clients nothing
  if (message.kind == Kind::kNotification) return server_.HandleNotification(message, kSession);
  const mcp::Envelope envelope = mcp::ReadEnvelope(message, "");
  if (envelope.fault.has_value()) {
    const bool version = *envelope.fault == ErrorCode::kUnsupportedVersion;
    return Refuse(message.id, *envelope.fault, envelope.problem,
                  version ? mcp::UnsupportedVersionData(envelope.meta.version) : std::string());
  }
  const mcp::Revision* revision = envelope.revision;
  if (!envelope.modern) {
    const bool first = message.method == "initialize" || message.method == "ping";
    if (negotiated_ == nullptr && !first) {
      return Refuse(message.id, ErrorCode::kInvalidRequest,
                    "Invalid request: send initialize first, or use revision 2026-07-28, which "
                    "names itself in params._meta");
    }
    revision = negotiated_ == nullptr ? &mcp::NewestLegacy() : negotiated_;
  }
  const mcp::Call call{
      .message = message,
      .caller = {.revision = revision, .network = &kNetwork, .session = kSession},
      .message_trace = envelope.meta.trace.has_value() ? &*envelope.meta.trace : nullptr,
      .progress_token = envelope.meta.progress_token};
  server_.Handle(call, std::make_unique<LineAnswer>(*this));
}

void Stdio::HandleBatch(std::string_view line) {
  std::vector<std::string_view> elements;
  jsonrpc::ParseFailure failure;
  if (!ReadBatch(line, &elements, &failure)) return Refuse({}, failure.code, failure.message);
  if (negotiated_ == nullptr || !negotiated_->batch) {
    return Refuse(
        {}, ErrorCode::kInvalidRequest,
        "Invalid request: batches ended with revision 2025-03-26; send one message a request");
  }
  const mcp::Caller caller{.revision = negotiated_, .network = &kNetwork, .session = kSession};
  Batch::Run(elements, caller, nullptr, &server_,
             {.reserve = [this](size_t bytes) { return budget_.HasRoomFor(bytes); },
              .end =
                  [this](const std::optional<mcp::Reply>& reply) {
                    if (reply.has_value()) Write(*reply);
                  }});
}

void Stdio::OnWriterEvent() {
  budget_.Set(charged_, out_.waiting());
  if (out_.gone()) return server_.CancelAll();
  // One that goes on may end itself or others, and may wait again.
  while (!waiting_.empty() && !out_.full()) {
    LineAnswer* const answer = waiting_.back();
    waiting_.pop_back();
    answer->GoOn();
  }
}

void Stdio::Refuse(std::string_view id, ErrorCode code, std::string_view message,
                   std::string_view data) {
  mcp::Reply reply;
  jsonrpc::AppendError(&reply.head, id, code, message, data);
  Write(reply);
}

void Stdio::Write(const mcp::Reply& reply) {
  std::string line = reply.head;
  if (reply.shared != nullptr) line.append(*reply.shared);
  Write(line.append(reply.tail));
}

LineWriter::Written Stdio::Write(std::string line) {
  const LineWriter::Written written = out_.Write(std::move(line));
  budget_.Set(charged_, out_.waiting());
  return written;
}

}  // namespace bridge::transport
