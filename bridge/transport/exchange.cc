#include "bridge/transport/exchange.h"

#include <utility>

namespace bridge::transport {

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

void Exchange::Send(int status, mcp::Reply reply) {
  if (reply.recorded) span.RecordAfterAll();
  EndSpan(status);
  http::Response response;
  response.status = status;
  response.headers = std::move(headers);
  event_stream = event_stream && status == 200;  // clients read no stream that begins with an error
  response.content_type = event_stream ? "text/event-stream" : "application/json";
  response.body = std::move(reply.head);
  response.shared = std::move(reply.shared);
  response.tail = std::move(reply.tail);
  if (event_stream) {
    response.headers.append("Cache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n");
    response.body.insert(0, "event: message\ndata: ");
    response.tail.append("\n\n");
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
  span.RecordIfNotable(true);
  span.SetAttribute("rpc.response.status_code", std::to_string(static_cast<int>(code)));
  mcp::Reply reply;
  jsonrpc::AppendError(&reply.head, id, code, message, data);
  Send(status, std::move(reply));
}

}  // namespace bridge::transport
