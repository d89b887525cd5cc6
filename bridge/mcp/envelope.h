// What a message says of the protocol that it speaks: the one place where the era is decided, for
// all transports (MCP 2026-07-28, "Versioning" and basic, "_meta").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/meta.h"
#include "bridge/mcp/revision.h"

namespace bridge::mcp {

struct Envelope {
  bool modern = false;
  const Revision* revision = nullptr;  // of a modern request without a fault; legacy: the session's
  Meta meta;
  // Why the request has to be refused, and in which words. kUnsupportedVersion comes with
  // UnsupportedVersionData.
  std::optional<jsonrpc::ErrorCode> fault;
  std::string problem;
};

// `version_header` is what the transport says beside the message (MCP-Protocol-Version), or empty.
// Notifications have no faults.
Envelope ReadEnvelope(const jsonrpc::Message& message, std::string_view version_header);

// {"supported":[...],"requested":...}: the data of -32022.
std::string UnsupportedVersionData(std::string_view requested);

}  // namespace bridge::mcp
