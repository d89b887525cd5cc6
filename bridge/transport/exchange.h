// One POST being answered: where its answer goes, and its HTTP span. Belongs to a reactor's thread.
#pragma once

#include <string>
#include <string_view>

#include "bridge/http/message.h"
#include "bridge/http/server.h"
#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/server.h"
#include "bridge/telemetry/tracer.h"

namespace bridge::transport {

struct Exchange {
  http::Responder responder;
  telemetry::Span span;       // POST /mcp
  std::string headers;        // for the response, each line ended by CRLF
  bool event_stream = false;  // the answer is one SSE event

  // The JSON-RPC message `reply` with `status`; ends the span.
  void Send(int status, mcp::Reply reply);
  // Plain text, for who does not speak MCP.
  void SendText(int status, std::string text);
  // No body: 202 and 204.
  void SendEmpty(int status);
  // A JSON-RPC error decided before dispatch; `id` empty where it is not known.
  void Refuse(int status, std::string_view id, jsonrpc::ErrorCode code, const std::string& message,
              std::string_view data = {});

 private:
  void EndSpan(int status);
};

}  // namespace bridge::transport
