#include "bridge/schema/annotations.h"

#include <string>

#include "gtest/gtest.h"

namespace bridge::schema {
namespace {

using descriptor::HttpVerb;
using descriptor::Idempotency;

// "r" read-only, "d" destructive, "i" idempotent: lower case false, upper case true, "-" unset.
std::string Letters(const descriptor::ToolHints& hints) {
  const auto letter = [](const std::optional<bool>& hint, char c) {
    return !hint ? '-' : *hint ? static_cast<char>(c - 'a' + 'A') : c;
  };
  return {letter(hints.read_only, 'r'), letter(hints.destructive, 'd'),
          letter(hints.idempotent, 'i')};
}

TEST(Annotations, TheFirstThatSpeaksDecides) {
  struct Row {
    const char* name;
    Idempotency idempotency;
    HttpVerb verb;
    const char* expected;
  };
  constexpr auto kNone = Idempotency::kUnknown;
  const descriptor::Message empty;
  for (const Row& row : {
           Row{"Delete", Idempotency::kNoSideEffects, HttpVerb::kDelete, "R--"},
           Row{"Get", Idempotency::kIdempotent, HttpVerb::kGet, "rDI"},
           Row{"Create", Idempotency::kIdempotent, HttpVerb::kPost, "rdI"},
           Row{"Anything", Idempotency::kIdempotent, HttpVerb::kPost, "rDI"},
           Row{"Anything", kNone, HttpVerb::kGet, "R--"},
           Row{"Anything", kNone, HttpVerb::kDelete, "rDI"},
           Row{"Anything", kNone, HttpVerb::kPut, "rDI"},
           Row{"UpdateTopic", kNone, HttpVerb::kPatch, "rD-"},
           Row{"CreateTopic", kNone, HttpVerb::kPost, "rdi"},
           Row{"UploadFile", kNone, HttpVerb::kPost, "rdi"},
           Row{"Createur", kNone, HttpVerb::kPost, "---"},
           Row{"GetTopic", kNone, HttpVerb::kNone, "R--"},
           Row{"Get", kNone, HttpVerb::kNone, "R--"},
           Row{"get_topic", kNone, HttpVerb::kNone, "R--"},
           Row{"BatchGetTopics", kNone, HttpVerb::kNone, "R--"},
           Row{"BatchDelete", kNone, HttpVerb::kNone, "rDI"},
           Row{"Batch", kNone, HttpVerb::kNone, "---"},
           Row{"WatchTopics", kNone, HttpVerb::kCustom, "R--"},
           Row{"Getaway", kNone, HttpVerb::kNone, "---"},
           Row{"GetOrCreateTopic", kNone, HttpVerb::kNone, "---"},
           Row{"CheckAndSet", kNone, HttpVerb::kNone, "---"},
           Row{"CheckOut", kNone, HttpVerb::kNone, "---"},
           Row{"Checkout", kNone, HttpVerb::kNone, "---"},
           Row{"PurgeQueue", kNone, HttpVerb::kNone, "rDI"},
           Row{"CreateTopic", kNone, HttpVerb::kNone, "rdi"},
           Row{"_", kNone, HttpVerb::kNone, "---"},
       }) {
    descriptor::Method method;
    method.name = row.name;
    method.idempotency = row.idempotency;
    method.http_verb = row.verb;
    method.input = &empty;
    EXPECT_EQ(Letters(MakeAnnotations(method)), row.expected) << row.name;
  }
}

descriptor::Method MethodOf(const char* name, HttpVerb verb) {
  static const descriptor::Message empty;
  descriptor::Method method;
  method.name = name;
  method.http_verb = verb;
  method.input = &empty;
  return method;
}

TEST(B28PostSaysNothing, TheNameDecidesElseNothing) {
  struct Row {
    const char* name;
    const char* expected;
  };
  for (const Row& row : {
           Row{"Range", "R--"},
           Row{"ReadSchema", "R--"},
           Row{"Check", "R--"},
           Row{"CheckPermission", "R--"},
           Row{"GetTopic", "R--"},
           Row{"ListObjects", "R--"},
           Row{"Expand", "R--"},
           Row{"LookupResources", "R--"},
           Row{"SearchProducts", "R--"},
           Row{"BatchCheck", "R--"},
           Row{"HashKV", "R--"},
           Row{"Status", "R--"},
           Row{"UserGet", "R--"},
           Row{"DescribeInstances", "R--"},
           Row{"ListItemsInFolder", "R--"},
           Row{"GetDataSet", "R--"},
           // What says nothing, or more than one thing.
           Row{"Compact", "---"},
           Row{"Frobnicate", "---"},
           Row{"CheckIn", "---"},
           Row{"CheckBookOut", "---"},
           Row{"ReadAndDelete", "---"},
           Row{"FindOrCreate", "---"},
           Row{"SortList", "---"},
           // The noun first.
           Row{"DeleteRange", "rDI"},
           Row{"RangeDelete", "rDI"},
           Row{"StatusUpdate", "rD-"},
           Row{"ListRemove", "rDI"},
       }) {
    const descriptor::Method post = MethodOf(row.name, HttpVerb::kPost);
    EXPECT_EQ(Letters(MakeAnnotations(post)), row.expected) << row.name;
    EXPECT_EQ(Letters(DeclaredHints(post)), "---") << row.name << " is a guess";
    EXPECT_EQ(Letters(MakeAnnotations(MethodOf(row.name, HttpVerb::kNone))), row.expected);
  }
}

TEST(B28PostSaysNothing, WhatIsProvableIsKeptApart) {
  descriptor::Method method = MethodOf("GetTopic", HttpVerb::kPost);
  EXPECT_FALSE(DeclaredHints(method).read_only.has_value());
  EXPECT_EQ(MakeAnnotations(method).read_only, std::optional(true));
  method.http_verb = HttpVerb::kGet;
  EXPECT_EQ(Letters(DeclaredHints(method)), "R--");
  method.http_verb = HttpVerb::kPost;
  method.idempotency = Idempotency::kNoSideEffects;
  EXPECT_EQ(Letters(DeclaredHints(method)), "R--");
  method.hints.read_only = false;  // its own options come first
  EXPECT_EQ(Letters(DeclaredHints(method)), "r--");
  method = MethodOf("DeleteTopic", HttpVerb::kDelete);
  EXPECT_EQ(Letters(DeclaredHints(method)), "rDI");
  EXPECT_TRUE(GuessedHints(MakeAnnotations(method), DeclaredHints(method)).empty());
}

TEST(B45EveryToolSays, WhetherItReadsOrDestroys) {
  struct Row {
    const char* name;
    const char* expected;
  };
  for (const Row& row : {
           Row{"DeleteProduct", "rDI"},     Row{"CancelOrder", "rDI"},
           Row{"RemoveItem", "rDI"},        Row{"RevokeToken", "rDI"},
           Row{"TerminateVm", "rDI"},       Row{"ResetPassword", "rDI"},
           Row{"EmptyCart", "rDI"},         Row{"UserDelete", "rDI"},
           Row{"ForceDelete", "rDI"},       Row{"CreateOrder", "rdi"},
           Row{"AddItem", "rdi"},           Row{"PlaceOrder", "rdi"},
           Row{"RegisterUser", "rdi"},      Row{"MemberAdd", "rdi"},
           Row{"BatchCreateTopics", "rdi"}, Row{"RefundPayment", "rDi"},
           Row{"ChargeCard", "rDi"},        Row{"SendEmail", "rDi"},
           Row{"TransferFunds", "rDi"},     Row{"AuthorizePayment", "rDi"},
           Row{"PublishMessage", "rDi"},    Row{"ShipOrder", "rD-"},
           Row{"UpdateProduct", "rD-"},     Row{"RenameFile", "rD-"},
           Row{"SetPrice", "rDI"},          Row{"WriteTuples", "rD-"},
           Row{"ApproveOrder", "rD-"},      Row{"RunJob", "rD-"},
           Row{"GetOrder", "R--"},          Row{"ListOrders", "R--"},
       }) {
    const descriptor::ToolHints hints = MakeAnnotations(MethodOf(row.name, HttpVerb::kNone));
    EXPECT_EQ(Letters(hints), row.expected) << row.name;
    EXPECT_TRUE(*hints.read_only || hints.destructive.has_value()) << row.name;
  }
}

TEST(B45EveryToolSays, WhatItsOptionsLeaveOpen) {
  descriptor::Method method = MethodOf("Frobnicate", HttpVerb::kNone);
  method.hints.read_only = false;
  EXPECT_EQ(Letters(MakeAnnotations(method)), "rD-") << "as MCP assumes";
  method.hints = {.destructive = true};
  EXPECT_EQ(Letters(MakeAnnotations(method)), "rD-");
  method = MethodOf("GetOrder", HttpVerb::kGet);
  method.hints.destructive = true;
  EXPECT_EQ(Letters(MakeAnnotations(method)), "rD-") << "what destroys does not only read";
  method = MethodOf("DeleteOrder", HttpVerb::kDelete);
  method.hints.read_only = true;
  EXPECT_EQ(Letters(MakeAnnotations(method)), "R--");
  method.hints = {.destructive = false};
  EXPECT_EQ(Letters(MakeAnnotations(method)), "rdI");
}

TEST(Annotations, AnUpdateWithAFieldMaskIsIdempotent) {
  descriptor::Message mask;
  mask.well_known = descriptor::WellKnown::kFieldMask;
  descriptor::Message request;
  request.fields.emplace_back().message = &mask;
  descriptor::Method method;
  method.name = "UpdateTopic";
  method.http_verb = HttpVerb::kPatch;
  method.input = &request;
  EXPECT_EQ(Letters(MakeAnnotations(method)), "rDI");
  method.name = "ChangeTopic";
  EXPECT_EQ(Letters(MakeAnnotations(method)), "rD-");
}

}  // namespace
}  // namespace bridge::schema
