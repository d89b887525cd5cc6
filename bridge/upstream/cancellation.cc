#include "bridge/upstream/cancellation.h"

#include <grpcpp/client_context.h>

namespace bridge::upstream {

void Cancellation::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  for (::grpc::ClientContext* call : calls_) call->TryCancel();
}

void Cancellation::Join(::grpc::ClientContext* call) {
  const std::lock_guard lock(mutex_);
  calls_.insert(call);
  if (cancelled_) call->TryCancel();
}

void Cancellation::Leave(::grpc::ClientContext* call) {
  const std::lock_guard lock(mutex_);
  calls_.erase(call);
}

}  // namespace bridge::upstream
