#include "bridge/mcp/operations.h"

#include <utility>

#include "bridge/jsonrpc/message.h"

namespace bridge::mcp {

Operation::Operation(Operations* operations, std::string cancel_key)
    : operations_(*operations), cancel_key_(std::move(cancel_key)) {
  operations_.Add(this);
}

Operation::~Operation() {
  operations_.Remove(this);
}

void Operations::Add(Operation* operation) {
  ++size_;
  operation->next_ = first_;
  if (first_ != nullptr) first_->previous_ = operation;
  first_ = operation;
  if (!operation->cancel_key_.empty()) by_key_[operation->cancel_key_] = operation;
}

void Operations::Remove(Operation* operation) {
  --size_;
  Operation* const next = operation->next_;
  (operation->previous_ == nullptr ? first_ : operation->previous_->next_) = next;
  if (next != nullptr) next->previous_ = operation->previous_;
  if (operation->cancel_key_.empty()) return;
  const auto found = by_key_.find(operation->cancel_key_);
  // A client that reuses an id while the first call runs has replaced the entry.
  if (found != by_key_.end() && found->second == operation) by_key_.erase(found);
}

Operation* Operations::Find(const std::string& cancel_key) const {
  const auto found = by_key_.find(cancel_key);
  return found == by_key_.end() ? nullptr : found->second;
}

std::string CancelKey(std::string_view session, std::string_view id) {
  return std::string(session) + " " + jsonrpc::IdKey(id);
}

}  // namespace bridge::mcp
