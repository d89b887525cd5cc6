#include "bridge/mcp/server.h"

#include <utility>

#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "bridge/mcp/results.h"
#include "bridge/mcp/spans.h"
#include "bridge/mcp/tool_call.h"

namespace bridge::mcp {
namespace {

using jsonrpc::ErrorCode;

constexpr std::string_view kModernMethods[] = {"server/discover", "tools/list", "tools/call"};
constexpr std::string_view kLegacyMethods[] = {"initialize", "ping", "tools/list", "tools/call"};

constexpr char kTooManyCalls[] =
    "The bridge has too many calls under way. Nothing was sent to the service; try again in a few "
    "seconds.";
constexpr char kNoMemory[] =
    "The calls under way fill the memory that the bridge has for them. Nothing was sent to the "
    "service; try again in a few seconds.";
constexpr char kArgumentsNoObject[] = "params.arguments must be an object";

// `method` as a text that lives for ever; empty if this era does not have it.
std::string_view KnownMethod(const Revision& revision, std::string_view method) {
  for (const std::string_view known : revision.modern
                                          ? std::span<const std::string_view>(kModernMethods)
                                          : std::span<const std::string_view>(kLegacyMethods)) {
    if (method == known) return known;
  }
  return {};
}

// Codes that are the caller's fault leave a server span unset (semantic-conventions-genai #404).
bool IsCallersFault(ErrorCode code) {
  return code == ErrorCode::kParseError || code == ErrorCode::kInvalidRequest ||
         code == ErrorCode::kMethodNotFound || code == ErrorCode::kInvalidParams;
}

Reply ResultReply(std::string_view id, std::string_view result) {
  Reply reply;
  jsonrpc::AppendResultHead(&reply.head, id);
  reply.head.append(result).push_back('}');
  return reply;
}

// A param that is a string, decoded; nothing when it is absent or of another type.
std::optional<std::string> FindText(const jsonrpc::Message& message, std::string_view key) {
  const jsonrpc::Param* param = message.Find(key);
  if (param == nullptr || param->type != JsonType::kString) return std::nullopt;
  JsonCursor cursor(param->raw);
  std::string_view value;
  std::string scratch;
  if (!cursor.ReadString(&value, &scratch)) return std::nullopt;
  return std::string(value);
}

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

// Of a legacy call: an id is the client's own, and may be written in other ways when it cancels.
std::string CancelKey(std::string_view session, std::string_view id) {
  return std::string(session) + " " + jsonrpc::IdKey(id);
}

std::shared_ptr<const Surface> EmptySurface() {
  std::vector<std::string> problems;
  return std::make_shared<const Surface>(catalog::Catalog::Make({}, {}, {}, &problems),
                                         ListOptions());
}

// What no schema says, and what a model would else get wrong with any tool.
constexpr std::string_view kInstructions =
    R"("instructions":"Each tool calls one gRPC method. A member that is absent from a result is )"
    R"(zero, false, empty or the first value of its enum; a member that can be absent (an object, an )"
    R"(optional one, one that a mask or view leaves out) is not set or was not asked for. 64-bit )"
    R"(integers are strings.")";

// Of a closed set, so that a caller cannot flood the tracing system with names.
std::string_view SpanName(const Revision& revision, std::string_view method) {
  const std::string_view known = KnownMethod(revision, method);
  return known.empty() ? std::string_view("_OTHER") : known;
}

// Whether `span` is recorded: one that its rate left out is from now on, if there is room.
bool Record(const jsonrpc::Message& message, const Revision& revision, telemetry::Span* span) {
  if (!span->recording() && span->RecordIfNotable(true)) {
    DescribeRequest(SpanName(revision, message.method), message.id, revision, span);
  }
  return span->recording();
}

// Ends `span` as the outcome asks and runs `reply` with the error.
void ReplyError(const jsonrpc::Message& message, const Revision& revision, ErrorCode code,
                const std::string& text, telemetry::Span* span, ReplyFn* reply) {
  Reply answer;
  answer.recorded = Record(message, revision, span);
  if (answer.recorded) {
    const std::string number = std::to_string(static_cast<int>(code));
    span->SetAttribute("rpc.response.status_code", number);
    span->SetAttribute("rpc.status_code", number);
    if (!IsCallersFault(code)) {
      span->SetAttribute("error.type", number);
      span->SetError(text);
    }
  }
  span->End();
  answer.error = code;
  jsonrpc::AppendError(&answer.head, message.id, code, text);
  (*reply)(std::move(answer));
}

}  // namespace

Server::Server(ServerOptions options, std::span<const std::unique_ptr<upstream::Channel>> channels,
               std::span<const upstream::Target> targets, telemetry::Tracer* tracer,
               ByteBudget* budget)
    : options_(std::move(options)),
      channels_(channels),
      targets_(targets),
      tracer_(tracer),
      budget_(*budget),
      surface_(EmptySurface()) {}

