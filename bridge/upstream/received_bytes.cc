#include "bridge/upstream/received_bytes.h"

#include <grpc/support/sync.h>
#include <grpcpp/support/channel_arguments.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <utility>

namespace bridge::upstream {

// The public ChannelArguments::SetSocketMutator takes a struct that no public header defines: this
// is its form in src/core/lib/iomgr/socket_mutator.h of gRPC 1.51.
struct MutatorFunctions {
  bool (*mutate)(int socket, grpc_socket_mutator* self);
  int (*compare)(grpc_socket_mutator* a, grpc_socket_mutator* b);
  void (*destroy)(grpc_socket_mutator* self);
  bool (*mutate_with_usage)(const void* info, grpc_socket_mutator* self);  // null: mutate is asked
};

}  // namespace bridge::upstream

struct grpc_socket_mutator {
  const bridge::upstream::MutatorFunctions* functions;
  gpr_refcount references;
};

namespace bridge::upstream {
namespace {

// 0 for what is no open file.
ino_t InodeOf(int socket) {
  struct stat status{};
  return ::fstat(socket, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

// What gRPC calls for each socket before it connects it. gRPC owns it.
struct Hook final : grpc_socket_mutator {
  explicit Hook(std::shared_ptr<ReceivedBytes> bytes)
      : grpc_socket_mutator{&kFunctions, {}}, received(std::move(bytes)) {
    gpr_ref_init(&references, 1);
  }

  static bool Mutate(int socket, grpc_socket_mutator* self) {
    static_cast<Hook*>(self)->received->Add(socket);
    return true;
  }
  static int Compare(grpc_socket_mutator* a, grpc_socket_mutator* b) {
    return a == b ? 0 : a < b ? -1 : 1;
  }
  static void Destroy(grpc_socket_mutator* self) { delete static_cast<Hook*>(self); }

  static constexpr MutatorFunctions kFunctions{Mutate, Compare, Destroy, nullptr};
  const std::shared_ptr<ReceivedBytes> received;
};

std::shared_ptr<ReceivedBytes> ReceivedBytes::Watch(::grpc::ChannelArguments* arguments) {
  std::shared_ptr<ReceivedBytes> received(new ReceivedBytes);
  arguments->SetSocketMutator(new Hook(received));
  return received;
}

void ReceivedBytes::Add(int socket) {
  const std::lock_guard lock(mutex_);
  sockets_.push_back({socket, InodeOf(socket)});
}

uint64_t ReceivedBytes::Count() const {
  const std::lock_guard lock(mutex_);
  uint64_t count = 0;
  for (const Socket& socket : sockets_) {
    tcp_info info{};
    socklen_t size = sizeof(info);
    if (::getsockopt(socket.number, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
        InodeOf(socket.number) == socket.inode) {
      count += info.tcpi_bytes_received;
    }
  }
  return count;
}

}  // namespace bridge::upstream
