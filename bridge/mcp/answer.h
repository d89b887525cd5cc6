// Where the answer to one request goes: messages, then an end. The transports implement it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/revision.h"

namespace bridge::mcp {

// One JSON-RPC response as text: `head`, then `shared` (prepared bytes), then `tail`.
struct Reply {
  std::string head;
  std::shared_ptr<const std::string> shared;
  std::string tail;
  std::optional<jsonrpc::ErrorCode> error;  // set when it is an error response
  const Revision* negotiated = nullptr;     // set by initialize: a session begins
  bool recorded = false;                    // its span is
  // The client has taken its request back: a transport that can do without says nothing.
  bool cancelled = false;
};

// Belongs to one request and one reactor's thread.
class Answer {
 public:
  enum class Sent : uint8_t {
    kTaken,
    kFull,  // taken, but the client reads slowly: cause nothing more to be sent before OnWritable's
            // function runs
    kGone,  // not taken: nobody reads any more, or far too much waits. Operation::Cancel may follow
  };

  virtual ~Answer() = default;

  // Whether anything may be sent before the end.
  virtual bool streams() const = 0;
  // Shows that the answer goes on although nothing is sent: what is between us and the client is
  // kept from giving up. Only if it streams.
  virtual void Begin() = 0;
  // A JSON-RPC notification for the client. Only if it streams, and before the end.
  virtual Sent Send(const std::string& message) = 0;
  // `ready` runs once, soon after what was sent is on its way. Replaces the one before.
  virtual void OnWritable(absl::AnyInvocable<void()> ready) = 0;
  // Once, last. With nothing sent before, the client gets one plain response.
  virtual void End(Reply reply) = 0;
};

}  // namespace bridge::mcp
