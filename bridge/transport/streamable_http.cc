#include "bridge/transport/streamable_http.h"

#include <ctime>
#include <utility>

#include "bridge/base/text.h"
#include "bridge/transport/batch.h"
#include "bridge/transport/cors.h"
#include "bridge/transport/header_value.h"
#include "bridge/transport/modern_headers.h"

namespace bridge::transport {
namespace {

using jsonrpc::ErrorCode;
using jsonrpc::Kind;

constexpr std::string_view kAllow = "Allow: POST, DELETE, OPTIONS\r\n";

constexpr mcp::Network kNetwork = {"tcp", "http", "1.1"};

bool IsEndpoint(std::string_view path) {
  return path == "/mcp" || path == "/mcp/";
}

// Windows tools write a byte order mark before JSON; RFC 8259, 8.1, lets a reader ignore it.
std::string_view WithoutByteOrderMark(std::string_view body) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (body.starts_with(kMark)) body.remove_prefix(kMark.size());
  return body;
}

std::optional<telemetry::TraceContext> HeaderTrace(const http::Request& request) {
  const auto traceparent = request.Find(http::Field::kTraceparent);
  if (!traceparent.has_value() || request.Count("traceparent") != 1) return std::nullopt;
  return telemetry::ParseTraceContext(*traceparent,
                                      request.Find(http::Field::kTracestate).value_or(""));
}

const telemetry::TraceContext* MessageTrace(const mcp::Envelope& envelope) {
  return envelope.meta.trace.has_value() ? &*envelope.meta.trace : nullptr;
}

}  // namespace

StreamableHttp::StreamableHttp(const OriginPolicy& origins, mcp::Server& server,
                               mcp::Sessions& sessions, mcp::EndedSessions& ended_sessions,
                               telemetry::Tracer& tracer, metrics::McpMetrics* metrics)
    : origins_(origins),
      server_(server),
      sessions_(sessions),
      tracer_(tracer),
      ended_sessions_(ended_sessions),
      metrics_(metrics) {}

void StreamableHttp::StartHttpSpan(const http::Request& request,
                                   const telemetry::TraceContext* message_trace,
                                   Exchange* exchange) {
  // The header describes this hop; _meta stands in where there is no header.
  const std::optional<telemetry::TraceContext> header = HeaderTrace(request);
  const telemetry::TraceContext* parent = header.has_value() ? &*header : message_trace;
  const std::string_view name = request.method == "POST" ? "POST /mcp" : "DELETE /mcp";
  exchange->span = tracer_.StartSpan(name, telemetry::SpanKind::kServer, parent, request.received,
                                     parent != nullptr);
  telemetry::Span& span = exchange->span;
  if (!span.recording()) return;
  span.SetAttribute("http.request.method", request.method);
  span.SetAttribute("http.route", "/mcp");
  span.SetAttribute("url.path", request.path);
  span.SetAttribute("url.scheme", "http");
  span.SetAttribute("network.protocol.version", "1.1");
  span.SetAttribute("network.peer.address", request.peer_address);
  span.SetAttribute("network.peer.port", request.peer_port);
  if (const auto agent = request.Find(http::Field::kUserAgent); agent.has_value()) {
    span.SetAttribute("user_agent.original", VisibleText(agent->substr(0, 256)));
  }
}

std::string StreamableHttp::PageHeaders(const http::Request& request) const {
  std::string headers;
  if (request.Find(http::Field::kOrigin).has_value() && origins_.Refusal(request).empty()) {
    AppendCors(request, &headers);
  }
  return headers;
}

