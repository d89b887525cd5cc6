// A server on its own thread and a blocking client that speaks raw bytes to it over 127.0.0.1.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "bridge/http/field.h"
#include "bridge/http/server.h"
#include "gtest/gtest.h"

namespace bridge::http {

class ServerThread final {
 public:
  explicit ServerThread(Handler handler, const Limits& limits = Limits(),
                        const std::string& host = "127.0.0.1", ByteBudget* budget = nullptr,
                        RefusalHeaders refusal_headers = nullptr);
  ServerThread(Handler handler, const Limits& limits, ListenOptions options,
               const std::string& host = "127.0.0.1");
  ~ServerThread();

  uint16_t port() const { return port_; }

  // Runs `work` on the server's thread and waits for its result.
  template <typename Work>
  auto Run(Work work) {
    std::packaged_task<decltype(work(*server_))()> task([&] { return work(*server_); });
    auto result = task.get_future();
    boost::asio::post(io_, [&task] { task(); });
    return result.get();
  }
  void Drain() {
    Run([](Server& server) { server.Drain(); });
  }
  size_t connections() {
    return Run([](Server& server) { return server.connections(); });
  }
  // Destroys the server; its io_context runs on.
  void Stop();

 private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<Server> server_;
  uint16_t port_ = 0;
  std::thread thread_;
};

// A handler that keeps requests until the test answers them on the server's thread. Outlives the
// server when declared before it.
class Parking final {
 public:
  struct Place {
    const Request* request;
    Responder responder;
    bool gone = false;
  };

  Handler handler();
  // Waits until `count` requests have come.
  void Await(size_t count);
  void AwaitGone(size_t count);

  // On the server's thread only.
  std::deque<Place> places;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t parked_ = 0;
  size_t gone_ = 0;
};

struct Reply {
  int status = 0;  // 0: the connection ended before a whole response had come
  std::string head;
  std::string body;

  std::optional<std::string> Find(std::string_view name) const;
};

// Every read gives up after ten seconds, so that a test fails instead of hanging.
class Client final {
 public:
  explicit Client(uint16_t port, int receive_buffer = 0, const char* from = nullptr);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  static bool CanConnect(uint16_t port);
  uint16_t port() const;  // its own

  // False if the server has closed.
  bool Send(std::string_view bytes);
  // One response, with or without a body as its head says.
  Reply Read(bool head_only = false);
  Reply Ask(std::string_view request) {
    Send(request);
    return Read();
  }
  // Reads until `text` has come; false if the end comes first.
  bool ReadUntil(std::string_view text);
  // Everything up to the end of the connection; nothing if it was reset.
  std::optional<std::string> ReadToEnd();
  // Adds to `pending` what comes within `time`.
  void ReceiveWithin(std::chrono::milliseconds time);
  // True once the server has closed the connection, without any further byte.
  bool AtEnd();
  void EndSending();
  void Close();
  // Closes with a TCP reset.
  void Reset();

  std::string pending;  // received and not yet read

 private:
  static constexpr int kPatienceMs = 10'000;
  enum class Got { kBytes, kEnd, kReset, kNothing };
  Got Receive();

  int fd_;
};

// A request with what it needs to be accepted.
std::string Get(std::string_view path);
std::string Post(std::string_view path, std::string_view body, std::string_view headers = {});

inline ServerThread::ServerThread(Handler handler, const Limits& limits, const std::string& host,
                                  ByteBudget* budget, RefusalHeaders refusal_headers)
    : ServerThread(std::move(handler), limits,
                   {.budget = budget, .refusal_headers = std::move(refusal_headers)}, host) {}

inline ServerThread::ServerThread(Handler handler, const Limits& limits, ListenOptions options,
                                  const std::string& host)
    : work_(io_.get_executor()) {
  auto server = Server::Listen(io_, host, 0, limits, std::move(handler), std::move(options));
  EXPECT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  port_ = server_->port();
  thread_ = std::thread([this] { io_.run(); });
}

inline ServerThread::~ServerThread() {
  Stop();
  work_.reset();
  io_.stop();
  thread_.join();
}

inline void ServerThread::Stop() {
  if (server_ == nullptr) return;
  Run([this](Server&) { server_.reset(); });
}

inline Handler Parking::handler() {
  return [this](const Request& request, Responder responder) {
    Place& place = places.emplace_back(Place{&request, std::move(responder)});
    place.responder.OnDisconnect([this, &place] {
      place.gone = true;
      const std::lock_guard lock(mutex_);
      ++gone_;
      changed_.notify_all();
    });
    const std::lock_guard lock(mutex_);
    ++parked_;
    changed_.notify_all();
  };
}

inline void Parking::Await(size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return parked_ >= count; });
}

