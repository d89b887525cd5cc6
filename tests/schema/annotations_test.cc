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
           Row{"Get", Idempotency::kIdempotent, HttpVerb::kGet, "r-I"},
           Row{"Anything", kNone, HttpVerb::kGet, "R--"},
           Row{"Anything", kNone, HttpVerb::kDelete, "rDI"},
           Row{"Anything", kNone, HttpVerb::kPut, "rDI"},
           Row{"UpdateTopic", kNone, HttpVerb::kPatch, "rD-"},
           Row{"CreateTopic", kNone, HttpVerb::kPost, "rdi"},
           Row{"UploadFile", kNone, HttpVerb::kPost, "rdi"},
           Row{"GetTopic", kNone, HttpVerb::kPost, "r--"},
           Row{"Createur", kNone, HttpVerb::kPost, "r--"},
           Row{"GetTopic", kNone, HttpVerb::kNone, "R--"},
           Row{"Get", kNone, HttpVerb::kNone, "R--"},
           Row{"get_topic", kNone, HttpVerb::kNone, "R--"},
           Row{"BatchGetTopics", kNone, HttpVerb::kNone, "R--"},
           Row{"BatchDelete", kNone, HttpVerb::kNone, "---"},
           Row{"Batch", kNone, HttpVerb::kNone, "---"},
           Row{"WatchTopics", kNone, HttpVerb::kCustom, "R--"},
           Row{"Getaway", kNone, HttpVerb::kNone, "---"},
           Row{"GetOrCreateTopic", kNone, HttpVerb::kNone, "---"},
           Row{"CheckAndSet", kNone, HttpVerb::kNone, "---"},
           Row{"CheckOut", kNone, HttpVerb::kNone, "---"},
           Row{"Checkout", kNone, HttpVerb::kNone, "---"},
           Row{"PurgeQueue", kNone, HttpVerb::kNone, "rDI"},
           Row{"CreateTopic", kNone, HttpVerb::kNone, "---"},
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
