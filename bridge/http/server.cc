#include "bridge/http/server.h"

#include <utility>

#include "bridge/http/listener.h"

namespace bridge::http {

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(boost::asio::io_context& io,
                                                       const std::string& host, uint16_t port,
                                                       const Limits& limits, Handler handler,
                                                       ListenOptions options) {
  const bool share_port = options.share_port;
  auto listener = std::make_shared<Listener>(io, limits, std::move(handler), std::move(options));
  absl::Status opened = listener->Open(host, port, share_port);
  if (!opened.ok()) return opened;
  return std::unique_ptr<Server>(new Server(std::move(listener)));
}

Server::Server(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}

Server::~Server() {
  listener_->Stop();
}

uint16_t Server::port() const {
  return listener_->port();
}

void Server::Drain() {
  listener_->Drain();
}

bool Server::drained() const {
  return listener_->drained();
}

size_t Server::connections() const {
  return listener_->connections();
}

}  // namespace bridge::http