void StreamableHttp::Handle(const http::Request& request, http::Responder responder) {
  auto exchange = std::make_unique<Exchange>();
  exchange->responder = std::move(responder);
  exchange->metrics = metrics_;
  const std::string refusal = origins_.Refusal(request);
  if (refusal.empty()) AppendCors(request, &exchange->headers);
  const bool options = request.method == "OPTIONS";
  // Alike for every path and method: the page may then read what is wrong with its request.
  if (options && refusal.empty()) {
    exchange->headers.append(kAllow);
    AppendPreflight(request, &exchange->headers);
    return exchange->SendEmpty(204);
  }
  if (!IsEndpoint(request.path)) {
    metrics_->OnRejection(metrics::Rejection::kPath);
    return exchange->SendText(404, "Nothing here; MCP is served at /mcp\n");
  }
  const bool post = request.method == "POST";
  if (!post && !options && request.method != "DELETE") {
    // GET would open a stream for messages the server starts; there are none.
    exchange->headers.append(kAllow);
    return exchange->Refuse(405, {}, ErrorCode::kInvalidRequest,
                            "Method not allowed: MCP requests are POSTed to this path");
  }
  if (!refusal.empty()) {
    return exchange->Refuse(403, {}, ErrorCode::kInvalidRequest, "Forbidden: " + refusal);
  }
  if (!post) return HandleDelete(request, std::move(exchange));
  if (!IsMediaType(request.Find(http::Field::kContentType).value_or(""), "application/json")) {
    return exchange->Refuse(415, {}, ErrorCode::kInvalidRequest,
                            "Unsupported media type: send Content-Type: application/json");
  }
  HandlePost(request, std::move(exchange));
}

void StreamableHttp::HandlePost(const http::Request& request, ExchangePtr exchange) {
  const std::string_view body = WithoutByteOrderMark(request.body);
  if (jsonrpc::IsBatch(body)) return HandleBatch(request, body, std::move(exchange));
  jsonrpc::Message message;
  jsonrpc::ParseFailure failure;
  if (!jsonrpc::ParseMessage(body, &message, &failure)) {
    StartHttpSpan(request, nullptr, exchange.get());
    if (failure.code == ErrorCode::kParseError &&
        request.Find(http::Field::kContentEncoding).has_value()) {
      return exchange->Refuse(415, {}, ErrorCode::kInvalidRequest,
                              "Unsupported media type: send the body without Content-Encoding");
    }
    return exchange->Refuse(400, failure.id, failure.code, failure.message);
  }
  const mcp::Envelope envelope =
      mcp::ReadEnvelope(message, request.Find(http::Field::kMcpProtocolVersion).value_or(""));
  StartHttpSpan(request, MessageTrace(envelope), exchange.get());
  if (message.kind == Kind::kNotification) {
    return HandleNotification(request, message, envelope, std::move(exchange));
  }
  if (message.kind == Kind::kResponse) {
    // We ask clients nothing, so an answer is never awaited; a live session may still send one.
    if (FindSession(request, {}, exchange.get()).has_value()) exchange->SendEmpty(202);
    return;
  }
  if (envelope.fault.has_value() && *envelope.fault != ErrorCode::kUnsupportedVersion) {
    return exchange->Refuse(400, message.id, *envelope.fault, envelope.problem);
  }
  if (envelope.modern) return HandleModern(request, message, envelope, std::move(exchange));
  HandleLegacy(request, message, envelope, std::move(exchange));
}

void StreamableHttp::HandleModern(const http::Request& request, const jsonrpc::Message& message,
                                  const mcp::Envelope& envelope, ExchangePtr exchange) {
  if (const std::string problem = ContradictingHeader(request, message, envelope.meta);
      !problem.empty()) {
    return exchange->Refuse(400, message.id, ErrorCode::kHeaderMismatch, problem);
  }
  if (envelope.fault.has_value()) {
    return exchange->Refuse(400, message.id, *envelope.fault, envelope.problem,
                            mcp::UnsupportedVersionData(envelope.meta.version));
  }
  if (const std::string problem = MissingHeader(request, message, *envelope.revision);
      !problem.empty()) {
    return exchange->Refuse(400, message.id, ErrorCode::kHeaderMismatch, problem);
  }
  if (!ChooseForm(request, message.id, exchange.get())) return;
  exchange->modern = true;
  Dispatch(message, envelope, {.revision = envelope.revision, .network = &kNetwork},
           std::move(exchange));
}

