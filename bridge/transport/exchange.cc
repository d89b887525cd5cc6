#include "bridge/transport/exchange.h"

#include <ctime>
#include <utility>

namespace bridge::transport {
namespace {

constexpr std::string_view kEventStream = "text/event-stream";
constexpr std::string_view kStreamHeaders =
    "Cache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n";
constexpr std::string_view kEvent = "event: message\ndata: ";
constexpr std::string_view kEventEnd = "\n\n";
// Of a stream on which nothing else comes, so that no proxy takes it for dead.
constexpr std::string_view kKeepAlive = ": keep-alive\n\n";

// What is decided before dispatch.
metrics::Rejection RejectionOf(int status, jsonrpc::ErrorCode code) {
  using jsonrpc::ErrorCode;
  using metrics::Rejection;
  if (status == 403) return Rejection::kHostOrOrigin;
  if (status == 404) return Rejection::kUnknownSession;
  if (status == 405) return Rejection::kHttpMethod;
  if (status == 406) return Rejection::kNotAcceptable;
  if (status == 415) return Rejection::kMediaType;
  if (code == ErrorCode::kParseError) return Rejection::kNotJson;
  if (code == ErrorCode::kHeaderMismatch) return Rejection::kHeaderMismatch;
  if (code == ErrorCode::kUnsupportedVersion) return Rejection::kUnsupportedVersion;
  if (code == ErrorCode::kInvalidParams) return Rejection::kInvalidParams;
  return Rejection::kInvalidRequest;
}

}  // namespace

void Exchange::EndSpan(int status) {
  if (span.recording()) {
    span.SetAttribute("http.response.status_code", status);
    if (status >= 500) {
      span.SetAttribute("error.type", std::to_string(status));
      span.SetError(http::ReasonPhrase(status));
    }
  }
  span.End();
}

void Exchange::Begin() {
  if (std::exchange(begun_, true)) return;
  headers.append(kStreamHeaders);
  responder.StartStream(200, kEventStream, headers, kKeepAlive);
}

mcp::Answer::Sent Exchange::Send(const std::string& message) {
  Begin();
  std::string event;
  event.reserve(kEvent.size() + message.size() + kEventEnd.size());
  event.append(kEvent).append(message).append(kEventEnd);
  switch (responder.Write(event)) {
    case http::Responder::Written::kTaken:
      return Sent::kTaken;
    case http::Responder::Written::kFull:
      return Sent::kFull;
    case http::Responder::Written::kGone:
      break;
  }
  return Sent::kGone;
}

void Exchange::OnWritable(absl::AnyInvocable<void()> ready) {
  responder.OnDrained(std::move(ready));
}

void Exchange::End(mcp::Reply reply) {
  if (begun_) return EndStream(reply);
  if (reply.negotiated != nullptr) {
    headers.append("Mcp-Session-Id: ")
        .append(sessions->Mint(*reply.negotiated, std::time(nullptr)))
        .append("\r\n");
    metrics->OnSession();
  }
  const bool unknown = modern && reply.error == jsonrpc::ErrorCode::kMethodNotFound;
  Respond(unknown ? 404 : 200, std::move(reply));
}

void Exchange::EndStream(const mcp::Reply& reply) {
  if (reply.recorded) span.RecordAfterAll();
  EndSpan(200);
  if (reply.cancelled) return responder.Close();
  std::string event(kEvent);
  event.append(reply.head);
  if (reply.shared != nullptr) event.append(*reply.shared);
  event.append(reply.tail).append(kEventEnd);
  responder.Close(event);
}

void Exchange::Respond(int status, mcp::Reply reply) {
  if (reply.recorded) span.RecordAfterAll();
  EndSpan(status);
  http::Response response;
  response.status = status;
  response.headers = std::move(headers);
  // Clients read no stream that begins with an error.
  const bool event = form == Form::kStream && status == 200;
  response.content_type = event ? kEventStream : "application/json";
  response.body = std::move(reply.head);
  response.shared = std::move(reply.shared);
  response.tail = std::move(reply.tail);
  if (event) {
    response.headers.append(kStreamHeaders);
    response.body.insert(0, kEvent);
    response.tail.append(kEventEnd);
  }
  responder.Send(std::move(response));
}

void Exchange::SendText(int status, std::string text) {
  EndSpan(status);
  http::Response response;
  response.status = status;
  response.content_type = "text/plain";
  response.headers = std::move(headers);
  response.body = std::move(text);
  responder.Send(std::move(response));
}

void Exchange::SendEmpty(int status) {
  EndSpan(status);
  http::Response response;
  response.status = status;
  response.headers = std::move(headers);
  responder.Send(std::move(response));
}

void Exchange::Refuse(int status, std::string_view id, jsonrpc::ErrorCode code,
                      const std::string& message, std::string_view data) {
  metrics->OnRejection(RejectionOf(status, code));
  span.RecordIfNotable(true);
  span.SetAttribute("rpc.response.status_code", std::to_string(static_cast<int>(code)));
  mcp::Reply reply;
  jsonrpc::AppendError(&reply.head, id, code, message, data);
  Respond(status, std::move(reply));
}

}  // namespace bridge::transport
