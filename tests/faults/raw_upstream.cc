#include "tests/faults/raw_upstream.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace bridge::testing {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Moves what there is from one to the other; false when either is over.
bool Move(int from, int to) {
  char buffer[16384];
  const ssize_t got = recv(from, buffer, sizeof(buffer), 0);
  return got > 0 && SendAll(to, std::string(buffer, static_cast<size_t>(got)));
}

}  // namespace

bool SendAll(int socket, const std::string& bytes) {
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t now = send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) return false;
    sent += static_cast<size_t>(now);
  }
  return true;
}

bool ReceiveExactly(int socket, size_t size, std::string* bytes) {
  bytes->resize(size);
  return size == 0 || recv(socket, bytes->data(), size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

void Swallow(int socket) {
  std::string byte;
  while (ReceiveExactly(socket, 1, &byte)) {
  }
}

RawUpstream::RawUpstream(int behind, Misdeed misdeed)
    : behind_(behind), misdeed_(std::move(misdeed)) {
  listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(listening_, generic, size), 0);
  EXPECT_EQ(listen(listening_, 128), 0);
  EXPECT_EQ(getsockname(listening_, generic, &size), 0);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { Accept(); });
}

RawUpstream::~RawUpstream() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ShutDownAll();
  }
  shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  for (std::thread& thread : serving_) thread.join();
  close(listening_);
}

void RawUpstream::Become(Misdeed misdeed) {
  const std::lock_guard lock(mutex_);
  misdeed_ = std::move(misdeed);
  ShutDownAll();
}

void RawUpstream::ShutDownAll() {
  for (const int socket : open_) shutdown(socket, SHUT_RDWR);
}

void RawUpstream::Accept() {
  while (true) {
    const int socket = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      close(socket);
      return;
    }
    open_.insert(socket);
    serving_.emplace_back([this, socket, misdeed = misdeed_] { Serve(socket, misdeed); });
  }
}

void RawUpstream::Serve(int socket, const Misdeed& misdeed) {
  if (misdeed) {
    misdeed(socket);
  } else {
    PassOn(socket);
  }
  const std::lock_guard lock(mutex_);
  open_.erase(socket);
  close(socket);
}

void RawUpstream::PassOn(int socket) const {
  const int onward = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(behind_);
  bool open = connect(onward, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  while (open) {
    pollfd ends[] = {{socket, POLLIN, 0}, {onward, POLLIN, 0}};
    open = poll(ends, 2, -1) > 0;
    if (open && ends[0].revents != 0) open = Move(socket, onward);
    if (open && ends[1].revents != 0) open = Move(onward, socket);
  }
  close(onward);
}

}  // namespace bridge::testing