void StreamableHttp::HandleLegacy(const http::Request& request, const jsonrpc::Message& message,
                                  const mcp::Envelope& envelope, ExchangePtr exchange) {
  if (!ChooseForm(request, message.id, exchange.get())) return;
  mcp::Caller caller{.network = &kNetwork};
  if (message.method == "initialize") {
    if (!request.repeated.empty()) {
      return exchange->Refuse(400, message.id, ErrorCode::kInvalidRequest,
                              "Invalid request: " + RepeatedHeader(request));
    }
    const auto token = request.Find(http::Field::kMcpSessionId);
    if (token.has_value() && sessions_.Find(*token, std::time(nullptr)).has_value()) {
      return exchange->Refuse(400, message.id, ErrorCode::kInvalidRequest,
                              "Invalid request: this session is initialized already");
    }
    caller.revision = &mcp::NewestLegacy();
    exchange->sessions = &sessions_;
  } else {
    const auto session = FindSession(request, message.id, exchange.get());
    if (!session.has_value()) return;
    caller.revision = session->revision;
    caller.session = *request.Find(http::Field::kMcpSessionId);
    exchange->span.SetAttribute("mcp.session.id", SessionIdForTraces(caller.session));
  }
  Dispatch(message, envelope, std::move(caller), std::move(exchange));
}

void StreamableHttp::Dispatch(const jsonrpc::Message& message, const mcp::Envelope& envelope,
                              mcp::Caller caller, ExchangePtr exchange) {
  Exchange* const waiting = exchange.get();
  const mcp::Call call{.message = message,
                       .caller = std::move(caller),
                       .parent_span = &waiting->span,
                       .message_trace = MessageTrace(envelope),
                       .progress_token = envelope.meta.progress_token};
  mcp::Operation* const operation = server_.Handle(call, std::move(exchange));
  if (operation == nullptr) return;
  waiting->responder.OnDisconnect(
      [operation] { operation->Cancel(mcp::Operation::Why::kPeerGone); });
}

void StreamableHttp::HandleNotification(const http::Request& request,
                                        const jsonrpc::Message& message,
                                        const mcp::Envelope& envelope, ExchangePtr exchange) {
  if (envelope.modern) {
    if (envelope.meta.claims_modern) {
      const std::string problem = ContradictingHeader(request, message, envelope.meta);
      if (!problem.empty()) {
        return exchange->Refuse(400, {}, ErrorCode::kHeaderMismatch, problem);
      }
    }
    return exchange->SendEmpty(202);
  }
  if (!FindSession(request, {}, exchange.get()).has_value()) return;
  server_.HandleNotification(message, *request.Find(http::Field::kMcpSessionId));
  exchange->SendEmpty(202);
}

void StreamableHttp::HandleDelete(const http::Request& request, ExchangePtr exchange) {
  StartHttpSpan(request, nullptr, exchange.get());
  const auto session = FindSession(request, {}, exchange.get());
  if (!session.has_value()) return;
  if (ended_sessions_.Add(session->digest, session->expires, std::time(nullptr),
                          request.peer_key)) {
    metrics_->OnSessionEnd();
    return exchange->SendEmpty(204);
  }
  // What MCP gives to servers that let no client end a session; clients take it for an answer.
  exchange->headers.append("Allow: POST, OPTIONS\r\n");
  exchange->Refuse(405, {}, ErrorCode::kInvalidRequest,
                   "Session not ended: this client has ended too many of late; the session lives "
                   "until it expires");
}

