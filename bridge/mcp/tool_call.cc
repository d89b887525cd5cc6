#include "bridge/mcp/tool_call.h"

#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "bridge/base/json_text.h"
#include "bridge/mcp/results.h"
#include "bridge/mcp/spans.h"
#include "bridge/mcp/status_text.h"

namespace bridge::mcp {
namespace {

// `"productId", "region"`: what the tool's schema requires and the request lacks, empty if nothing.
// Whether that is an error is for the service to say, but it may not name them: "" was not found.
std::string MissingFields(const catalog::Tool& tool, uint64_t given) {
  constexpr size_t kMaxListed = 5;
  const descriptor::Field* const fields = tool.method->input->fields.data();
  std::vector<std::string> names;
  for (const descriptor::Field* const field : tool.text.required) {
    const ptrdiff_t bit = field - fields;
    if (bit >= 64 || (given >> bit & 1) != 0) continue;
    if (names.size() < kMaxListed) names.push_back('"' + field->input_key + '"');
  }
  return absl::StrJoin(names, ", ");
}

constexpr size_t kScratchBytes = 1u << 20;  // of each, between two calls
constexpr size_t kSmallAnswer = 8 * 1024;   // no more than a call held before: always fits
constexpr size_t kFraming = 4096;           // what a transport adds to an answer, at most

// package.Service/Method
std::string_view RpcName(const catalog::Tool& tool) {
  return std::string_view(tool.method->path).substr(1);
}

}  // namespace

ToolCall::ToolCall(Server* server, Request request, telemetry::Span span, ReplyFn reply)
    : server_(*server),
      request_(std::move(request)),
      span_(std::move(span)),
      reply_(std::move(reply)) {
  server_.budget_.Take(request_.held);
  ++server_.calls_in_flight_;
  next_ = server_.calls_;
  if (next_ != nullptr) next_->previous_ = this;
  server_.calls_ = this;
  if (!request_.cancel_key.empty()) server_.cancellable_[request_.cancel_key] = this;
}

ToolCall::~ToolCall() {
  server_.budget_.GiveBack(request_.held);
  --server_.calls_in_flight_;
  (previous_ == nullptr ? server_.calls_ : previous_->next_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  if (request_.cancel_key.empty()) return;
  const auto found = server_.cancellable_.find(request_.cancel_key);
  // A client that reuses an id while the first call runs has replaced the entry.
  if (found != server_.cancellable_.end() && found->second == this) {
    server_.cancellable_.erase(found);
  }
}

ToolCall* ToolCall::Start(std::unique_ptr<ToolCall> self, std::string* wire) {
  ToolCall* const call = self.get();
  call->rpc_span_ = call->server_.tracer_->StartSpan(
      RpcName(*call->request_.tool), telemetry::SpanKind::kClient, &call->span_.context());
  upstream::CallSpec spec;
  spec.path = call->request_.tool->method->path;
  spec.request = *wire;
  spec.storage = wire;
  spec.budget = &call->server_.budget_;
  spec.held = call->request_.held;
  spec.timeout = call->server_.options_.call_timeout;
  if (call->server_.tracer_->propagates()) spec.trace = &call->rpc_span_.context();
  upstream::Channel& channel = *call->server_.channels_[call->request_.tool->upstream];
  call->call_ = channel.StartUnary(
      spec,
      [owner = std::move(self)](const upstream::CallResult& result) { owner->Finish(result); });
  // One beyond the channel's limit is not taken.
  if (wire->capacity() > kScratchBytes) *wire = std::string();
  return call;
}

void ToolCall::Cancel() {
  cancelled_ = true;
  upstream::Cancel(call_);
}

void ToolCall::RecordIfNotable(bool failed) {
  if (span_.recording() || !span_.RecordIfNotable(failed)) return;
  rpc_span_.RecordAfterAll();
  DescribeRequest("tools/call", request_.id, *request_.revision, &span_);
  DescribeTool(request_.tool->text.name, &span_);
}

void ToolCall::EndRpcSpan(const upstream::CallResult& result) {
  if (rpc_span_.recording()) {
    const upstream::Target& target = server_.targets_[request_.tool->upstream];
    rpc_span_.SetAttribute("rpc.system.name", "grpc");
    rpc_span_.SetAttribute("rpc.method", RpcName(*request_.tool));
    rpc_span_.SetAttribute("server.address", target.host);
    if (target.port != 0) rpc_span_.SetAttribute("server.port", target.port);
    rpc_span_.SetAttribute("mcp_bridge.upstream", target.name);
    rpc_span_.SetAttribute("mcp_bridge.deadline_ms",
                           static_cast<int64_t>(server_.options_.call_timeout.count()));
    const std::string_view code = upstream::StatusCodeName(result.code);
    rpc_span_.SetAttribute("rpc.status_code", code);
    if (result.resends > 0) rpc_span_.SetAttribute("mcp_bridge.resends", result.resends);
    if (const auto peer = upstream::ParsePeer(result.Peer()); peer.ok()) {
      rpc_span_.SetAttribute("network.peer.address", peer->host);
      if (peer->port != 0) rpc_span_.SetAttribute("network.peer.port", peer->port);
    }
    if (result.code != upstream::StatusCode::kOk) {
      rpc_span_.SetAttribute("error.type", code);
      rpc_span_.SetError(code);
    }
  }
  rpc_span_.End();
}

void ToolCall::Finish(const upstream::CallResult& result) {
  RecordIfNotable(result.code != upstream::StatusCode::kOk && !cancelled_);
  EndRpcSpan(result);
  // What was held of the request makes room for the answer.
  server_.budget_.GiveBack(std::exchange(request_.held, 0));
  Reply reply = Answer(result);
  reply.recorded = span_.recording();
  span_.End();
  reply_(std::move(reply));
}

Reply ToolCall::Answer(const upstream::CallResult& result) {
  if (cancelled_) span_.SetAttribute("mcp_bridge.cancelled", true);
  const catalog::Tool& tool = *request_.tool;
  const bool answered = result.code == upstream::StatusCode::kOk;
  transcode::CodecError error;
  if (answered) {
    std::string& json = server_.json_;
    json.clear();
    if (tool.codec->WireToStructured(*tool.output, result.response, &json, &error)) {
      Reply reply = Success(json);
      if (json.capacity() > kScratchBytes) json = std::string();
      const size_t bytes = reply.head.size();
      if (bytes <= kSmallAnswer || server_.budget_.HasRoomFor(bytes + kFraming)) return reply;
      return NoRoom(bytes);
    }
    RecordIfNotable(true);
  }
  const std::string missing = MissingFields(tool, request_.given);
  CallFacts call{.tool = tool, .missing = missing};
  if (span_.context().valid()) call.trace_id = telemetry::FormatTraceId(span_.context());
  call.timeout_ms = server_.options_.call_timeout.count();
  call.show_internal_errors = server_.options_.show_internal_errors;
  const StatusText failure = answered ? UnreadableAnswer(error, call) : ToStatusText(result, call);
  if (result.code == upstream::StatusCode::kUnimplemented && server_.options_.describe_again) {
    server_.options_.describe_again(tool.upstream);
  }
  if (!cancelled_) {
    span_.SetAttribute("error.type", "tool_error");
    span_.SetError(answered ? "undecodable answer" : upstream::StatusCodeName(result.code));
  }
  Reply reply;
  reply.head = ErrorResult(*request_.revision, request_.id, failure.text, failure.meta);
  return reply;
}

Reply ToolCall::Success(std::string_view json) {
  const Revision& revision = *request_.revision;
  if (span_.recording()) {
    span_.AddEvent("response.encoded", {{"bytes", static_cast<int64_t>(json.size())}});
  }
  Reply reply;
  std::string& out = reply.head;
  out.reserve(json.size() * 2 + json.size() / 4 + 384);
  jsonrpc::AppendResultHead(&out, request_.id);
  out.append(revision.modern ? R"({"resultType":"complete","content":[{"type":"text","text":")"
                             : R"({"content":[{"type":"text","text":")");
  AppendJsonInString(&out, json);
  out.append("\"}]");
  if (revision.structured) out.append(R"(,"structuredContent":)").append(json);
  if (revision.modern) out.append(",").append(ServerMeta());
  out.append("}}");
  return reply;
}

// The transport has no room to keep the answer until the client has read it. What the service did
// stands, so the model must not hear a refusal.
Reply ToolCall::NoRoom(size_t bytes) {
  RecordIfNotable(true);
  span_.SetAttribute("error.type", "tool_error");
  span_.SetError("no memory for the answer");
  const StatusText failure = AnswerWithoutRoom(bytes, *request_.tool->method);
  Reply reply;
  reply.head = ErrorResult(*request_.revision, request_.id, failure.text, failure.meta);
  return reply;
}

std::string ErrorResult(const Revision& revision, std::string_view id, std::string_view text,
                        std::string_view meta) {
  std::string out;
  jsonrpc::AppendResultHead(&out, id);
  out.append(revision.modern ? R"({"resultType":"complete","content":[{"type":"text","text":)"
                             : R"({"content":[{"type":"text","text":)");
  AppendJsonString(&out, text);
  out.append(R"(}],"isError":true)");
  if (revision.modern || !meta.empty()) {
    out.append(R"(,"_meta":{)");
    if (!meta.empty()) out.append(R"("grpc-mcp-bridge/status":)").append(meta);
    if (revision.modern) {
      if (!meta.empty()) out.push_back(',');
      out.append(R"("io.modelcontextprotocol/serverInfo":)").append(ServerImplementation());
    }
    out.push_back('}');
  }
  out.append("}}");
  return out;
}

}  // namespace bridge::mcp
