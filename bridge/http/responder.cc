#include <utility>

#include "bridge/http/connection.h"
#include "bridge/http/server.h"

namespace bridge::http {

Responder::Responder(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    const std::shared_ptr<Connection> unanswered = std::exchange(connection_, nullptr);
    connection_ = std::move(other.connection_);
    if (unanswered) unanswered->Abandon();
  }
  return *this;
}

Responder::~Responder() {
  if (connection_) connection_->Abandon();
}

// Forgets the connection first: it goes on to the next request inside the call.
void Responder::Send(Response response) {
  if (auto connection = std::exchange(connection_, nullptr)) connection->Send(std::move(response));
}

bool Responder::Reserve(size_t bytes) {
  return connection_ && connection_->Reserve(bytes);
}

void Responder::StartStream(int status, std::string_view content_type, std::string_view headers,
                            std::string_view keep_alive) {
  if (connection_) connection_->StartStream(status, content_type, headers, keep_alive);
}

Responder::Written Responder::Write(std::string_view chunk) {
  return connection_ ? connection_->Write(chunk) : Written::kGone;
}

void Responder::OnDrained(absl::AnyInvocable<void()> drained) {
  if (connection_) connection_->OnDrained(std::move(drained));
}

void Responder::Close(std::string_view last) {
  if (auto connection = std::exchange(connection_, nullptr)) connection->EndStream(last);
}

void Responder::OnDisconnect(absl::AnyInvocable<void()> gone) {
  if (connection_) connection_->OnDisconnect(std::move(gone));
}

bool Responder::connected() const {
  return connection_ && connection_->connected();
}

}  // namespace bridge::http
