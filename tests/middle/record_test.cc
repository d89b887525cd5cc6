// What is recorded of a call: once, at its end, whatever the end is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/middle/middle.h"

namespace bridge::mcp {
namespace {

using telemetry::CallOutcome;
using telemetry::CallRecord;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using upstream::Cause;
using upstream::StatusCode;

class Record : public Middle {
 protected:
  // The one record there is by now.
  const CallRecord& Only() {
    EXPECT_EQ(calls_.records.size(), 1u);
    return calls_.records.at(0);
  }
  // How a call ends whose RPC ends so.
  CallOutcome OutcomeOf(StatusCode code, Cause cause) {
    calls_.records.clear();
    Call("Orders_Get", "{}");
    upstream::CallResult result;
    result.code = code;
    result.number = static_cast<int>(code);
    result.cause = cause;
    UnderWay().End(result);
    EXPECT_EQ(Only().rpc_code, static_cast<int>(code));
    EXPECT_TRUE(Only().sent);
    return Only().outcome;
  }
};

TEST_F(Record, OfACallThatGoesWell) {
  Call("Orders_Get", R"({"id":"abc"})");
  EXPECT_THAT(calls_.records, IsEmpty()) << "it has not ended";
  EXPECT_THAT(Page(), HasSubstr("mcp_bridge_upstream_calls{upstream=\"shop\"} 1\n"));
  UnderWay().Answer(Order("abc", "note"));
  const CallRecord& record = Only();
  EXPECT_EQ(record.tool, "Orders_Get");
  EXPECT_EQ(record.upstream, "shop");
  EXPECT_EQ(record.upstream_index, 0u);
  EXPECT_EQ(record.rpc_method, "t.Orders/Get");
  EXPECT_EQ(record.kind, telemetry::RpcKind::kUnary);
  EXPECT_EQ(record.outcome, CallOutcome::kOk);
  EXPECT_TRUE(record.sent);
  EXPECT_EQ(record.rpc_code, 0);
  EXPECT_EQ(record.rpc_status, "OK");
  EXPECT_EQ(record.sent_messages, 1u);
  EXPECT_EQ(record.sent_bytes, 5u);
  EXPECT_EQ(record.received_messages, 1u);
  EXPECT_EQ(record.received_bytes, 11u);
  EXPECT_LE(record.begun, record.rpc_begun);
  EXPECT_LE(record.rpc_begun, record.rpc_ended);
  EXPECT_LE(record.rpc_ended, record.ended);
  EXPECT_EQ(calls_.trace_ids[0].size(), 32u);
  EXPECT_THAT(Page(), HasSubstr("mcp_bridge_upstream_calls{upstream=\"shop\"} 0\n"));
}

TEST_F(Record, OfEachEndOfTheRpc) {
  EXPECT_EQ(OutcomeOf(StatusCode::kNotFound, Cause::kService), CallOutcome::kToolError);
  // The service's own, not that of the deadline.
  EXPECT_EQ(OutcomeOf(StatusCode::kDeadlineExceeded, Cause::kService), CallOutcome::kToolError);
  EXPECT_EQ(OutcomeOf(StatusCode::kUnavailable, Cause::kConnection), CallOutcome::kToolError);
  EXPECT_EQ(OutcomeOf(StatusCode::kDeadlineExceeded, Cause::kDeadline), CallOutcome::kTimeout);
  EXPECT_EQ(OutcomeOf(StatusCode::kResourceExhausted, Cause::kRequestTooLarge),
            CallOutcome::kInvalidArguments);
  EXPECT_EQ(OutcomeOf(StatusCode::kResourceExhausted, Cause::kAnswerTooLarge),
            CallOutcome::kUnreadable);
  EXPECT_EQ(OutcomeOf(StatusCode::kInternal, Cause::kMetadataTooLarge), CallOutcome::kUnreadable);
  EXPECT_EQ(OutcomeOf(StatusCode::kInternal, Cause::kUnreadable), CallOutcome::kUnreadable);
}

TEST_F(Record, OfACallThatIsCancelled) {
  Asked& asked = Call("Orders_Get", "{}");
  asked.call->Cancel(Operation::Why::kPeerGone);
  UnderWay().EndCancelled();
  EXPECT_EQ(Only().outcome, CallOutcome::kCancelled);
  EXPECT_EQ(Only().rpc_status, "CANCELLED");
  EXPECT_EQ(Only().received_messages, 0u);
}

TEST_F(Record, OfAnAnswerThatIsNoMessage) {
  Call("Orders_Get", "{}");
  UnderWay().Answer("\x0a\xff\xff");
  EXPECT_EQ(Only().outcome, CallOutcome::kUnreadable);
  EXPECT_EQ(Only().rpc_status, "OK");
  EXPECT_EQ(Only().received_bytes, 3u);
}

TEST_F(Record, OfWhatIsNotSent) {
  Call("Orders_Get", R"({"nothing":1})");
  EXPECT_EQ(Only().outcome, CallOutcome::kInvalidArguments);
  EXPECT_FALSE(Only().sent);
  EXPECT_EQ(Only().tool, "Orders_Get");
  EXPECT_LE(Only().begun, Only().ended);
  EXPECT_THAT(Page(), HasSubstr("mcp_bridge_upstream_calls{upstream=\"shop\"} 0\n"));
}

TEST_F(Record, OfACallForWhichThereIsNoRoom) {
  Restart({.max_calls = 1});
  Call("Orders_Get", "{}");
  Call("Orders_Get", "{}");
  EXPECT_EQ(Only().outcome, CallOutcome::kOverloaded);
  EXPECT_FALSE(Only().sent);
  UnderWay().Answer("");
  EXPECT_EQ(calls_.records.size(), 2u);
}

// They are no calls of a tool, but operations.
TEST_F(Record, NothingElseIsOne) {
  Call("Orders_Got", "{}");
  Call("Orders_Get", "7");
  Ask(R"({"id":1,"method":"tools/list"})");
  Ask(R"({"id":1,"method":"no/such"})");
  EXPECT_THAT(calls_.records, IsEmpty());
  const std::string page = Page();
  const auto operations = [&](const std::string& method, int count) {
    EXPECT_THAT(page, HasSubstr("mcp_server_operation_duration_seconds_count{mcp_method_name=\"" +
                                method + "\"} " + std::to_string(count) + "\n"));
  };
  operations("tools/call", 2);
  operations("tools/list", 1);
  operations("_OTHER", 1);
  for (const char* reason : {"unknown_tool", "invalid_params", "unknown_method"}) {
    EXPECT_THAT(page, HasSubstr("mcp_bridge_requests_rejected_total{reason=\"" +
                                std::string(reason) + "\"} 1\n"));
  }
}

}  // namespace
}  // namespace bridge::mcp
