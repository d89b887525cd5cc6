#include "bridge/mcp/status_text.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/descriptor/graph_source.h"

namespace bridge::mcp {
namespace {

using ::google::protobuf::FieldDescriptorProto;
using ::testing::HasSubstr;
using ::testing::Not;
using upstream::CallResult;
using upstream::StatusCode;

// Order {repeated Line line_items = 1;}  Line {int32 unit_price = 1;}
std::shared_ptr<const descriptor::Graph> MakeGraph() {
  google::protobuf::FileDescriptorProto file;
  file.set_name("t.proto");
  file.set_package("t");
  file.set_syntax("proto3");
  const auto add = [](auto* message, const char* name, const char* json_name, auto type) {
    auto* field = message->add_field();
    field->set_name(name);
    field->set_json_name(json_name);
    field->set_number(1);
    field->set_type(type);
    field->set_label(FieldDescriptorProto::LABEL_OPTIONAL);
    return field;
  };
  auto* line = file.add_message_type();
  line->set_name("Line");
  add(line, "unit_price", "unitPrice", FieldDescriptorProto::TYPE_INT32);
  auto* order = file.add_message_type();
  order->set_name("Order");
  auto* lines = add(order, "line_items", "lineItems", FieldDescriptorProto::TYPE_MESSAGE);
  lines->set_type_name(".t.Line");
  lines->set_label(FieldDescriptorProto::LABEL_REPEATED);
  auto* service = file.add_service();
  service->set_name("Orders");
  for (const char* name : {"Place", "Get"}) {
    auto* method = service->add_method();
    method->set_name(name);
    method->set_input_type(".t.Order");
    method->set_output_type(".t.Order");
  }
  service->mutable_method(1)->mutable_options()->set_idempotency_level(
      google::protobuf::MethodOptions::NO_SIDE_EFFECTS);
  return descriptor::BuildOrThrow({file});
}

class StatusTextTest : public ::testing::Test {
 protected:
  StatusText Explain(StatusCode code, const std::string& message, const std::string& details = "",
                     size_t method = 0, std::string_view missing = "") {
    CallResult result;
    result.code = code;
    result.message = message;
    result.details = details;
    return ToStatusText(result, graph_->services()[0].methods[method], "abc", 250, missing);
  }

  template <typename... Details>
  static std::string Pack(const Details&... details) {
    google::rpc::Status status;
    (status.add_details()->PackFrom(details), ...);
    return status.SerializeAsString();
  }