// JSON unless the client would rather have an event stream.
bool StreamableHttp::ChooseForm(const http::Request& request, std::string_view id,
                                Exchange* exchange) {
  const Accepted accepted = FindAccepted(request);
  if (accepted.json == 0 && accepted.event_stream == 0) {
    exchange->Refuse(406, id, ErrorCode::kInvalidRequest,
                     "Not acceptable: accept application/json or text/event-stream");
    return false;
  }
  exchange->form = accepted.event_stream > accepted.json ? Exchange::Form::kStream
                   : accepted.event_stream > 0           ? Exchange::Form::kJsonOrStream
                                                         : Exchange::Form::kJson;
  return true;
}

void StreamableHttp::HandleBatch(const http::Request& request, std::string_view body,
                                 ExchangePtr exchange) {
  StartHttpSpan(request, nullptr, exchange.get());
  std::vector<std::string_view> elements;
  jsonrpc::ParseFailure failure;
  if (!ReadBatch(body, &elements, &failure)) {
    return exchange->Refuse(400, {}, failure.code, failure.message);
  }
  const auto refuse = [&exchange](const std::string& why) {
    exchange->Refuse(400, {}, ErrorCode::kInvalidRequest, "Invalid request: " + why);
  };
  const std::string_view version = request.Find(http::Field::kMcpProtocolVersion).value_or("");
  if (!version.empty() && mcp::IsModernVersion(version)) {
    return refuse("2026-07-28 has no batches; send one message a request");
  }
  if (!ChooseForm(request, {}, exchange.get())) return;
  const auto session = FindSession(request, {}, exchange.get());
  if (!session.has_value()) return;
  if (!session->revision->batch) {
    return refuse("batches ended with revision 2025-03-26; send one message a request");
  }
  const mcp::Caller caller{.revision = session->revision,
                           .network = &kNetwork,
                           .session = std::string(*request.Find(http::Field::kMcpSessionId))};
  const std::shared_ptr<Exchange> shared = std::move(exchange);
  const std::shared_ptr<Batch> batch =
      Batch::Run(elements, caller, &shared->span, &server_,
                 {.reserve = [shared](size_t bytes) { return shared->responder.Reserve(bytes); },
                  .end =
                      [shared](std::optional<mcp::Reply> reply) {
                        if (!reply.has_value()) return shared->SendEmpty(202);
                        shared->Respond(200, *std::move(reply));
                      }});
  shared->responder.OnDisconnect([weak = std::weak_ptr<Batch>(batch)] {
    if (const auto alive = weak.lock()) alive->Cancel(mcp::Operation::Why::kPeerGone);
  });
}

std::optional<mcp::Session> StreamableHttp::FindSession(const http::Request& request,
                                                        std::string_view id, Exchange* exchange) {
  if (!request.repeated.empty()) {
    exchange->Refuse(400, id, ErrorCode::kInvalidRequest,
                     "Invalid request: " + RepeatedHeader(request));
    return std::nullopt;
  }
  const auto token = request.Find(http::Field::kMcpSessionId);
  if (!token.has_value()) {
    exchange->Refuse(400, id, ErrorCode::kInvalidRequest,
                     "Invalid request: Mcp-Session-Id is missing; send initialize first, or use "
                     "revision 2026-07-28, which has no sessions");
    return std::nullopt;
  }
  auto session = sessions_.Find(*token, std::time(nullptr));
  if (!session.has_value()) {
    exchange->Refuse(404, id, ErrorCode::kInvalidRequest,
                     "Session not found: it has expired or ended; send initialize again");
    return std::nullopt;
  }
  const auto version = request.Find(http::Field::kMcpProtocolVersion);
  if (version.has_value()) {
    const mcp::Revision* named = mcp::FindRevision(*version);
    if (named == nullptr || named->modern) {
      exchange->Refuse(400, id, ErrorCode::kInvalidRequest,
                       "Invalid request: MCP-Protocol-Version \"" +
                           CutText(VisibleText(*version), 64) + "\" is not one of a session");
      return std::nullopt;
    }
  }
  return session;
}

}  // namespace bridge::transport
