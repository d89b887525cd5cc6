// tools/call up to the moment at which the service is called.
#include <utility>
#include <vector>

#include "bridge/base/text.h"
#include "bridge/mcp/call_account.h"
#include "bridge/mcp/methods.h"
#include "bridge/mcp/spans.h"
#include "bridge/mcp/tool_call.h"
#include "bridge/mcp/tool_result.h"
#include "bridge/mcp/tool_stream.h"
#include "bridge/transcode/stream_arguments.h"

namespace bridge::mcp {
namespace {

using jsonrpc::ErrorCode;
using telemetry::CallOutcome;

constexpr char kTooManyCalls[] =
    "The bridge has too many calls under way. Nothing was sent to the service; try again in a few "
    "seconds.";
constexpr char kNoMemory[] =
    "The calls under way fill the memory that the bridge has for them. Nothing was sent to the "
    "service; try again in a few seconds.";
constexpr char kTryAgain[] =
    R"({"code":8,"name":"RESOURCE_EXHAUSTED","retryable":true,"effect":"none"})";
constexpr char kArgumentsNoObject[] = "params.arguments must be an object";

std::string UnknownTool(const catalog::Catalog& catalog, const std::string& name) {
  std::vector<std::string_view> names;
  for (const catalog::Tool& tool : catalog.tools()) names.push_back(tool.text.name);
  std::string_view nearest = NearestName(name, names);
  // What a model that knows gRPC guesses: GetOrder, shop.v1.OrderService/GetOrder.
  const std::string_view method = std::string_view(name).substr(name.find_last_of("/.") + 1);
  for (const catalog::Tool& tool : catalog.tools()) {
    if (nearest.empty() && tool.method->name == method) nearest = tool.text.name;
  }
  std::string text = "Unknown tool: " + CutText(VisibleText(name), 128);
  if (!nearest.empty()) text.append("; did you mean ").append(nearest).append("?");
  return text;
}

// One fault in a sentence, several in a list; then what the model is to do.
std::string InvalidArguments(const transcode::CodecError& error) {
  const std::string first = " at " + error.path + ": " + error.message;
  if (error.more.empty()) {
    return "Invalid arguments" + first + (first.ends_with('?') ? "" : ".") +
           " Nothing was sent to the service; fix this and call again.";
  }
  std::string text = "Invalid arguments:\n-" + first;
  for (const transcode::CodecError& more : error.more) {
    text.append("\n- at ").append(more.path).append(": ").append(more.message);
  }
  if (error.and_more) text += "\n- and more";
  return text + "\nNothing was sent to the service; fix these and call again.";
}

// A result that says that nothing was sent.
Operation* Refuse(Request* request, const catalog::Tool& tool, telemetry::CallOutcome outcome,
                  const char* what, const std::string& text, std::string_view meta) {
  telemetry::Span& span = request->span;
  if (!span.recording() && request->Record()) DescribeTool(tool.text.name, &span);
  span.SetAttribute("error.type", "tool_error");
  span.SetError(what);
  Reply reply;
  reply.recorded = span.recording();
  reply.head = ErrorResult(request->revision(), request->message().id, text, meta);
  CallAccount account(&request->core, tool, request->begun);
  account.SetOutcome(outcome);
  account.End(span, telemetry::Span());
  span.End();
  request->answer->End(std::move(reply));
  return nullptr;
}

Operation* Invalid(Request* request, const std::string& why) {
  request->Fail(ErrorCode::kInvalidParams, why);
  return nullptr;
}

}  // namespace

Operation* CallTool(Request* request) {
  Core& core = request->core;
  telemetry::Span& span = request->span;
  span.SetAttribute("gen_ai.operation.name", "execute_tool");
  const std::optional<std::string> name = request->FindText("name");
  if (!name.has_value()) return Invalid(request, "tools/call needs the string params.name");
  const jsonrpc::Param* arguments = request->message().Find("arguments");
  const bool quoted = arguments != nullptr && arguments->type == JsonType::kString;
  if (arguments != nullptr && arguments->type != JsonType::kObject &&
      !(quoted && core.options.repair_arguments)) {
    return Invalid(request, kArgumentsNoObject);
  }
  const catalog::Tool* tool = core.surface->catalog().Find(*name);
  if (tool == nullptr) {
    if (request->Record()) {
      span.SetAttribute("mcp_bridge.tool.requested", CutText(VisibleText(*name), 128));
    }
    request->Fail(ErrorCode::kInvalidParams, UnknownTool(core.surface->catalog(), *name),
                  metrics::Rejection::kUnknownTool);
    return nullptr;
  }
  DescribeTool(tool->text.name, &span);
  const bool streams = tool->streaming.shape != descriptor::Shape::kUnary;
  std::string& wire = core.wire;
  wire.clear();
  transcode::StreamArguments stream;
  transcode::CodecError error;
  int repairs = 0;
  uint64_t given = 0;
  transcode::ParseOptions parse;
  parse.given = &given;
  if (core.options.repair_arguments) parse.repairs = &repairs;
  const std::string_view raw = arguments == nullptr ? std::string_view() : arguments->raw;
  const bool fits =
      streams ? transcode::StreamArgumentsToWire({*tool->codec, *tool->input, tool->streaming}, raw,
                                                 parse, &stream, &error)
              : tool->codec->ArgumentsToWire(*tool->input, raw, &wire, &error, parse);
  if (!fits) {
    if (quoted && repairs == 0) return Invalid(request, kArgumentsNoObject);
    return Refuse(request, *tool, CallOutcome::kInvalidArguments, "invalid arguments",
                  InvalidArguments(error), {});
  }
  if (repairs > 0) {
    core.metrics.OnRepairs(static_cast<uint64_t>(repairs));
    span.SetAttribute("mcp_bridge.arguments.repaired", static_cast<int64_t>(repairs));
  }
  const size_t bytes = streams ? stream.wire.size() : wire.size();
  const size_t held = ToolCall::kOwnBytes + bytes + stream.ends.size() * sizeof(size_t);
  const bool full = core.operations.size() >= core.options.max_calls;
  if (full || !core.budget.HasRoomFor(held)) {
    std::string().swap(wire);
    return Refuse(request, *tool, CallOutcome::kOverloaded,
                  full ? "too many calls" : "no memory for the call",
                  full ? kTooManyCalls : kNoMemory, kTryAgain);
  }
  if (span.recording()) {
    span.AddEvent("arguments.decoded", {{"bytes", static_cast<int64_t>(bytes)}});
  }
  if (streams) return ToolStream::Start(request, *tool, given, held, std::move(stream));
  return ToolCall::Start(request, *tool, given, held);
}

}  // namespace bridge::mcp
