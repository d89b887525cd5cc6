// One POST being answered: where its answer goes, and its HTTP span. Belongs to a reactor's thread.
#pragma once

#include <string>
#include <string_view>

#include "bridge/http/message.h"
#include "bridge/http/server.h"
#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/answer.h"
#include "bridge/mcp/session.h"
#include "bridge/metrics/mcp_metrics.h"
#include "bridge/telemetry/tracer.h"

namespace bridge::transport {

// The answer to its JSON-RPC message: one response, or an event stream that begins with the first
// message before the end (MCP 2026-07-28, streamable HTTP, "Sending Messages").
class Exchange final : public mcp::Answer {
 public:
  // What the client takes.
  enum class Form : uint8_t {
    kJson,          // JSON, and no event stream
    kJsonOrStream,  // JSON, if nothing comes before the end
    kStream,        // one event at least
  };

  http::Responder responder;
  telemetry::Span span;  // POST /mcp
  std::string headers;   // for the response, each line ended by CRLF
  Form form = Form::kJson;
  bool modern = false;                      // what is not found has a status of its own
  const mcp::Sessions* sessions = nullptr;  // of initialize: mints the session
  metrics::McpMetrics* metrics = nullptr;   // never null

  bool streams() const override { return form != Form::kJson; }
  void Begin() override;
  Sent Send(const std::string& message) override;
  void OnWritable(absl::AnyInvocable<void()> ready) override;
  void End(mcp::Reply reply) override;

  // The JSON-RPC message `reply` with `status`; ends the span.
  void Respond(int status, mcp::Reply reply);
  // Plain text, for who does not speak MCP.
  void SendText(int status, std::string text);
  // No body: 202 and 204.
  void SendEmpty(int status);
  // A JSON-RPC error decided before dispatch; `id` empty where it is not known.
  void Refuse(int status, std::string_view id, jsonrpc::ErrorCode code, const std::string& message,
              std::string_view data = {});

 private:
  void EndSpan(int status);
  void EndStream(const mcp::Reply& reply);

  bool begun_ = false;  // the stream
};

}  // namespace bridge::transport
