// MCP's Streamable HTTP transport: the one place where HTTP meets MCP. Both eras on one path:
// 2026-07-28 (every request stands alone) and 2025-11-25 to 2025-03-26 (sessions); which one a
// request belongs to is decided by its body.
//
// Each check answers with the status and JSON-RPC code of docs/architecture.md's table, the first
// that fails. Belongs to one reactor.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/http/message.h"
#include "bridge/http/server.h"
#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/ended_sessions.h"
#include "bridge/mcp/envelope.h"
#include "bridge/mcp/server.h"
#include "bridge/mcp/session.h"
#include "bridge/telemetry/tracer.h"
#include "bridge/transport/exchange.h"
#include "bridge/transport/origin.h"

namespace bridge::transport {

class StreamableHttp final {
 public:
  // The references must outlive this object.
  StreamableHttp(const OriginPolicy& origins, mcp::Server& server, mcp::Sessions& sessions,
                 mcp::EndedSessions& ended_sessions, telemetry::Tracer& tracer,
                 metrics::McpMetrics* metrics);

  // Answers a request, now or later. MCP is served at /mcp; elsewhere there is nothing.
  void Handle(const http::Request& request, http::Responder responder);
  // What lets the page that sent `request` read an answer, so also one that the HTTP server gives
  // by itself; empty if no page did, or it is not allowed.
  std::string PageHeaders(const http::Request& request) const;

 private:
  using ExchangePtr = std::unique_ptr<Exchange>;

  void HandlePost(const http::Request& request, ExchangePtr exchange);
  void HandleDelete(const http::Request& request, ExchangePtr exchange);
  void HandleBatch(const http::Request& request, std::string_view body, ExchangePtr exchange);
  void HandleModern(const http::Request& request, const jsonrpc::Message& message,
                    const mcp::Envelope& envelope, ExchangePtr exchange);
  void HandleLegacy(const http::Request& request, const jsonrpc::Message& message,
                    const mcp::Envelope& envelope, ExchangePtr exchange);
  void HandleNotification(const http::Request& request, const jsonrpc::Message& message,
                          const mcp::Envelope& envelope, ExchangePtr exchange);
  void Dispatch(const jsonrpc::Message& message, const mcp::Envelope& envelope, mcp::Caller caller,
                ExchangePtr exchange);

  // Whether the answer may be JSON or an event stream; answers `exchange` itself and returns false
  // if the client takes neither.
  static bool ChooseForm(const http::Request& request, std::string_view id, Exchange* exchange);

  // The live session `request` names; answers `exchange` itself and returns nothing if there is
  // none. `id` is echoed.
  std::optional<mcp::Session> FindSession(const http::Request& request, std::string_view id,
                                          Exchange* exchange);
  void StartHttpSpan(const http::Request& request, const telemetry::TraceContext* message_trace,
                     Exchange* exchange);

  const OriginPolicy& origins_;
  mcp::Server& server_;
  mcp::Sessions& sessions_;
  telemetry::Tracer& tracer_;
  mcp::EndedSessions& ended_sessions_;
  metrics::McpMetrics* const metrics_;
};

}  // namespace bridge::transport