Server::~Server() = default;

void Server::Publish(std::shared_ptr<const Surface> surface) {
  surface_ = std::move(surface);
}

bool Server::HasMethod(const Revision& revision, std::string_view method) {
  return !KnownMethod(revision, method).empty();
}

telemetry::Span Server::StartSpan(const jsonrpc::Message& message, const RequestContext& context) {
  const std::string_view name = SpanName(*context.revision, message.method);
  telemetry::Span& http = *context.parent_span;
  const telemetry::TraceContext* parent =
      context.message_trace != nullptr ? context.message_trace : &http.context();
  telemetry::Span span =
      tracer_->StartSpan(name, telemetry::SpanKind::kServer, parent, telemetry::Clock::now(),
                         context.message_trace != nullptr, &http);
  if (context.message_trace != nullptr && http.context().valid()) {
    span.AddLink(http.context());
    if (http.context().trace_id != span.context().trace_id) http.AddLink(span.context());
  }
  DescribeRequest(name, message.id, *context.revision, &span);
  return span;
}

ToolCall* Server::Handle(const jsonrpc::Message& message, const RequestContext& context,
                         ReplyFn reply) {
  telemetry::Span span = StartSpan(message, context);
  if (!HasMethod(*context.revision, message.method)) {
    ReplyError(message, *context.revision, ErrorCode::kMethodNotFound,
               "Method not found: " + CutText(VisibleText(message.method), 128), &span, &reply);
    return nullptr;
  }
  if (message.method == "tools/call") {
    return CallTool(message, context, std::move(span), std::move(reply));
  }
  if (message.method == "tools/list") {
    ListTools(message, context, &span, std::move(reply));
  } else if (message.method == "server/discover") {
    Discover(message, std::move(reply));
  } else if (message.method == "initialize") {
    Initialize(message, context, &span, std::move(reply));
  } else {
    reply(ResultReply(message.id, "{}"));  // ping
  }
  return nullptr;
}

void Server::Discover(const jsonrpc::Message& message, ReplyFn reply) {
  std::string result = "{";
  AppendCacheableHead(&result, options_.list_ttl_ms);
  result.append(R"("supportedVersions":)").append(SupportedVersions());
  result.append(R"(,"capabilities":{"tools":{}},)").append(kInstructions);
  result.append(",").append(ServerMeta()).append("}");
  reply(ResultReply(message.id, result));
}

void Server::Initialize(const jsonrpc::Message& message, const RequestContext& context,
                        telemetry::Span* span, ReplyFn reply) {
  const std::optional<std::string> asked = FindText(message, "protocolVersion");
  const jsonrpc::Param* capabilities = message.Find("capabilities");
  const jsonrpc::Param* client = message.Find("clientInfo");
  if (!asked.has_value() || capabilities == nullptr || client == nullptr ||
      capabilities->type != JsonType::kObject || client->type != JsonType::kObject) {
    return ReplyError(message, *context.revision, ErrorCode::kInvalidParams,
                      "initialize needs the string protocolVersion and the objects capabilities "
                      "and clientInfo",
                      span, &reply);
  }
  const Revision* revision = FindRevision(*asked);
  if (revision == nullptr || revision->modern) revision = &NewestLegacy();
  std::string result = R"({"protocolVersion":")" + std::string(revision->version) +
                       R"(","capabilities":{"tools":{}},"serverInfo":)";
  result.append(ServerImplementation()).append(",").append(kInstructions).append("}");
  Reply answer = ResultReply(message.id, result);
  answer.negotiated = revision;
  span->End();
  reply(std::move(answer));
}

void Server::ListTools(const jsonrpc::Message& message, const RequestContext& context,
                       telemetry::Span* span, ReplyFn reply) {
  std::optional<std::string> cursor;
  if (const jsonrpc::Param* param = message.Find("cursor"); param != nullptr) {
    cursor = FindText(message, "cursor").value_or("");  // of another type: never a valid one
  }
  const Revision& revision = *context.revision;
  const ListPage* page =
      surface_->Page(revision.structured ? ListForm::kFull : ListForm::kPlain, cursor);
  if (page == nullptr) {
    return ReplyError(message, revision, ErrorCode::kInvalidParams,
                      "Invalid cursor: it is not one of this list, or the list has changed; start "
                      "again without a cursor",
                      span, &reply);
  }
  Reply answer;
  answer.head.reserve(128 + message.id.size());
  answer.tail.reserve(ServerMeta().size() + page->next_cursor.size() + 32);
  jsonrpc::AppendResultHead(&answer.head, message.id);
  answer.head.push_back('{');
  if (revision.modern) AppendCacheableHead(&answer.head, options_.list_ttl_ms);
  answer.head.append("\"tools\":");
  answer.shared = page->tools;
  if (!page->next_cursor.empty()) {
    answer.tail.append(",\"nextCursor\":\"").append(page->next_cursor).append("\"");
  }
  if (revision.modern) answer.tail.append(",").append(ServerMeta());
  answer.tail.append("}}");
  span->End();
  reply(std::move(answer));
}