inline void Parking::AwaitGone(size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return gone_ >= count; });
}

inline std::optional<std::string> Reply::Find(std::string_view name) const {
  size_t line = head.find("\r\n");
  while (line != std::string::npos && line + 2 < head.size()) {
    const std::string_view rest = std::string_view(head).substr(line + 2);
    const std::string_view field = rest.substr(0, rest.find("\r\n"));
    const size_t colon = field.find(':');
    if (colon != std::string_view::npos && EqualsIgnoreCase(field.substr(0, colon), name)) {
      return std::string(TrimBlanks(field.substr(colon + 1)));
    }
    line = head.find("\r\n", line + 2);
  }
  return std::nullopt;
}

// `from`: its own address, if any but 127.0.0.1.
inline int Connect(uint16_t port, int receive_buffer, const char* from = nullptr) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  if (from != nullptr) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    ::inet_pton(AF_INET, from, &own.sin_addr);
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof(own)), 0) << from;
  }
  if (receive_buffer > 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return fd;
  ::close(fd);
  return -1;
}

inline bool Client::CanConnect(uint16_t port) {
  const int fd = Connect(port, 0);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

inline Client::Client(uint16_t port, int receive_buffer, const char* from)
    : fd_(Connect(port, receive_buffer, from)) {
  EXPECT_GE(fd_, 0) << strerror(errno);
}

inline uint16_t Client::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

inline Client::~Client() {
  Close();
}

inline bool Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(sent);
  }
  return true;
}

inline Client::Got Client::Receive() {
  pollfd readable{fd_, POLLIN, 0};
  if (::poll(&readable, 1, kPatienceMs) != 1) {
    ADD_FAILURE() << "nothing came; pending: " << pending.substr(0, 200);
    return Got::kNothing;
  }
  std::array<char, 65536> buffer;
  const ssize_t bytes = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (bytes < 0) return Got::kReset;
  if (bytes == 0) return Got::kEnd;
  pending.append(buffer.data(), bytes);
  return Got::kBytes;
}

inline bool Client::ReadUntil(std::string_view text) {
  while (pending.find(text) == std::string::npos) {
    if (Receive() != Got::kBytes) return false;
  }
  return true;
}

inline Reply Client::Read(bool head_only) {
  Reply reply;
  if (!ReadUntil("\r\n\r\n")) return reply;
  reply.head = pending.substr(0, pending.find("\r\n\r\n") + 2);
  pending.erase(0, reply.head.size() + 2);
  const int status = std::atoi(reply.head.c_str() + 9);
  if (const auto length = reply.Find("Content-Length"); length && !head_only) {
    const size_t wanted = std::stoul(*length);
    while (pending.size() < wanted) {
      if (Receive() != Got::kBytes) return reply;
    }
    reply.body = pending.substr(0, wanted);
    pending.erase(0, wanted);
  } else if (reply.Find("Transfer-Encoding") && !head_only) {
    size_t size = 1;
    while (size > 0) {
      if (!ReadUntil("\r\n")) return reply;
      size = std::stoul(pending, nullptr, 16);
      const size_t line = pending.find("\r\n") + 2;
      while (pending.size() < line + size + 2) {
        if (Receive() != Got::kBytes) return reply;
      }
      reply.body.append(pending, line, size);
      pending.erase(0, line + size + 2);
    }
  }
  reply.status = status;
  return reply;
}

inline std::optional<std::string> Client::ReadToEnd() {
  while (true) {
    const Got got = Receive();
    if (got == Got::kEnd) return std::exchange(pending, "");
    if (got != Got::kBytes) return std::nullopt;
  }
}

inline void Client::ReceiveWithin(std::chrono::milliseconds time) {
  pollfd readable{fd_, POLLIN, 0};
  if (::poll(&readable, 1, static_cast<int>(time.count())) == 1) Receive();
}

inline bool Client::AtEnd() {
  return pending.empty() && Receive() == Got::kEnd;
}

inline void Client::EndSending() {
  ::shutdown(fd_, SHUT_WR);
}

inline void Client::Close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

inline void Client::Reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  Close();
}

inline std::string Get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

inline std::string Post(std::string_view path, std::string_view body, std::string_view headers) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

inline Response Text(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

}  // namespace bridge::http
