// Who asks, and what: a request as a transport hands it over.
#pragma once

#include <string>
#include <string_view>

#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/revision.h"
#include "bridge/telemetry/tracer.h"

namespace bridge::mcp {

// How a caller is connected, in the words of OpenTelemetry's attributes network.*; empty: not said.
// One for each transport, which lives for ever.
struct Network {
  std::string_view transport;
  std::string_view protocol_name;
  std::string_view protocol_version;
};

// A value that may outlive the request.
struct Caller {
  const Revision* revision = nullptr;
  const Network* network = nullptr;
  std::string session;  // legacy: by which its cancellations name its calls; modern: empty, or the
                        // connection's own
};

// The pointers must live until Server::Handle returns.
struct Call {
  const jsonrpc::Message& message;  // a request
  Caller caller;
  telemetry::Span* parent_span = nullptr;                  // the transport's own, or null
  const telemetry::TraceContext* message_trace = nullptr;  // _meta's traceparent, or null
  std::string_view progress_token;  // _meta's, as JSON: a string or a number; empty: none
};

}  // namespace bridge::mcp
