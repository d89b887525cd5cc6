// The spans of each outcome: names, kinds, parents, links, attributes, status.
#include "tests/middle/middle.h"

namespace bridge::mcp {
namespace {

using telemetry::Attribute;
using telemetry::SpanKind;
using telemetry::SpanRecord;
using telemetry::SpanStatus;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using upstream::StatusCode;

using RecordPtr = std::shared_ptr<const SpanRecord>;

class Spans : public Middle {
 protected:
  RecordPtr Find(const Asked& asked, std::string_view name) {
    RecordPtr record = SpanNamed(asked.http.context().trace_id, name);
    EXPECT_NE(record, nullptr) << name;
    return record;
  }
};

std::string Text(const SpanRecord& span, std::string_view key) {
  for (const Attribute& attribute : span.attributes) {
    if (attribute.key != key) continue;
    if (const auto* text = std::get_if<std::string>(&attribute.value)) return *text;
    if (const auto* flag = std::get_if<bool>(&attribute.value)) return *flag ? "true" : "false";
    if (const auto* number = std::get_if<int64_t>(&attribute.value)) return std::to_string(*number);
  }
  return "(none)";
}

TEST_F(Spans, ACallThatSucceeds) {
  Asked& asked = Call("Orders_Put", R"({"id":"secret"})", kModern, "", "\"id-7\"");
  const std::string traceparent = UnderWay().traceparent;
  UnderWay().Answer(Order("hidden"));
  const RecordPtr call = Find(asked, "tools/call Orders_Put");
  const RecordPtr rpc = Find(asked, "t.Orders/Put");
  ASSERT_TRUE(call != nullptr && rpc != nullptr);
  EXPECT_EQ(call->kind, SpanKind::kServer);
  EXPECT_EQ(call->parent_span_id, asked.http.context().span_id);
  EXPECT_FALSE(call->parent_is_remote);
  EXPECT_EQ(call->status, SpanStatus::kUnset);
  EXPECT_THAT(call->links, IsEmpty());
  EXPECT_EQ(Text(*call, "mcp.method.name"), "tools/call");
  EXPECT_EQ(Text(*call, "mcp.protocol.version"), "2026-07-28");
  EXPECT_EQ(Text(*call, "jsonrpc.request.id"), "id-7");
  EXPECT_EQ(Text(*call, "gen_ai.operation.name"), "execute_tool");
  EXPECT_EQ(Text(*call, "gen_ai.tool.name"), "Orders_Put");
  EXPECT_EQ(Text(*call, "error.type"), "(none)");
  ASSERT_THAT(call->events, SizeIs(2));
  EXPECT_EQ(call->events[0].name, "arguments.decoded");
  EXPECT_THAT(call->events[0].attributes, Contains(Attribute{"bytes", int64_t{8}}));
  EXPECT_EQ(call->events[1].name, "response.encoded");

  EXPECT_EQ(rpc->kind, SpanKind::kClient);
  EXPECT_EQ(rpc->parent_span_id, call->context.span_id);
  EXPECT_EQ(rpc->status, SpanStatus::kUnset);
  EXPECT_EQ(Text(*rpc, "rpc.system.name"), "grpc");
  EXPECT_EQ(Text(*rpc, "rpc.method"), "t.Orders/Put");
  EXPECT_EQ(Text(*rpc, "rpc.status_code"), "OK");
  EXPECT_EQ(Text(*rpc, "server.address"), "shop");
  EXPECT_EQ(Text(*rpc, "server.port"), "50051");
  EXPECT_EQ(Text(*rpc, "mcp_bridge.upstream"), "shop");
  EXPECT_EQ(Text(*rpc, "mcp_bridge.deadline_ms"), "30000");
  EXPECT_EQ(Text(*rpc, "network.peer.address"), "10.0.0.7");
  EXPECT_EQ(Text(*rpc, "network.peer.port"), "50051");
  // Its context is what the service was told.
  EXPECT_EQ(traceparent, telemetry::FormatTraceparent(rpc->context));

  for (const RecordPtr& span : {call, rpc}) {
    for (const Attribute& attribute : span->attributes) {
      EXPECT_THAT(Text(*span, attribute.key), Not(HasSubstr("secret")));
      EXPECT_THAT(Text(*span, attribute.key), Not(HasSubstr("hidden")));
    }
  }
}

TEST_F(Spans, ACallThatTheServiceFails) {
  for (const StatusCode code : {StatusCode::kNotFound, StatusCode::kDeadlineExceeded,
                                StatusCode::kUnavailable, StatusCode::kUnknown}) {
    SCOPED_TRACE(upstream::StatusCodeName(code));
    Asked& asked = Call("Orders_Put", "{}");
    UnderWay().End(Failure(code, "no order called secret"));
    const RecordPtr call = Find(asked, "tools/call Orders_Put");
    const RecordPtr rpc = Find(asked, "t.Orders/Put");
    ASSERT_TRUE(call != nullptr && rpc != nullptr);
    EXPECT_EQ(rpc->status, SpanStatus::kError);
    EXPECT_EQ(rpc->status_message, upstream::StatusCodeName(code));
    EXPECT_EQ(Text(*rpc, "error.type"), upstream::StatusCodeName(code));
    EXPECT_EQ(Text(*rpc, "rpc.status_code"), upstream::StatusCodeName(code));
    EXPECT_EQ(call->status, SpanStatus::kError);
    EXPECT_EQ(call->status_message, upstream::StatusCodeName(code));
    EXPECT_EQ(Text(*call, "error.type"), "tool_error");
    EXPECT_EQ(Text(*call, "mcp_bridge.cancelled"), "(none)");
  }
}

// That the caller went away is no error of the tool.
TEST_F(Spans, ACallThatIsCancelled) {
  Asked& asked = Call("Orders_Put", "{}");
  asked.call->Cancel(Operation::Why::kPeerGone);
  UnderWay().EndCancelled();
  const RecordPtr call = Find(asked, "tools/call Orders_Put");
  const RecordPtr rpc = Find(asked, "t.Orders/Put");
  ASSERT_TRUE(call != nullptr && rpc != nullptr);
  EXPECT_EQ(Text(*call, "mcp_bridge.cancelled"), "true");
  EXPECT_EQ(call->status, SpanStatus::kUnset);
  EXPECT_EQ(Text(*call, "error.type"), "(none)");
  EXPECT_EQ(Text(*rpc, "rpc.status_code"), "CANCELLED");
}

TEST_F(Spans, AnAnswerThatCannotBeRead) {
  Asked& asked = Call("Orders_Put", "{}");
  UnderWay().Answer("\xff");
  const RecordPtr call = Find(asked, "tools/call Orders_Put");
  const RecordPtr rpc = Find(asked, "t.Orders/Put");
  ASSERT_TRUE(call != nullptr && rpc != nullptr);
  EXPECT_EQ(rpc->status, SpanStatus::kUnset);  // the RPC itself went well
  EXPECT_EQ(call->status, SpanStatus::kError);
  EXPECT_EQ(call->status_message, "undecodable answer");
}

TEST_F(Spans, WhatIsRefusedHasNoSpanOfAnRpc) {
  struct Row {
    const char* params;
    const char* name;
    SpanStatus status;
    const char* error_type;
    const char* code;
  };
  for (const Row& row :
       {Row{R"({"name":"Orders_Put","arguments":{"x":1}})", "tools/call Orders_Put",
            SpanStatus::kError, "tool_error", "(none)"},
        {R"({"name":"Nothing"})", "tools/call", SpanStatus::kUnset, "(none)", "-32602"},
        {R"({"name":7})", "tools/call", SpanStatus::kUnset, "(none)", "-32602"}}) {
    SCOPED_TRACE(row.params);
    Asked& asked =
        Ask(R"({"id":1,"method":"tools/call","params":)" + std::string(row.params) + "}");
    const RecordPtr call = Find(asked, row.name);
    ASSERT_NE(call, nullptr);
    EXPECT_EQ(call->status, row.status);
    EXPECT_EQ(Text(*call, "error.type"), row.error_type);
    EXPECT_EQ(Text(*call, "rpc.response.status_code"), row.code);
    EXPECT_EQ(SpanNamed(asked.http.context().trace_id, "t.Orders/Put"), nullptr);
  }
  Asked& unknown = Ask(R"({"id":1,"method":"tools/call","params":{"name":"Nothing\u0007"}})");
  EXPECT_EQ(Text(*Find(unknown, "tools/call"), "gen_ai.tool.name"), "(none)");
}

TEST_F(Spans, ACallThatIsOneTooMany) {
  ServerOptions options;
  options.max_calls = 0;
  Restart(options);
  Asked& full = Call("Orders_Put", "{}");
  EXPECT_EQ(Find(full, "tools/call Orders_Put")->status_message, "too many calls");
  Restart({}, 0);
  Asked& memory = Call("Orders_Put", "{}");
  EXPECT_EQ(Find(memory, "tools/call Orders_Put")->status_message, "no memory for the call");
}

TEST_F(Spans, OtherMethodsHaveOneEachAndUnknownOnesShareAName) {
  struct Row {
    const char* method;
    const char* version;
    const char* name;
  };
  for (const Row& row : {Row{"tools/list", kModern, "tools/list"},
                         {"server/discover", kModern, "server/discover"},
                         {"ping", kLegacy, "ping"},
                         {"ping", kModern, "_OTHER"},
                         {"any/thing \\u202e at all", kLegacy, "_OTHER"}}) {
    SCOPED_TRACE(row.method);
    Asked& asked = Ask(R"({"id":1,"method":")" + std::string(row.method) + "\"}", row.version);
    const RecordPtr span = Find(asked, row.name);
    ASSERT_NE(span, nullptr);
    EXPECT_EQ(Text(*span, "mcp.method.name"), row.name);
    EXPECT_EQ(Text(*span, "mcp.protocol.version"), row.version);
    EXPECT_EQ(span->status, SpanStatus::kUnset);
  }
}

// The trace of _meta is the parent; the HTTP request is linked, and the other way round.
TEST_F(Spans, ATraceInMetaIsTheParentAndTheHttpSpanIsLinked) {
  const auto caller = telemetry::ParseTraceContext(
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=x");
  ASSERT_TRUE(caller.has_value());
  Asked& asked = Ask(R"({"id":1,"method":"tools/call","params":{"name":"Orders_Put"}})", kModern,
                     "", &*caller);
  EXPECT_EQ(UnderWay().tracestate, "vendor=x");
  EXPECT_THAT(UnderWay().traceparent, HasSubstr("0af7651916cd43dd8448eb211c80319c"));
  UnderWay().Answer("");
  const RecordPtr call = SpanNamed(caller->trace_id, "tools/call Orders_Put");
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(call->parent_span_id, caller->span_id);
  EXPECT_TRUE(call->parent_is_remote);
  ASSERT_THAT(call->links, SizeIs(1));
  EXPECT_EQ(call->links[0].span_id, asked.http.context().span_id);
  const telemetry::TraceId http = asked.http.context().trace_id;
  asked.http.End();
  const RecordPtr post = SpanNamed(http, "POST /mcp");
  ASSERT_NE(post, nullptr);
  ASSERT_THAT(post->links, SizeIs(1));
  EXPECT_EQ(post->links[0].span_id, call->context.span_id);
}

}  // namespace
}  // namespace bridge::mcp
