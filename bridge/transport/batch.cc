#include "bridge/transport/batch.h"

#include <utility>

#include "bridge/base/json_cursor.h"
#include "bridge/mcp/envelope.h"

namespace bridge::transport {

namespace {

// Not more than one beyond the limit. False: no JSON.
bool Split(std::string_view body, std::vector<std::string_view>* elements, std::string* problem) {
  JsonCursor cursor(body);
  bool good = cursor.EnterArray();
  while (good && cursor.NextElement()) {
    std::string_view element;
    good = cursor.SkipValue(&element);
    if (elements->size() <= Batch::kMaxMessages) elements->push_back(element);
  }
  if (cursor.ok() && cursor.Finish()) return true;
  *problem = std::string(cursor.error()) + " at byte " + std::to_string(cursor.offset());
  return false;
}

}  // namespace

bool ReadBatch(std::string_view body, std::vector<std::string_view>* elements,
               jsonrpc::ParseFailure* failure) {
  const auto refuse = [failure](jsonrpc::ErrorCode code, const std::string& why) {
    failure->code = code;
    failure->message = why;
    return false;
  };
  constexpr auto kInvalid = jsonrpc::ErrorCode::kInvalidRequest;
  std::string problem;
  if (!Split(body, elements, &problem)) {
    return refuse(jsonrpc::ErrorCode::kParseError, "Parse error: " + problem);
  }
  if (elements->empty() || elements->size() > Batch::kMaxMessages) {
    return refuse(kInvalid, "Invalid request: a batch has 1 to " +
                                std::to_string(Batch::kMaxMessages) + " messages");
  }
  for (const std::string_view element : *elements) {
    jsonrpc::Message message;
    jsonrpc::ParseFailure broken;
    if (!jsonrpc::ParseMessage(element, &message, &broken)) return refuse(kInvalid, broken.message);
    if (mcp::ParseMeta(message).claims_modern) {
      return refuse(kInvalid,
                    "Invalid request: 2026-07-28 has no batches; send one message a request");
    }
    if (message.method == "initialize") {
      return refuse(kInvalid, "Invalid request: initialize must not be part of a batch");
    }
  }
  return true;
}

// Of one request. Nothing may come before its end: the answer of the batch is one array.
class Batch::ElementAnswer final : public mcp::Answer {
 public:
  ElementAnswer(std::shared_ptr<Batch> batch, size_t index)
      : batch_(std::move(batch)), index_(index) {}

  bool streams() const override { return false; }
  void Begin() override {}
  Sent Send(const std::string& /*message*/) override { return Sent::kGone; }
  void OnWritable(absl::AnyInvocable<void()> /*ready*/) override {}
  void End(mcp::Reply reply) override { batch_->Take(index_, std::move(reply)); }

 private:
  const std::shared_ptr<Batch> batch_;
  const size_t index_;
};

std::shared_ptr<Batch> Batch::Run(const std::vector<std::string_view>& elements,
                                  const mcp::Caller& caller, telemetry::Span* span,
                                  mcp::Server* server, Whole whole) {
  std::shared_ptr<Batch> batch(new Batch(std::move(whole)));
  batch->operations_.resize(elements.size());
  batch->ids_.resize(elements.size());
  for (size_t i = 0; i < elements.size(); ++i) {
    jsonrpc::Message message;
    jsonrpc::ParseFailure failure;
    if (!jsonrpc::ParseMessage(elements[i], &message, &failure)) continue;
    if (message.kind == jsonrpc::Kind::kNotification) {
      server->HandleNotification(message, caller.session);
    }
    if (message.kind != jsonrpc::Kind::kRequest) continue;
    ++batch->waiting_;
    batch->ids_[i] = message.id;
    const mcp::Meta meta = mcp::ParseMeta(message);
    mcp::Call call{.message = message, .caller = caller};
    call.message_trace = meta.trace.has_value() ? &*meta.trace : nullptr;
    call.parent_span = span;
    batch->operations_[i] = server->Handle(call, std::make_unique<ElementAnswer>(batch, i));
  }
  batch->Done();
  return batch;
}

void Batch::Cancel(mcp::Operation::Why why) {
  for (mcp::Operation* operation : operations_) {
    if (operation != nullptr) operation->Cancel(why);
  }
}

void Batch::Take(size_t index, mcp::Reply reply) {
  const bool was_called = std::exchange(operations_[index], nullptr) != nullptr;
  recorded_ = recorded_ || reply.recorded;
  answers_.append(answers_.empty() ? "[" : ",");
  const size_t shared = reply.shared == nullptr ? 0 : reply.shared->size();
  constexpr size_t kFraming = 128;  // the bracket, and what makes an event of it
  const size_t size = answers_.size() + reply.head.size() + shared + reply.tail.size() + kFraming;
  if (answers_.size() > kMaxAnswerBytes || !whole_.reserve(size)) {
    jsonrpc::AppendError(&answers_, ids_[index], jsonrpc::ErrorCode::kInternalError,
                         std::string("Internal error: there is no room for this answer beside the "
                                     "others of the batch; ") +
                             (was_called ? "the call was made, so check before you send it again "
                                           "by itself"
                                         : "send it again by itself"));
  } else {
    answers_.append(reply.head);
    if (reply.shared != nullptr) answers_.append(*reply.shared);
    answers_.append(reply.tail);
  }
  Done();
}

void Batch::Done() {
  if (--waiting_ > 0) return;
  if (answers_.empty()) return whole_.end(std::nullopt);
  mcp::Reply reply;
  reply.head = std::move(answers_);
  reply.tail = "]";
  reply.recorded = recorded_;
  whole_.end(std::move(reply));
}

}  // namespace bridge::transport
