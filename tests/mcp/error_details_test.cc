// What details of a status become, in words and as JSON members.
#include "bridge/mcp/error_details.h"

#include <cstdint>
#include <set>

#include "tests/mcp/failed_call.h"

namespace bridge::mcp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using upstream::StatusCode;

Told Tell(const std::string& details, const std::string& message = "") {
  return FailedCall(StatusCode::kFailedPrecondition, message, details).Tell();
}

// peers.md 4.5, 12.
TEST(ErrorDetails, PeersAcceptance_No12_BadRequestReachesTheModelInItsOwnNames) {
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field("line_items[2].unit_price");
  violation->set_description("must be positive");
  Told told = Tell(Pack(bad), "bad");
  EXPECT_THAT(told.text, HasSubstr("$.lineItems[2].unitPrice: \"must be positive\""));
  EXPECT_EQ(told.meta["violations"][0]["at"], "$.lineItems[2].unitPrice");
  EXPECT_EQ(told.meta["violations"][0]["description"], "must be positive");
}

// Many services make the message of the violations: it is not said twice.
TEST(ErrorDetails, AMessageThatOnlyRepeatsTheViolationsIsLeftOut) {
  google::rpc::BadRequest bad;
  for (const char* field : {"id", "parent.id"}) {
    bad.add_field_violations()->set_field(field);
    bad.mutable_field_violations()->rbegin()->set_description(std::string("bad ") + field);
  }
  const auto says = HasSubstr("The service says");
  EXPECT_THAT(Tell(Pack(bad), "id: bad id; parent.id: bad parent.id").text, Not(says));
  EXPECT_THAT(Tell(Pack(bad), "bad id, bad parent.id").text, Not(says));
  EXPECT_THAT(Tell(Pack(bad), "id: bad id; parent.id: bad parent.id; see the manual").text, says);
  EXPECT_THAT(Tell(Pack(bad), "bad id").text, says);
}

