// How many bytes the connections of one gRPC channel have received. gRPC takes all of a message
// before it looks at its size, tells nobody how much it has, and cannot be limited safely by a
// ResourceQuota; the kernel counts for each TCP connection. (A Unix socket has no such count: there
// it stays 0.) Any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace grpc {
class ChannelArguments;
}

namespace bridge::upstream {

class ReceivedBytes final {
 public:
  // Counts for every channel that is made with `arguments`.
  static std::shared_ptr<ReceivedBytes> Watch(::grpc::ChannelArguments* arguments);

  // Of all connections that are open.
  uint64_t Count() const;

 private:
  ReceivedBytes() = default;
  void Add(int socket);

  friend struct Hook;
  // gRPC closes it when it likes, and its number then means another; an inode does not. (A
  // duplicate would be safe from that, but gRPC's epoll set would go on telling of it.)
  struct Socket {
    int number;
    ino_t inode;
  };
  mutable std::mutex mutex_;
  std::vector<Socket> sockets_;
};

}  // namespace bridge::upstream
