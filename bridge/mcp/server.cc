#include "bridge/mcp/server.h"

#include <utility>

#include "bridge/base/text.h"
#include "bridge/mcp/methods.h"
#include "bridge/mcp/spans.h"

namespace bridge::mcp {
namespace {

std::shared_ptr<const Surface> EmptySurface() {
  std::vector<std::string> problems;
  return std::make_shared<const Surface>(catalog::Catalog::Make({}, {}, {}, &problems),
                                         ListOptions());
}

telemetry::Span StartSpan(const Call& call, const Method* method, telemetry::Clock::time_point now,
                          telemetry::Tracer* tracer) {
  const std::string_view name = SpanName(method);
  telemetry::Span* const outer = call.parent_span;
  const bool linked = call.message_trace != nullptr;
  const telemetry::TraceContext* const parent = linked             ? call.message_trace
                                                : outer != nullptr ? &outer->context()
                                                                   : nullptr;
  telemetry::Span span =
      tracer->StartSpan(name, telemetry::SpanKind::kServer, parent, now, linked, outer);
  if (linked && outer != nullptr && outer->context().valid()) {
    span.AddLink(outer->context());
    if (outer->context().trace_id != span.context().trace_id) outer->AddLink(span.context());
  }
  DescribeRequest(name, call.message.id, call.caller, &span);
  return span;
}

}  // namespace

Server::Server(ServerOptions options, const Surroundings& around)
    : core_{.options = std::move(options),
            .channels = around.channels,
            .targets = around.targets,
            .tracer = *around.tracer,
            .budget = *around.budget,
            .surface = EmptySurface(),
            .operations = {},
            .draining = false,
            .completions = around.completions,
            .metrics = *around.metrics,
            .observers = {around.metrics}} {
  if (around.call_log != nullptr) core_.observers.push_back(around.call_log);
}

void Server::Publish(std::shared_ptr<const Surface> surface) {
  core_.surface = std::move(surface);
}

Operation* Server::Handle(const Call& call, std::unique_ptr<Answer> answer) {
  const Method* method = FindMethod(*call.caller.revision, call.message.method);
  const auto now = telemetry::Clock::now();
  Request request{core_, call, now, StartSpan(call, method, now, &core_.tracer), std::move(answer)};
  if (method != nullptr) return method->run(&request);
  request.Fail(jsonrpc::ErrorCode::kMethodNotFound,
               "Method not found: " + CutText(VisibleText(call.message.method), 128));
  return nullptr;
}

void Server::HandleNotification(const jsonrpc::Message& message, std::string_view session) {
  if (message.method != "notifications/cancelled" || session.empty()) return;
  const jsonrpc::Param* id = message.Find("requestId");
  if (id == nullptr || id->raw.size() > jsonrpc::kMaxIdBytes) return;
  core_.options.cancel_call(std::string(session), std::string(id->raw));
}

void Server::CancelCall(std::string_view session, std::string_view id) {
  Operation* const operation = core_.operations.Find(CancelKey(session, id));
  if (operation != nullptr) operation->Cancel(Operation::Why::kAsked);
}

void Server::EndStreams() {
  core_.draining = true;
  core_.operations.ForEach([](Operation& operation) {
    if (operation.endless()) operation.Cancel(Operation::Why::kShutdown);
  });
}

void Server::CancelAll() {
  core_.operations.ForEach(
      [](Operation& operation) { operation.Cancel(Operation::Why::kShutdown); });
}

}  // namespace bridge::mcp
