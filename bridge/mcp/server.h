// The protocol core: takes one JSON-RPC message whose era and revision are known, and answers it if
// it is a request. Knows no transport. MCP 2026-07-28 and 2025-11-25 to 2025-03-26; methods.h lists
// what of them there is.
//
// A Server belongs to one reactor: everything here runs on its thread, nothing is locked.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "bridge/mcp/answer.h"
#include "bridge/mcp/caller.h"
#include "bridge/mcp/core.h"

namespace bridge::mcp {

class Server final {
 public:
  Server(ServerOptions options, const Surroundings& around);

  // From now on requests see this catalog, before the first one an empty one; calls under way keep
  // theirs.
  void Publish(std::shared_ptr<const Surface> surface);

  // Answers a request, now or later. Returns what is under way, for Cancel only and until the
  // answer has ended; null when it has ended already.
  Operation* Handle(const Call& call, std::unique_ptr<Answer> answer);

  // Takes a notification; unknown ones are ignored. `session` as in Caller.
  void HandleNotification(const jsonrpc::Message& message, std::string_view session);

  // The call that `session` started under the id that this JSON text writes, in whatever way it was
  // written then, if it runs here.
  void CancelCall(std::string_view session, std::string_view id);
  // For a drain: what may go on for ever ends with what it has, now and from now on.
  void EndStreams();
  // At shutdown: everything under way.
  void CancelAll();

  size_t calls_in_flight() const { return core_.operations.size(); }

 private:
  Core core_;
};

}  // namespace bridge::mcp