  std::shared_ptr<const descriptor::Graph> graph_ = MakeGraph();
};

TEST_F(StatusTextTest, IsTotalAndEveryTextNamesTheCodeAndARemedy) {
  for (int code = 1; code <= 16; ++code) {
    const StatusText text = Explain(static_cast<StatusCode>(code), "said by the service");
    const std::string name(upstream::StatusCodeName(static_cast<StatusCode>(code)));
    EXPECT_EQ(text.text.rfind(name + ": ", 0), 0u) << text.text;
    EXPECT_GT(text.text.size(), name.size() + 30) << text.text;
    const auto meta = nlohmann::json::parse(text.meta);
    EXPECT_EQ(meta["code"], code);
    EXPECT_EQ(meta["name"], name);
    EXPECT_TRUE(meta["retryable"].is_boolean());
  }
}

// peers.md 4.5, 12.
TEST_F(StatusTextTest, PeersAcceptance_No12_BadRequestReachesTheModelInItsOwnNames) {
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field("line_items[2].unit_price");
  violation->set_description("must be positive");
  const StatusText text = Explain(StatusCode::kInvalidArgument, "bad", Pack(bad));
  EXPECT_THAT(text.text, HasSubstr("$.lineItems[2].unitPrice: must be positive"));
  const auto meta = nlohmann::json::parse(text.meta);
  EXPECT_EQ(meta["violations"][0]["at"], "$.lineItems[2].unitPrice");
  EXPECT_EQ(meta["violations"][0]["description"], "must be positive");
}

TEST_F(StatusTextTest, MissingArgumentsAreNamedWhereTheServiceDoesNot) {
  const auto text = [this](StatusCode code, const std::string& details = "") {
    return Explain(code, "\"\" is bad", details, 0, R"("id", "kind")").text;
  };
  const auto names_them = HasSubstr(R"(The arguments lack what the tool requires: "id", "kind". )");
  for (const StatusCode code : {StatusCode::kInvalidArgument, StatusCode::kNotFound,
                                StatusCode::kFailedPrecondition, StatusCode::kUnknown}) {
    EXPECT_THAT(text(code), names_them);
  }
  for (const StatusCode code : {StatusCode::kUnavailable, StatusCode::kDeadlineExceeded,
                                StatusCode::kPermissionDenied, StatusCode::kUnauthenticated}) {
    EXPECT_THAT(text(code), Not(names_them));
  }
  google::rpc::BadRequest bad;
  bad.add_field_violations()->set_field("id");
  EXPECT_THAT(text(StatusCode::kInvalidArgument, Pack(bad)), Not(names_them));
}

TEST_F(StatusTextTest, APathThatLeadsNowhereStaysAsItIs) {
  google::rpc::BadRequest bad;
  bad.add_field_violations()->set_field("nowhere.at_all[1].x");
  EXPECT_THAT(Explain(StatusCode::kInvalidArgument, "", Pack(bad)).text,
              HasSubstr("$.nowhere.at_all[1].x"));
}

TEST_F(StatusTextTest, ResourceReasonAndRetryAreTold) {
  google::rpc::ResourceInfo resource;
  resource.set_resource_type("shop.Order");
  resource.set_resource_name("order-7");
  EXPECT_THAT(Explain(StatusCode::kNotFound, "", Pack(resource)).text,
              HasSubstr("shop.Order \"order-7\" was not found."));
  google::rpc::ErrorInfo info;
  info.set_reason("CARD_DECLINED");
  info.set_domain("shop");
  (*info.mutable_metadata())["b"] = "2";
  (*info.mutable_metadata())["a"] = "1";
  const StatusText declined = Explain(StatusCode::kFailedPrecondition, "no", Pack(info));
  EXPECT_THAT(declined.text, HasSubstr("Reason: CARD_DECLINED."));
  EXPECT_THAT(declined.meta, HasSubstr(R"("metadata":{"a":"1","b":"2"})"));
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  const StatusText busy = Explain(StatusCode::kUnavailable, "", Pack(retry));
  EXPECT_THAT(busy.text, HasSubstr("Wait 3 s before trying again."));
  EXPECT_EQ(nlohmann::json::parse(busy.meta)["retryAfterMs"], 2500);
}

TEST_F(StatusTextTest, ARetryDelayIsWithinReason) {
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
    const StatusText busy = Explain(StatusCode::kUnavailable, "", Pack(retry));
    EXPECT_EQ(nlohmann::json::parse(busy.meta)["retryAfterMs"], row.ms) << row.seconds;
  }
}

// A JSON object with a member twice is refused by strict readers.
TEST_F(StatusTextTest, DetailsThatComeTwiceDoNotRepeatMembers) {
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
  const StatusText text = Explain(StatusCode::kInvalidArgument, "", status.SerializeAsString());
  std::set<std::string> members;
  bool twice = false;
  const auto meta = nlohmann::json::parse(
      text.meta, [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
        if (event == nlohmann::json::parse_event_t::key && (depth == 1 || parsed == "key")) {
          twice = !members.insert(parsed.get<std::string>()).second || twice;
        }
        return true;
      });
  EXPECT_FALSE(twice) << text.meta;
  EXPECT_EQ(meta["violations"].size(), 10u);
  EXPECT_EQ(meta["reason"], "FIRST");
}

// Words of gRPC itself are not put into the service's mouth, nor the other way round.
TEST_F(StatusTextTest, WhoSaysWhat) {
  EXPECT_EQ(Explain(StatusCode::kDeadlineExceeded, "Deadline Exceeded", "", 1).text,
            "DEADLINE_EXCEEDED: No answer within 250 ms. You can try again.");
  EXPECT_EQ(Explain(StatusCode::kDeadlineExceeded, "the warehouse is slow", "", 1).text,
            "DEADLINE_EXCEEDED: The service itself ran out of time. The service says: the "
            "warehouse is slow. You can try again.");
  EXPECT_EQ(Explain(StatusCode::kCancelled, "CANCELLED", "", 1).text,
            "CANCELLED: The call was cancelled.");
  EXPECT_THAT(Explain(StatusCode::kCancelled, "Sold out!", "", 1).text,
              HasSubstr("The service says: Sold out!"));
  EXPECT_THAT(Explain(StatusCode::kCancelled, "Sold out!", "", 1).text, Not(HasSubstr("!.")));
}

TEST_F(StatusTextTest, InternalsOfTheServiceStayInside) {
  google::rpc::DebugInfo debug;
  debug.set_detail("stack trace with a secret");
  const StatusText text = Explain(StatusCode::kInternal, "password is hunter2", Pack(debug));
  EXPECT_THAT(text.text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(text.text, Not(HasSubstr("secret")));
  EXPECT_THAT(text.meta, Not(HasSubstr("secret")));
  EXPECT_THAT(text.text, HasSubstr("Reference: trace abc."));
}

TEST_F(StatusTextTest, OnlyAMethodWithoutSideEffectsMayBeRepeatedBlindly) {
  EXPECT_THAT(Explain(StatusCode::kDeadlineExceeded, "").text,
              HasSubstr("No answer within 250 ms. It may or may not have taken effect"));
  EXPECT_THAT(Explain(StatusCode::kDeadlineExceeded, "", "", 1).text,
              HasSubstr("You can try again."));
}

TEST_F(StatusTextTest, HostileTextIsMadeHarmless) {
  const StatusText text =
      Explain(StatusCode::kUnknown, "a\x01\xff\xe2\x80\xae" + std::string(5000, 'x'));
  EXPECT_LT(text.text.size(), 2200u);
  EXPECT_EQ(text.text.find('\x01'), std::string::npos);
  EXPECT_EQ(text.text.find("\xe2\x80\xae"), std::string::npos);
  EXPECT_EQ(Explain(StatusCode::kUnknown, "x", "\xff\xff garbage").meta,
            R"({"code":2,"name":"UNKNOWN","retryable":false})");
}

}  // namespace
}  // namespace bridge::mcp
