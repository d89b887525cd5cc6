// What is said when a limit of the bridge ends a call: how much it is, whether the call took
// effect, and how to send or ask for less, by the arguments that the tool really has.
#include "bridge/mcp/ask_for_less.h"
#include "bridge/mcp/verdict.h"
#include "tests/descriptor/graph_source.h"
#include "tests/mcp/failed_call.h"

namespace bridge::mcp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using upstream::Cause;
using upstream::Delivery;
using upstream::StatusCode;

FailedCall Ended(Cause cause, const std::string& tool, size_t bytes, size_t limit) {
  FailedCall call(StatusCode::kResourceExhausted, "Received message larger than max");
  call.result.cause = cause;
  call.result.bytes = bytes;
  call.result.limit = limit;
  call.tool = tool;
  return call;
}

TEST(B3RequestTooLarge, SaysSizeLimitAndHowToSendLess) {
  FailedCall call = Ended(Cause::kRequestTooLarge, "Orders_Place", 5'242'880, 4'194'304);
  call.result.delivery = Delivery::kUnsent;
  Told told = call.Tell();
  EXPECT_EQ(told.text,
            "RESOURCE_EXHAUSTED: The request is larger than the bridge sends: it has 5242880 bytes "
            "encoded, and the limit is 4194304. Nothing was sent to the service. Send less in one "
            "call: fewer elements in \"lineItems\" or shorter texts.");
  EXPECT_EQ(told.meta["retryable"], false);
  EXPECT_EQ(told.meta["effect"], "none");
  EXPECT_THAT(Ended(Cause::kRequestTooLarge, "Orders_List", 2, 1).Tell().text,
              HasSubstr("Send less in one call: shorter texts."));
}

