// Every code, cause and delivery: what is said, whether it took effect, whether to repeat it.
#include "bridge/mcp/status_text.h"

#include <set>

#include "tests/mcp/failed_call.h"

namespace bridge::mcp {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using upstream::Cause;
using upstream::Delivery;
using upstream::StatusCode;

// How a failure ends that is neither a refusal nor certain.
enum class Ends { kRefused, kUnsure, kBroken };

struct Row {
  int code;
  Ends ends;
  const char* remedy;  // of a refusal
};

constexpr Row kRows[] = {
    {1, Ends::kUnsure, ""},
    {2, Ends::kBroken, ""},
    {3, Ends::kRefused, "Fix them and call again."},
    {4, Ends::kUnsure, ""},
    {5, Ends::kRefused, "Check the identifier."},
    {6, Ends::kRefused,
     "Read the existing one, which an earlier try may have made, or use another identifier."},
    {7, Ends::kRefused, "Calling again will not help; ask the user for access."},
    {8, Ends::kRefused,
     "Repeating the same call at once will not help; a later or a smaller one may."},
    {9, Ends::kRefused, "The same call fails again as long as that state lasts."},
    {10, Ends::kRefused, "Read the current state again, then repeat the whole operation."},
    {11, Ends::kRefused, "Change it and call again."},
    {12, Ends::kRefused, "Do not call it again; use another tool or tell the user."},
    {13, Ends::kBroken, ""},
    {14, Ends::kUnsure, ""},
    {15, Ends::kBroken, ""},
    {16, Ends::kRefused, "Calling again will not help; tell the user. Reference: trace abc."},
    {2000, Ends::kBroken, ""},
};

FailedCall CallOf(int code, const std::string& details) {
  FailedCall call(code > 16 ? StatusCode::kUnknown : static_cast<StatusCode>(code), "said by it",
                  details);
  call.result.number = code;
  return call;
}

// All codes, with a method that changes something, one that may be repeated and one that only
// reads, provably unsent and not, with details and without.
TEST(StatusText, EveryCodeSaysWhatHappenedWhetherItTookEffectAndWhatToDo) {
  google::rpc::ErrorInfo info;
  info.set_reason("WHY");
  for (const Row& row : kRows) {
    for (const char* tool : {"Orders_Place", "Orders_Put", "Orders_Get"}) {
      for (const Delivery delivery : {Delivery::kMaybe, Delivery::kUnsent}) {
        for (const std::string& details : {std::string(), Pack(info)}) {
          FailedCall call = CallOf(row.code, details);
          call.tool = tool;
          call.result.delivery = delivery;
          auto [text, meta] = call.Tell();
          SCOPED_TRACE(text);
          const bool unsent = delivery == Delivery::kUnsent;
          const bool reads = call.tool == "Orders_Get";
          const bool repeatable = call.tool != "Orders_Place";
          const bool unknown = row.ends != Ends::kRefused && !unsent && !reads;
          const bool internal = row.code == 2 || row.code == 13;
          EXPECT_THAT(text, StartsWith(std::string(StatusCodeName(call.result.code)) + ": "));
          EXPECT_EQ(meta["code"], row.code);
          EXPECT_EQ(meta["name"], StatusCodeName(call.result.code));
          EXPECT_EQ(meta["effect"], unknown ? "unknown" : "none");
          EXPECT_EQ(text.find("may have taken effect") != std::string::npos, unknown);
          EXPECT_EQ(text.find("The service says: \"said by it\".") == std::string::npos, internal);
          EXPECT_EQ(meta.contains("message"), !internal);
          EXPECT_EQ(text.find("Its reason: \"WHY\".") != std::string::npos, !details.empty());
          const bool retryable =
              (row.ends == Ends::kUnsure && (unsent || repeatable)) || (row.code == 10 && reads);
          EXPECT_EQ(meta["retryable"], retryable);
          const bool again = text.find("ry again") != std::string::npos;
          EXPECT_EQ(again, row.ends == Ends::kUnsure && retryable);
          if (row.ends == Ends::kRefused) {
            EXPECT_THAT(text, EndsWith(row.remedy));
          }
          if (row.ends == Ends::kBroken) {
            EXPECT_THAT(text,
                        EndsWith("Repeating the same call is unlikely to help; tell the user. "
                                 "Reference: trace abc."));
          }
        }
      }
    }
  }
}

// What the bridge or the network says is never put into the service's mouth.
TEST(StatusText, EveryCauseOfItsOwnIsTheBridgesWord) {
  for (int cause = 1; cause <= static_cast<int>(Cause::kUnreadable); ++cause) {
    FailedCall call(StatusCode::kUnavailable, "words of a library");
    call.result.cause = static_cast<Cause>(cause);
    auto [text, meta] = call.Tell();
    EXPECT_THAT(text, Not(HasSubstr("The service says")));
    EXPECT_FALSE(meta.contains("message"));
    EXPECT_EQ(meta["retryable"], false) << text;
  }
}

struct Literal {
  StatusCode code;
  Cause cause;
  Delivery delivery;
  const char* tool;
  const char* message;
  const char* text;
};

TEST(StatusText, LiteralTexts) {
  constexpr Literal kTexts[] = {
      {StatusCode::kDeadlineExceeded, Cause::kDeadline, Delivery::kMaybe, "Orders_Get", "",
       "DEADLINE_EXCEEDED: No answer within 250 ms. You can try again."},
      {StatusCode::kDeadlineExceeded, Cause::kDeadline, Delivery::kMaybe, "Orders_Place", "",
       "DEADLINE_EXCEEDED: No answer within 250 ms. The call may have taken effect. Check whether "
       "it did before you call again."},
      {StatusCode::kDeadlineExceeded, Cause::kDeadline, Delivery::kMaybe, "Orders_Put", "",
       "DEADLINE_EXCEEDED: No answer within 250 ms. The call may have taken effect; a second one "
       "does no more than the first. You can try again."},
      {StatusCode::kDeadlineExceeded, Cause::kDeadline, Delivery::kUnsent, "Orders_Place", "",
       "DEADLINE_EXCEEDED: No answer within 250 ms. Nothing was sent to the service. You can try "
       "again."},
      {StatusCode::kDeadlineExceeded, Cause::kService, Delivery::kMaybe, "Orders_Get",
       "the warehouse is slow",
       "DEADLINE_EXCEEDED: The service itself ran out of time. The service says: \"the warehouse "
       "is slow\". You can try again."},
      {StatusCode::kUnavailable, Cause::kConnection, Delivery::kUnsent, "Orders_Place", "",
       "UNAVAILABLE: The bridge cannot reach the service at the moment. Nothing was sent to the "
       "service. Try again in a few seconds."},
      {StatusCode::kUnavailable, Cause::kConnection, Delivery::kMaybe, "Orders_Place", "",
       "UNAVAILABLE: The connection to the service broke during the call. The call may have taken "
       "effect. Check whether it did before you call again."},
      {StatusCode::kCancelled, Cause::kCancelled, Delivery::kMaybe, "Orders_Place", "",
       "CANCELLED: The call was cancelled. The call may have taken effect. Check whether it did "
       "before you call again."},
      {StatusCode::kPermissionDenied, Cause::kService, Delivery::kMaybe, "Orders_Place", "not you",
       "PERMISSION_DENIED: The service does not permit this. The service says: \"not you\". "
       "Calling "
       "again will not help; ask the user for access."},
      {StatusCode::kNotFound, Cause::kService, Delivery::kMaybe, "Orders_Get", "",
       "NOT_FOUND: The service did not find what the call names. Check the identifier."},
  };
  for (const Literal& row : kTexts) {
    FailedCall call(row.code, row.message);
    call.result.cause = row.cause;
    call.result.delivery = row.delivery;
    call.tool = row.tool;
    EXPECT_EQ(call.Tell().text, row.text);
  }
}

TEST(StatusText, ARequestThatTheServiceDidNotTakeIsTold) {
  FailedCall call(StatusCode::kDeadlineExceeded, "");
  call.result.cause = Cause::kDeadline;
  call.result.untaken = true;
  call.tool = "Orders_Get";
  EXPECT_EQ(call.Tell().text,
            "DEADLINE_EXCEEDED: No answer within 250 ms. The service had not taken the request: it "
            "may have as many calls under way as it allows on a connection. You can try again.");
}

TEST(B26Proxy, APageInHtmlMayHaveTakenEffect) {
  FailedCall page(StatusCode::kUnavailable, "HTTP status 504");
  page.result.cause = Cause::kUnreadable;
  Told told = page.Tell();
  EXPECT_EQ(told.text,
            "UNAVAILABLE: What came back is no answer of a gRPC service. The call may have taken "
            "effect. What came: \"HTTP status 504\". Check whether it did before you call again.");
  EXPECT_EQ(told.meta["retryable"], false);
  EXPECT_EQ(told.meta["effect"], "unknown");
  page.tool = "Orders_Get";
  EXPECT_THAT(page.Tell().text, EndsWith("Try again in a few seconds."));
  EXPECT_EQ(page.Tell().meta["retryable"], true);
  // The same as a proxy's own gRPC status: 503 without a word.
  FailedCall status(StatusCode::kUnavailable, "");
  EXPECT_THAT(status.Tell().text, HasSubstr("The call may have taken effect."));
  EXPECT_EQ(status.Tell().meta["retryable"], false);
}

TEST(B30Unimplemented, IsNotToBeCalledOrListedAgain) {
  for (const char* message : {"", "unknown method Place", "Method not implemented!"}) {
    Told told = FailedCall(StatusCode::kUnimplemented, message).Tell();
    EXPECT_THAT(told.text, HasSubstr("This cannot be called on this service"));
    EXPECT_THAT(told.text, HasSubstr("Do not call it again"));
    EXPECT_THAT(told.text, Not(HasSubstr("ist the tools")));
    EXPECT_EQ(told.meta["retryable"], false);
  }
}

TEST(B31Words, OfTheServiceAreKept) {
  EXPECT_EQ(FailedCall(StatusCode::kUnavailable, "maintenance until 9").Tell().text,
            "UNAVAILABLE: The service, or what stands before it, is unavailable. The call may have "
            "taken effect. The service says: \"maintenance until 9\". Check whether it did before "
            "you call again.");
  EXPECT_THAT(FailedCall(StatusCode::kUnauthenticated, "token expired").Tell().text,
              HasSubstr("The service says: \"token expired\"."));
  google::rpc::BadRequest bad;
  bad.add_field_violations()->set_field("id");
  Told both = FailedCall(StatusCode::kInvalidArgument, "see the manual", Pack(bad)).Tell();
  EXPECT_THAT(both.text, HasSubstr("The service says: \"see the manual\". It names these problems: "
                                   "$.id."));
  EXPECT_EQ(both.meta["message"], "see the manual");
}

TEST(B31Words, WhatIsInternalIsKeptByOptionOnly) {
  for (const StatusCode code : {StatusCode::kInternal, StatusCode::kUnknown}) {
    FailedCall call(code, "password is hunter2", PackAs("t.Denied", "\x12\x06hidden"));
    Told closed = call.Tell();
    EXPECT_THAT(closed.text, Not(HasSubstr("hunter2")));
    EXPECT_THAT(closed.meta.dump(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(closed.text, Not(HasSubstr("hidden")));
    call.show_internal_errors = true;
    EXPECT_THAT(call.Tell().text, HasSubstr("The service says: \"password is hunter2\"."));
    EXPECT_EQ(call.Tell().meta["message"], "password is hunter2");
    EXPECT_THAT(call.Tell().text, HasSubstr(R"(t.Denied {"hint":"hidden"})"));
  }
}

TEST(B31Words, ACodeOfTheServicesOwnKeepsItsNumber) {
  for (const int number : {17, 2000, 5002}) {
    Told told = CallOf(number, "").Tell();
    EXPECT_EQ(told.text,
              "UNKNOWN: The service failed with a status of its own, " + std::to_string(number) +
                  ". The call may have taken effect. The service says: \"said by it\". Repeating "
                  "the same call is unlikely to help; tell the user. Reference: trace abc.");
    EXPECT_EQ(told.meta["code"], number);
    EXPECT_EQ(told.meta["name"], "UNKNOWN");
  }
}

TEST(B42Precondition, NoAdviceAndTheFactsInTheText) {
  google::rpc::ErrorInfo info;
  info.set_reason("ORDER_NOT_CANCELLABLE");
  (*info.mutable_metadata())["state"] = "DELIVERED";
  (*info.mutable_metadata())["order"] = "o-7";
  EXPECT_EQ(
      FailedCall(StatusCode::kFailedPrecondition, "it cannot be cancelled", Pack(info)).Tell().text,
      "FAILED_PRECONDITION: The current state does not allow this. The service says: \"it "
      "cannot be cancelled\". Its reason: \"ORDER_NOT_CANCELLABLE\"; \"order\": \"o-7\"; "
      "\"state\": \"DELIVERED\". The same call fails again as long as that state lasts.");
}

TEST(B42NotFound, IsNamedOnce) {
  google::rpc::ResourceInfo resource;
  resource.set_resource_type("shop.Order");
  resource.set_resource_name("order-7");
  const std::string details = Pack(resource);
  const auto text = [&](const char* message) {
    return FailedCall(StatusCode::kNotFound, message, details).Tell().text;
  };
  EXPECT_EQ(
      text("\"order-7\" was not found"),
      R"(NOT_FOUND: The service says: "\"order-7\" was not found". It names the resource type )"
      R"("shop.Order". Check the identifier.)");
  EXPECT_EQ(
      text("no such thing"),
      R"(NOT_FOUND: The service says: "no such thing". It names the resource "order-7" of type )"
      R"("shop.Order". Check the identifier.)");
  EXPECT_EQ(text("shop.Order order-7 is gone"),
            R"(NOT_FOUND: The service says: "shop.Order order-7 is gone". Check the identifier.)");
  EXPECT_EQ(text(""),
            R"(NOT_FOUND: The service did not find what the call names. It names the resource )"
            R"("order-7" of type "shop.Order". Check the identifier.)");
}

TEST(StatusText, MissingArgumentsAreNamedWhereTheServiceDoesNot) {
  const auto text = [](StatusCode code, const std::string& details = "") {
    FailedCall call(code, "\"\" is bad", details);
    call.missing = R"("id", "kind")";
    return call.Tell().text;
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

}  // namespace
}  // namespace bridge::mcp
