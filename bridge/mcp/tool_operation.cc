#include "bridge/mcp/tool_operation.h"

#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "bridge/mcp/spans.h"

namespace bridge::mcp {
namespace {

constexpr size_t kSmallAnswer = 8 * 1024;  // no more than a call held before: always fits
constexpr size_t kFraming = 4096;          // what a transport adds to an answer, at most

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

// package.Service/Method
std::string_view RpcName(const catalog::Tool& tool) {
  return std::string_view(tool.method->path).substr(1);
}

std::string KeyOf(const Call& call) {
  return call.caller.session.empty() ? std::string()
                                     : CancelKey(call.caller.session, call.message.id);
}

}  // namespace

ToolOperation::ToolOperation(Request* request, const catalog::Tool& tool, uint64_t given,
                             size_t held)
    : Operation(&request->core.operations, KeyOf(request->call)),
      core_(request->core),
      caller_(request->call.caller),
      id_(request->message().id),
      tool_(tool),
      surface_(core_.surface),
      given_(given),
      held_(held),
      span_(std::move(request->span)),
      answer_(std::move(request->answer)),
      account_(&core_, tool, request->begun) {
  core_.budget.Take(held_);
}

ToolOperation::~ToolOperation() {
  core_.budget.GiveBack(held_);
}

upstream::CallSpec ToolOperation::StartRpc(std::chrono::milliseconds timeout) {
  timeout_ = timeout;
  const auto now = telemetry::Clock::now();
  rpc_span_ =
      core_.tracer.StartSpan(RpcName(tool_), telemetry::SpanKind::kClient, &span_.context(), now);
  account_.RpcBegins(now);
  upstream::CallSpec spec;
  spec.path = tool_.method->path;
  spec.budget = &core_.budget;
  spec.held = held_;
  spec.timeout = timeout;
  if (core_.tracer.propagates()) spec.trace = &rpc_span_.context();
  return spec;
}

void ToolOperation::StartHeartbeat(std::string_view progress_token) {
  if (progress_token.empty() || !answer_->streams()) return;
  heartbeat_ = std::make_unique<Heartbeat>(progress_token, answer_.get(), core_.completions);
}

void ToolOperation::RecordIfNotable(bool failed) {
  if (span_.recording() || !span_.RecordIfNotable(failed)) return;
  rpc_span_.RecordAfterAll();
  DescribeRequest("tools/call", id_, caller_, &span_);
  DescribeTool(tool_.text.name, &span_);
}

void ToolOperation::EndRpcSpan(const upstream::CallResult& result, bool failed) {
  if (rpc_span_.recording()) {
    const upstream::Target& target = core_.targets[tool_.upstream];
    rpc_span_.SetAttribute("rpc.system.name", "grpc");
    rpc_span_.SetAttribute("rpc.method", RpcName(tool_));
    rpc_span_.SetAttribute("server.address", target.host);
    if (target.port != 0) rpc_span_.SetAttribute("server.port", target.port);
    rpc_span_.SetAttribute("mcp_bridge.upstream", target.name);
    rpc_span_.SetAttribute("mcp_bridge.deadline_ms", static_cast<int64_t>(timeout_.count()));
    const std::string_view code = upstream::StatusCodeName(result.code);
    rpc_span_.SetAttribute("rpc.status_code", code);
    if (result.resends > 0) rpc_span_.SetAttribute("mcp_bridge.resends", result.resends);
    if (const auto peer = upstream::ParsePeer(result.Peer()); peer.ok()) {
      rpc_span_.SetAttribute("network.peer.address", peer->host);
      if (peer->port != 0) rpc_span_.SetAttribute("network.peer.port", peer->port);
    }
    if (failed) {
      rpc_span_.SetAttribute("error.type", code);
      rpc_span_.SetError(code);
    }
  }
  rpc_span_.End();
  account_.RpcEnded(result, failed);
}

void ToolOperation::End(std::string response) {
  heartbeat_.reset();
  Reply reply;
  reply.head = std::move(response);
  reply.recorded = span_.recording();
  reply.cancelled = cancelled_ == Why::kAsked;
  account_.End(span_, rpc_span_);
  span_.End();
  answer_->End(std::move(reply));
}

CallFacts ToolOperation::Facts(const std::string& missing) const {
  CallFacts facts{.tool = tool_, .missing = missing};
  if (span_.context().valid()) facts.trace_id = telemetry::FormatTraceId(span_.context());
  facts.timeout_ms = timeout_.count();
  facts.show_internal_errors = core_.options.show_internal_errors;
  return facts;
}

StatusText ToolOperation::Failure(const upstream::CallResult& result, bool begun) {
  const std::string missing = MissingFields(tool_, given_);
  if (result.code == upstream::StatusCode::kUnimplemented && core_.options.describe_again) {
    core_.options.describe_again(tool_.upstream);
  }
  if (!cancelled_) {
    span_.SetAttribute("error.type", "tool_error");
    span_.SetError(upstream::StatusCodeName(result.code));
  }
  CallFacts facts = Facts(missing);
  facts.begun = begun;
  return ToStatusText(result, facts);
}

StatusText ToolOperation::Unreadable(const transcode::CodecError& error) {
  RecordIfNotable(true);
  account_.SetOutcome(telemetry::CallOutcome::kUnreadable);
  if (!cancelled_) {
    span_.SetAttribute("error.type", "tool_error");
    span_.SetError("undecodable answer");
  }
  return UnreadableAnswer(error, Facts(MissingFields(tool_, given_)));
}

std::string ToolOperation::Success(std::string_view json) {
  if (span_.recording()) {
    span_.AddEvent("response.encoded", {{"bytes", static_cast<int64_t>(json.size())}});
  }
  std::string response = SuccessResult(*caller_.revision, id_, json);
  if (MakeRoom(response.size())) return response;
  RecordIfNotable(true);
  account_.SetOutcome(telemetry::CallOutcome::kUnreadable);
  span_.SetAttribute("error.type", "tool_error");
  span_.SetError("no memory for the answer");
  return ErrorResponse(AnswerWithoutRoom(response.size(), *tool_.method));
}

std::string ToolOperation::ErrorResponse(const StatusText& failure, const Partial& partial) {
  std::string response = ErrorResult(*caller_.revision, id_, failure.text, failure.meta, partial);
  if (MakeRoom(response.size()) || partial.words.empty()) return response;
  return ErrorResult(*caller_.revision, id_, failure.text, failure.meta);
}

bool ToolOperation::MakeRoom(size_t bytes) {
  core_.budget.GiveBack(std::exchange(held_, 0));
  return bytes <= kSmallAnswer || core_.budget.HasRoomFor(bytes + kFraming);
}

}  // namespace bridge::mcp