TEST(ErrorDetails, ReasonHelpAndLocalizedMessageAreTold) {
  google::rpc::ErrorInfo info;
  info.set_reason("CARD_DECLINED");
  info.set_domain("shop");
  (*info.mutable_metadata())["b"] = "2";
  (*info.mutable_metadata())["a"] = "1";
  google::rpc::LocalizedMessage localized;
  localized.set_message("Karte abgelehnt");
  google::rpc::Help help;
  help.add_links()->set_description("Cards");
  help.mutable_links(0)->set_url("https://shop.example/cards");
  google::rpc::RequestInfo request;
  request.set_request_id("r-1");
  request.set_serving_data("secret");
  Told told = Tell(Pack(info, localized, help, request));
  EXPECT_THAT(told.text, HasSubstr(R"(Its reason: "CARD_DECLINED"; "a": "1"; "b": "2".)"));
  EXPECT_THAT(told.text, HasSubstr(R"(For the user it says: "Karte abgelehnt".)"));
  EXPECT_THAT(told.text, HasSubstr(R"(It refers to "Cards" at "https://shop.example/cards".)"));
  EXPECT_EQ(told.meta["reason"], "CARD_DECLINED");
  EXPECT_EQ(told.meta["domain"], "shop");
  EXPECT_EQ(told.meta["metadata"], (nlohmann::json{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(told.meta["localizedMessage"], "Karte abgelehnt");
  EXPECT_EQ(told.meta["requestId"], "r-1");
  EXPECT_THAT(told.meta.dump(), Not(HasSubstr("secret")));
}

TEST(ErrorDetails, ARetryDelayIsWithinReason) {
  struct Row {
    int64_t seconds;
    int32_t nanos;
    int64_t ms;
  };
  for (const Row& row : std::vector<Row>{{INT64_MAX, INT32_MAX, 31'622'400'999},
                                         {INT64_MIN, INT32_MIN, 0},
                                         {-1, 500'000'000, 500},
                                         {0, 0, 0}}) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(row.seconds);
    retry.mutable_retry_delay()->set_nanos(row.nanos);
    Told busy = FailedCall(StatusCode::kUnavailable, "", Pack(retry)).Tell();
    EXPECT_EQ(busy.meta["retryAfterMs"], row.ms) << row.seconds;
    EXPECT_EQ(busy.meta["retryable"], true);
  }
}

// A JSON object with a member twice is refused by strict readers.
TEST(ErrorDetails, ThatComeTwiceDoNotRepeatMembers) {
  google::rpc::BadRequest bad;
  google::rpc::QuotaFailure quota;
  for (int i = 0; i < 8; ++i) {
    bad.add_field_violations()->set_field("f");
    quota.add_violations()->set_subject("q");
  }
  google::rpc::ErrorInfo first, second;
  first.set_reason("FIRST");
  second.set_reason("SECOND");
  (*first.mutable_metadata())["key"] = "1";
  (*first.mutable_metadata())["key\u200b"] = "2";
  google::rpc::RetryInfo retry;
  google::rpc::Status status;
  status.ParseFromString(Pack(bad, bad, quota, first, second, retry, retry));
  status.mutable_details(4)->set_type_url("elsewhere/google.rpc.ErrorInfo");
  for (int i = 0; i < 3; ++i) {
    auto* own = status.add_details();
    own->set_type_url("a/t.Denied");
    own->set_value("\x08\x05");
  }
  FailedCall call(StatusCode::kInvalidArgument, "", status.SerializeAsString());
  Told told = call.Tell();
  ASSERT_FALSE(told.meta.is_discarded());
  std::set<std::string> members;
  bool twice = false;
  const auto read = nlohmann::json::parse(
      call.Meta(), [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
        if (event == nlohmann::json::parse_event_t::key && (depth == 1 || parsed == "key")) {
          twice = !members.insert(parsed.get<std::string>()).second || twice;
        }
        return true;
      });
  EXPECT_TRUE(read.is_object());
  EXPECT_FALSE(twice) << call.Meta();
  EXPECT_EQ(told.meta["violations"].size(), 10u);
  EXPECT_EQ(told.meta["moreViolations"], 6);
  EXPECT_EQ(told.meta["reason"], "FIRST");
  EXPECT_EQ(told.meta["details"].size(), 3u);
}

TEST(ErrorDetails, InternalsOfTheServiceStayInside) {
  google::rpc::DebugInfo debug;
  debug.set_detail("stack trace with a secret");
  FailedCall call(StatusCode::kInternal, "", Pack(debug));
  call.show_internal_errors = true;
  EXPECT_THAT(call.Tell().text, Not(HasSubstr("secret")));
  EXPECT_THAT(call.Tell().meta.dump(), Not(HasSubstr("ebug")));
}

TEST(ErrorDetails, GarbageIsNoDetail) {
  for (const char* garbage : {"\xff\xff garbage", "\x1a\xff\xff\xff\x0f"}) {
    EXPECT_EQ(Tell(garbage).meta.dump(),
              R"({"code":9,"effect":"none","name":"FAILED_PRECONDITION","retryable":false})");
  }
}

// The types of the upstream's own description are known.
TEST(B10Details, OfTypesTheGraphKnowsReachTextAndMeta) {
  Told told = Tell(PackAs("t.Denied",
                          "\x08\x05\x12\x04"
                          "less"),
                   "no");
  EXPECT_THAT(told.text, HasSubstr(R"(It adds: t.Denied {"limit":"5","hint":"less"}.)"));
  EXPECT_EQ(told.meta["details"][0],
            (nlohmann::json{{"@type", "t.Denied"}, {"limit", "5"}, {"hint", "less"}}));
  EXPECT_THAT(Tell(PackAs("t.Denied", "")).text, HasSubstr("It adds: t.Denied {}."));
  EXPECT_EQ(Tell(PackAs("t.Denied", "")).meta["details"][0],
            (nlohmann::json{{"@type", "t.Denied"}}));
  EXPECT_THAT(Tell(PackAs("google.protobuf.StringValue", "\x0a\x01x")).text,
              HasSubstr(R"(It adds: google.protobuf.StringValue {"value":"x"}.)"));
}

TEST(B10Details, OfUnknownTypesAreNamed) {
  Told told = Tell(PackAs("acme.v1.Odd", "\x08\x05"));
  EXPECT_THAT(told.text, HasSubstr(R"(It adds details that are not shown: "acme.v1.Odd".)"));
  EXPECT_EQ(told.meta["details"], (nlohmann::json{{{"@type", "acme.v1.Odd"}}}));
  // What is not of its type is no more known.
  EXPECT_THAT(Tell(PackAs("t.Denied", "\xff")).text, HasSubstr(R"(not shown: "t.Denied".)"));
  // Of Google's, but unknown or damaged: named as well.
  for (const char* type : {"google.rpc.Odd", "google.rpc.BadRequest"}) {
    EXPECT_THAT(Tell(PackAs(type, "\xff")).text, HasSubstr("not shown: \"" + std::string(type)));
  }
}

TEST(B10Details, AreBoundedInBytes) {
  const std::string hint(3000, 'h');
  const std::string bytes = "\x12\xb8\x17" + hint;
  Told told = Tell(PackAs("t.Denied", bytes));
  EXPECT_THAT(told.text, HasSubstr(R"(It adds: t.Denied "{\"hint\":\"hhh)"));
  EXPECT_LE(told.text.size(), 2048u);
  EXPECT_EQ(told.meta["details"][0]["hint"], hint);
  google::rpc::Status many;
  for (int i = 0; i < 20; ++i)
    many.add_details()->CopyFrom([&] {
      google::protobuf::Any any;
      any.set_type_url("a/t.Denied");
      any.set_value(bytes);
      return any;
    }());
  Told cut = Tell(many.SerializeAsString());
  EXPECT_EQ(cut.meta["details"].size(), 3u) << "two of 3,003 bytes fit into 8 KiB, then the name";
  EXPECT_LE(cut.meta.dump().size(), 20'000u);
}

}  // namespace
}  // namespace bridge::mcp