ToolCall* Server::CallTool(const jsonrpc::Message& message, const RequestContext& context,
                           telemetry::Span span, ReplyFn reply) {
  const Revision& revision = *context.revision;
  const auto refuse = [&](const std::string& why) {
    ReplyError(message, revision, ErrorCode::kInvalidParams, why, &span, &reply);
    return nullptr;
  };
  const catalog::Tool* tool = nullptr;
  const auto fail = [&](const char* what, const std::string& text, std::string_view meta) {
    if (!span.recording() && Record(message, revision, &span)) {
      DescribeTool(tool->text.name, &span);
    }
    span.SetAttribute("error.type", "tool_error");
    span.SetError(what);
    Reply answer;
    answer.recorded = span.recording();
    span.End();
    answer.head = ErrorResult(revision, message.id, text, meta);
    reply(std::move(answer));
    return nullptr;
  };
  span.SetAttribute("gen_ai.operation.name", "execute_tool");
  const std::optional<std::string> name = FindText(message, "name");
  if (!name.has_value()) return refuse("tools/call needs the string params.name");
  const jsonrpc::Param* arguments = message.Find("arguments");
  const bool quoted = arguments != nullptr && arguments->type == JsonType::kString;
  if (arguments != nullptr && arguments->type != JsonType::kObject &&
      !(quoted && options_.repair_arguments)) {
    return refuse(kArgumentsNoObject);
  }
  tool = surface_->catalog().Find(*name);
  if (tool == nullptr) {
    if (Record(message, revision, &span)) {
      span.SetAttribute("mcp_bridge.tool.requested", CutText(VisibleText(*name), 128));
    }
    return refuse(UnknownTool(surface_->catalog(), *name));
  }
  DescribeTool(tool->text.name, &span);
  wire_.clear();
  transcode::CodecError error;
  int repairs = 0;
  uint64_t given = 0;
  transcode::ParseOptions parse;
  parse.given = &given;
  if (options_.repair_arguments) parse.repairs = &repairs;
  const std::string_view raw = arguments == nullptr ? std::string_view() : arguments->raw;
  if (!tool->codec->ArgumentsToWire(*tool->input, raw, &wire_, &error, parse)) {
    if (quoted && repairs == 0) return refuse(kArgumentsNoObject);
    return fail("invalid arguments", InvalidArguments(error), {});
  }
  if (repairs > 0) {
    repaired_arguments_ += static_cast<uint64_t>(repairs);
    span.SetAttribute("mcp_bridge.arguments.repaired", static_cast<int64_t>(repairs));
  }
  const size_t held = ToolCall::kOwnBytes + wire_.size();
  const bool full = calls_in_flight_ >= options_.max_calls;
  if (full || !budget_.HasRoomFor(held)) {
    wire_ = std::string();
    return fail(full ? "too many calls" : "no memory for the call",
                full ? kTooManyCalls : kNoMemory,
                R"({"code":8,"name":"RESOURCE_EXHAUSTED","retryable":true,"effect":"none"})");
  }
  if (span.recording()) {
    span.AddEvent("arguments.decoded", {{"bytes", static_cast<int64_t>(wire_.size())}});
  }
  ToolCall::Request request;
  request.id = message.id;
  if (!context.session.empty()) request.cancel_key = CancelKey(context.session, request.id);
  request.revision = &revision;
  request.tool = tool;
  request.given = given;
  request.surface = surface_;
  request.held = held;
  return ToolCall::Start(
      std::make_unique<ToolCall>(this, std::move(request), std::move(span), std::move(reply)),
      &wire_);
}

void Server::HandleNotification(const jsonrpc::Message& message, std::string_view session) {
  if (message.method != "notifications/cancelled" || session.empty()) return;
  const jsonrpc::Param* id = message.Find("requestId");
  if (id == nullptr || id->raw.size() > jsonrpc::kMaxIdBytes) return;
  options_.cancel_call(std::string(session), std::string(id->raw));
}

void Server::CancelCall(std::string_view session, std::string_view id) {
  const auto found = cancellable_.find(CancelKey(session, id));
  if (found != cancellable_.end()) found->second->Cancel();
}

void Server::CancelAll() {
  for (ToolCall* call = calls_; call != nullptr; call = call->next()) call->Cancel();
}

void Server::Cancel(ToolCall* call) {
  call->Cancel();
}

}  // namespace bridge::mcp