TEST(StreamRequestTooLarge, SaysWhichMessage) {
  const catalog::Tool tool;
  descriptor::Message input;
  descriptor::Method method{.input = &input, .client_streaming = true};
  upstream::CallResult result;
  result.code = StatusCode::kResourceExhausted;
  result.cause = Cause::kRequestTooLarge;
  result.delivery = Delivery::kUnsent;
  result.at = 3;
  result.bytes = 5;
  result.limit = 4;
  const Verdict verdict =
      JudgeFailure(result, method, ErrorDetails("", tool, false), false, 1'000, false);
  EXPECT_EQ(verdict.what,
            "$.messages[3] is larger than the bridge sends: it has 5 bytes encoded, and the limit "
            "is 4. Nothing was sent to the service.");
  EXPECT_EQ(verdict.effect, Effect::kNone);
}

TEST(B3AnswerTooLarge, TookEffectAndSaysHowToAskForLess) {
  Told read = Ended(Cause::kAnswerTooLarge, "Orders_List", 0, 4'194'304).Tell();
  EXPECT_EQ(
      read.text,
      "RESOURCE_EXHAUSTED: The service's answer is larger than the bridge takes, 4194304 "
      "bytes. The same call fails again. Ask for less: a smaller \"pageSize\", only some paths "
      "in \"readMask\" or a narrower \"filter\".");
  EXPECT_EQ(read.meta["effect"], "none");
  EXPECT_EQ(read.meta["retryable"], false);
  Told written = Ended(Cause::kAnswerTooLarge, "Orders_Export", 0, 4'194'304).Tell();
  EXPECT_THAT(written.text, HasSubstr("The call has taken effect. Do not repeat it;"));
  EXPECT_THAT(written.text, HasSubstr("a smaller \"pageSize\""));
  EXPECT_EQ(written.meta["effect"], "done");
  EXPECT_EQ(written.meta["retryable"], false);
  Told plain = Ended(Cause::kAnswerTooLarge, "Orders_Get", 0, 9).Tell();
  EXPECT_EQ(
      plain.text,
      "RESOURCE_EXHAUSTED: The service's answer is larger than the bridge takes, 9 bytes. The same "
      "call fails again; tell the user.");
}

TEST(B3AnswerTooLarge, AlsoWhereOnlyItsJsonIs) {
  FailedCall call(StatusCode::kOk, "");
  call.tool = "Orders_List";
  const transcode::CodecError large{
      .path = "$", .message = "the JSON text is larger", .too_large = true};
  EXPECT_THAT(call.TellUnreadable(large).text, HasSubstr("Ask for less: a smaller \"pageSize\""));
  const transcode::CodecError damaged{.path = "$.id", .message = "cut off"};
  Told told = call.TellUnreadable(damaged);
  EXPECT_EQ(
      told.text,
      "INTERNAL: The service's answer could not be read as t.Order: at $.id, cut off. The same "
      "call fails again; tell the user. Reference: trace abc.");
  call.tool = "Orders_Place";
  EXPECT_THAT(call.TellUnreadable(damaged).text,
              HasSubstr("The call has taken effect. Do not repeat it"));
  EXPECT_EQ(call.TellUnreadable(damaged).meta["effect"], "done");
}

TEST(B4Metadata, BeyondTheLimitMayHaveTakenEffect) {
  Told told = Ended(Cause::kMetadataTooLarge, "Orders_Place", 0, 65'536).Tell();
  EXPECT_EQ(
      told.text,
      "RESOURCE_EXHAUSTED: The service answered with more metadata than the bridge takes, 65536 "
      "bytes; this is a limit of the bridge. The call may have taken effect. Check whether it "
      "did; the same call would fail again. Tell the user.");
  EXPECT_EQ(told.meta["retryable"], false);
  EXPECT_EQ(told.meta["effect"], "unknown");
  EXPECT_THAT(Ended(Cause::kMetadataTooLarge, "Orders_Get", 0, 65'536).Tell().text,
              Not(HasSubstr("taken effect")));
}

TEST(B6NoRoom, TookEffectUnlessTheMethodReads) {
  const auto tell = [](const std::string& tool) {
    return FailedCall(StatusCode::kOk, "").TellNoRoom(tool, 100);
  };
  EXPECT_EQ(
      tell("Orders_Place").text,
      "RESOURCE_EXHAUSTED: The bridge has no memory left at the moment for the service's answer "
      "of 100 bytes. The call has taken effect. Do not repeat it; use a tool that reads to see "
      "the outcome.");
  EXPECT_EQ(tell("Orders_Place").meta["effect"], "done");
  EXPECT_EQ(tell("Orders_Place").meta["retryable"], false);
  EXPECT_THAT(tell("Orders_List").text,
              HasSubstr("Try again in a few seconds, or ask for less: a smaller \"pageSize\""));
  EXPECT_EQ(tell("Orders_List").meta["retryable"], true);
}

// A quota of the service is not to be tried again in seconds, unless the service says so.
TEST(B3Quota, OfTheServiceIsTriedAgainWhenItSaysSo) {
  EXPECT_EQ(
      FailedCall(StatusCode::kResourceExhausted, "100 a day").Tell().text,
      "RESOURCE_EXHAUSTED: A quota or limit of the service is reached. The service says: \"100 a "
      "day\". Repeating the same call at once will not help; a later or a smaller one may.");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  Told told = FailedCall(StatusCode::kResourceExhausted, "", Pack(retry)).Tell();
  EXPECT_EQ(
      told.text,
      "RESOURCE_EXHAUSTED: A quota or limit of the service is reached. The service asks to wait "
      "3 s, then to call again.");
  EXPECT_EQ(told.meta["retryable"], true);
  EXPECT_EQ(told.meta["retryAfterMs"], 2500);
}

// It may find out in the middle that another service is missing.
TEST(B4Unavailable, MayHaveDoneAPartBeforeItAsksToWait) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  Told told = FailedCall(StatusCode::kUnavailable, "", Pack(retry)).Tell();
  EXPECT_EQ(told.text,
            "UNAVAILABLE: The service cannot serve the call now. The call may have taken effect. "
            "The service asks to wait 1 s, then to call again.");
  EXPECT_EQ(told.meta["effect"], "unknown");
  EXPECT_EQ(told.meta["retryable"], true);
}

std::string AskForLess(const std::string& fields) {
  const auto graph = descriptor::BuildOrThrow({descriptor::FromText(R"(
      name: "a.proto" package: "a" syntax: "proto3"
      enum_type { name: "View" value { name: "VIEW_UNSPECIFIED" number: 0 } }
      message_type {
        name: "Paging"
        field { name: "limit" number: 1 type: TYPE_UINT32 label: LABEL_OPTIONAL }
      }
      message_type { name: "M" )" + fields + "}")});
  return HowToAskForLess(*graph->FindMessage("a.M"));
}

TEST(B3AskForLess, NamesOnlyWhatTheRequestHas) {
  const auto field = [](const std::string& name, const std::string& type) {
    static int number = 0;
    return "field { name: \"" + name + "\" number: " + std::to_string(++number) +
           " label: LABEL_OPTIONAL " + type + " } ";
  };
  EXPECT_EQ(AskForLess(""), "");
  EXPECT_EQ(AskForLess(field("id", "type: TYPE_STRING")), "");
  EXPECT_EQ(AskForLess(field("pageSize", "type: TYPE_INT32")), "a smaller \"pageSize\"");
  EXPECT_EQ(AskForLess(field("limit", "type: TYPE_INT64")), "a smaller \"limit\"");
  EXPECT_EQ(AskForLess(field("limit", "type: TYPE_STRING")), "");
  EXPECT_EQ(AskForLess(field("max_results",
                             "type: TYPE_MESSAGE type_name: \".google.protobuf.UInt32Value\"")),
            "a smaller \"maxResults\"");
  EXPECT_EQ(AskForLess(field("paging", "type: TYPE_MESSAGE type_name: \".a.Paging\"")),
            "a smaller \"paging.limit\"");
  EXPECT_EQ(
      AskForLess(field("fields", "type: TYPE_MESSAGE type_name: \".google.protobuf.FieldMask\"")),
      "only some paths in \"fields\"");
  EXPECT_EQ(AskForLess(field("update_mask",
                             "type: TYPE_MESSAGE type_name: \".google.protobuf.FieldMask\"")),
            "");
  EXPECT_EQ(AskForLess(field("view", "type: TYPE_ENUM type_name: \".a.View\"") +
                       field("query", "type: TYPE_STRING")),
            "a smaller \"view\" or a narrower \"query\"");
}

}  // namespace
}  // namespace bridge::mcp
