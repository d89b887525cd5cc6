// Whether a call may be repeated: by what its method declares, and its own options first.
#include "bridge/mcp/verdict.h"

#include <gtest/gtest.h>

#include "bridge/catalog/catalog.h"

namespace bridge::mcp {
namespace {

using descriptor::HttpVerb;
using descriptor::Idempotency;
using descriptor::Method;

// Of a call whose connection broke.
Verdict Broken(const Method& method) {
  const catalog::Tool tool;
  constexpr bool begun = false;
  upstream::CallResult result;
  result.code = upstream::StatusCode::kUnavailable;
  result.cause = upstream::Cause::kConnection;
  return JudgeFailure(result, method, ErrorDetails("", tool, false), false, 1'000, begun);
}

TEST(B26Repeat, OwnOptionsGoBeforeWhatElseIsDeclared) {
  const struct {
    Method method;
    Effect effect;
    bool retryable;
  } rows[] = {
      {{}, Effect::kUnknown, false},
      {{.http_verb = HttpVerb::kGet}, Effect::kNone, true},
      {{.idempotency = Idempotency::kNoSideEffects}, Effect::kNone, true},
      {{.idempotency = Idempotency::kIdempotent}, Effect::kUnknown, true},
      {{.idempotency = Idempotency::kIdempotent, .http_verb = HttpVerb::kGet},
       Effect::kUnknown,
       true},
      {{.hints = {.read_only = true}}, Effect::kNone, true},
      {{.hints = {.idempotent = true}}, Effect::kUnknown, true},
      {{.http_verb = HttpVerb::kGet, .hints = {.read_only = false}}, Effect::kUnknown, false},
      {{.http_verb = HttpVerb::kGet, .hints = {.destructive = true}}, Effect::kUnknown, false},
      {{.idempotency = Idempotency::kNoSideEffects, .hints = {.read_only = false}},
       Effect::kUnknown,
       false},
      {{.idempotency = Idempotency::kIdempotent, .hints = {.idempotent = false}},
       Effect::kUnknown,
       false},
      {{.idempotency = Idempotency::kIdempotent, .hints = {.read_only = false}},
       Effect::kUnknown,
       true},
  };
  for (const auto& row : rows) {
    const Verdict verdict = Broken(row.method);
    const auto index = &row - rows;
    EXPECT_EQ(verdict.effect, row.effect) << index;
    EXPECT_EQ(verdict.retryable, row.retryable) << index;
  }
}

// A service that refuses what it was sent has done nothing, unless it had begun.
TEST(Begun, ARefusalInTheMiddleOfAStreamMayComeAfterEffects) {
  const struct {
    Method method;
    bool begun;
    Effect effect;
  } rows[] = {
      {{}, false, Effect::kNone},
      {{}, true, Effect::kUnknown},
      {{.idempotency = Idempotency::kIdempotent}, true, Effect::kUnknown},
      {{.idempotency = Idempotency::kNoSideEffects}, true, Effect::kNone},
  };
  for (const auto& row : rows) {
    const catalog::Tool tool;
    upstream::CallResult result;
    result.code = upstream::StatusCode::kInvalidArgument;
    const Verdict verdict =
        JudgeFailure(result, row.method, ErrorDetails("", tool, false), false, 1'000, row.begun);
    EXPECT_EQ(verdict.effect, row.effect) << (&row - rows);
    EXPECT_EQ(verdict.what.find("The stream had begun") != std::string::npos,
              row.effect == Effect::kUnknown);
    EXPECT_FALSE(verdict.retryable);
  }
}

}  // namespace
}  // namespace bridge::mcp
