// An upstream below gRPC: a TCP server that passes bytes on to a real one, until it is told to do
// to each connection what no gRPC server does.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace bridge::testing {

// Does to an accepted connection what it likes; the socket is closed when it returns. It must end
// when the socket is shut down.
using Misdeed = std::function<void(int socket)>;

class RawUpstream final {
 public:
  // Begins with `misdeed`; without one, with passing on to the port `behind`.
  explicit RawUpstream(int behind, Misdeed misdeed = nullptr);
  ~RawUpstream();
  RawUpstream(const RawUpstream&) = delete;
  RawUpstream& operator=(const RawUpstream&) = delete;

  int port() const { return port_; }
  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

  // Ends all connections; new ones meet this, or are passed on again with null.
  void Become(Misdeed misdeed);

 private:
  void Accept();
  void PassOn(int socket) const;
  void Serve(int socket, const Misdeed& misdeed);
  void ShutDownAll();

  const int behind_;
  int listening_ = -1;
  int port_ = 0;
  std::mutex mutex_;  // guards what follows
  Misdeed misdeed_;
  std::set<int> open_;
  std::vector<std::thread> serving_;
  bool stopping_ = false;
  std::thread accepting_;
};

// Both return false when the connection is over.
bool SendAll(int socket, const std::string& bytes);
bool ReceiveExactly(int socket, size_t size, std::string* bytes);

// Reads and forgets until the connection is over.
void Swallow(int socket);

}  // namespace bridge::testing
