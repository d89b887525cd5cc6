#include "bridge/transport/batch.h"

#include <utility>

#include "bridge/base/json_cursor.h"
#include "bridge/mcp/meta.h"

namespace bridge::transport {

bool SplitBatch(std::string_view body, std::vector<std::string_view>* elements,
                std::string* problem) {
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

void Batch::Run(const std::vector<std::string_view>& elements, const mcp::Revision* revision,
                std::string_view session, mcp::Server* server, std::unique_ptr<Exchange> exchange) {
  const std::shared_ptr<Batch> batch(new Batch(std::move(exchange)));
  batch->calls_.resize(elements.size());
  batch->ids_.resize(elements.size());
  for (size_t i = 0; i < elements.size(); ++i) {
    jsonrpc::Message message;
    jsonrpc::ParseFailure failure;
    if (!jsonrpc::ParseMessage(elements[i], &message, &failure)) continue;
    if (message.kind == jsonrpc::Kind::kNotification) server->HandleNotification(message, session);
    if (message.kind != jsonrpc::Kind::kRequest) continue;
    ++batch->waiting_;
    batch->ids_[i] = message.id;
    const mcp::Meta meta = mcp::ParseMeta(message);
    mcp::RequestContext context;
    context.revision = revision;
    context.session = session;
    context.message_trace = meta.trace.has_value() ? &*meta.trace : nullptr;
    context.parent_span = &batch->exchange_->span;
    mcp::ToolCall* call = server->Handle(
        message, context, [batch, i](mcp::Reply reply) { batch->Take(i, std::move(reply)); });
    batch->calls_[i] = call;
  }
  batch->exchange_->responder.OnDisconnect([server, weak = std::weak_ptr<Batch>(batch)] {
    const auto alive = weak.lock();
    if (alive == nullptr) return;
    for (mcp::ToolCall* call : alive->calls_) {
      if (call != nullptr) server->Cancel(call);
    }
  });
  batch->Done();
}

void Batch::Take(size_t index, mcp::Reply reply) {
  const bool was_called = std::exchange(calls_[index], nullptr) != nullptr;
  recorded_ = recorded_ || reply.recorded;
  answers_.append(answers_.empty() ? "[" : ",");
  const size_t shared = reply.shared == nullptr ? 0 : reply.shared->size();
  constexpr size_t kFraming = 128;  // the bracket, and what makes an event of it
  const size_t size = answers_.size() + reply.head.size() + shared + reply.tail.size() + kFraming;
  if (answers_.size() > kMaxAnswerBytes || !exchange_->responder.Reserve(size)) {
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
  if (answers_.empty()) return exchange_->SendEmpty(202);
  mcp::Reply reply;
  reply.head = std::move(answers_);
  reply.tail = "]";
  reply.recorded = recorded_;
  exchange_->Send(200, std::move(reply));
}

}  // namespace bridge::transport
