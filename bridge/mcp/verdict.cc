#include "bridge/mcp/verdict.h"

#include <utility>

#include "bridge/mcp/ask_for_less.h"

namespace bridge::mcp {
namespace {

using descriptor::Method;
using upstream::CallResult;
using upstream::Cause;
using upstream::Delivery;
using upstream::StatusCode;

// What the method declares of a second call like the first.
enum class Repeat : uint8_t { kHarmless, kSame, kUnsafe };

// What the method's own options say goes before all else.
Repeat RepeatOf(const Method& method) {
  const descriptor::ToolHints& hints = method.hints;
  // IDEMPOTENT says that there are effects, whatever the verb, as for schema::DeclaredHints. Unlike
  // there, PUT and DELETE are not enough: their verbs were written for gateways.
  const bool reads = method.idempotency == descriptor::Idempotency::kNoSideEffects ||
                     (method.idempotency == descriptor::Idempotency::kUnknown &&
                      method.http_verb == descriptor::HttpVerb::kGet);
  if (hints.read_only.value_or(reads && !hints.destructive.value_or(false))) {
    return Repeat::kHarmless;
  }
  const bool same = method.idempotency == descriptor::Idempotency::kIdempotent;
  return hints.idempotent.value_or(same) ? Repeat::kSame : Repeat::kUnsafe;
}

constexpr char kTellTheUser[] = "Repeating the same call is unlikely to help; tell the user.";

// A call of which nobody knows how it ended. `again` is said where it may be repeated.
Verdict Unsure(std::string what, const CallResult& result, Repeat repeat, std::string again) {
  if (result.delivery == Delivery::kUnsent) {
    return {what + " Nothing was sent to the service.", again, Effect::kNone, true};
  }
  if (repeat == Repeat::kHarmless) return {what, again, Effect::kNone, true};
  if (repeat == Repeat::kSame) {
    return {what + " The call may have taken effect; a second one does no more than the first.",
            again, Effect::kUnknown, true};
  }
  return {what + " The call may have taken effect.", "Check whether it did before you call again.",
          Effect::kUnknown, false};
}

std::string Bytes(size_t count) {
  return std::to_string(count) + " bytes";
}

Verdict RequestTooLarge(const CallResult& result, const Method& method) {
  const std::string which =
      method.client_streaming ? "$.messages[" + std::to_string(result.at) + "]" : "The request";
  return {which + " is larger than the bridge sends: it has " + Bytes(result.bytes) +
              " encoded, and the limit is " + std::to_string(result.limit) +
              ". Nothing was sent to the service.",
          "Send less in one call: " + HowToSendLess(*method.input) + ".", Effect::kNone, false};
}

// A failure that is the bridge's or the network's word. `again` as for Unsure.
Verdict JudgeCause(const CallResult& result, const Method& method, int64_t timeout_ms) {
  const Repeat repeat = RepeatOf(method);
  const std::string soon = "Try again in a few seconds.";
  switch (result.cause) {
    case Cause::kDeadline:
      return Unsure("No answer within " + std::to_string(timeout_ms) + " ms." +
                        (result.untaken ? std::string(" ") + kUntaken : std::string()),
                    result, repeat, "You can try again.");
    case Cause::kCancelled:
      return Unsure("The call was cancelled.", result, repeat, "You can try again.");
    case Cause::kRequestTooLarge:
      return RequestTooLarge(result, method);
    case Cause::kAnswerTooLarge: {
      return JudgeAnswer(
          "The service's answer is larger than the bridge takes, " + Bytes(result.limit) + ".",
          method, AnswerFault::kTooLarge);
    }
    case Cause::kMetadataTooLarge: {
      Verdict verdict = Unsure("The service answered with more metadata than the bridge takes, " +
                                   Bytes(result.limit) + "; this is a limit of the bridge.",
                               result, repeat, "");
      verdict.remedy = verdict.effect == Effect::kUnknown
                           ? "Check whether it did; the same call would fail again. Tell the user."
                           : "The same call would fail again; tell the user.";
      verdict.retryable = false;
      return verdict;
    }
    case Cause::kUnreadable: {
      Verdict verdict =
          Unsure("What came back is no answer of a gRPC service.", result, repeat, soon);
      if (result.code == StatusCode::kUnavailable || !verdict.retryable) return verdict;
      verdict.remedy = kTellTheUser;
      verdict.retryable = false;
      return verdict;
    }
    case Cause::kConnection:
      return Unsure(result.delivery == Delivery::kUnsent
                        ? "The bridge cannot reach the service at the moment."
                        : "The connection to the service broke during the call.",
                    result, repeat, soon);
    case Cause::kService:
      break;
  }
  return {};
}

// A failure that the service, or a proxy before it, tells. `says_why`: in words that are shown.
Verdict JudgeStatus(const CallResult& result, const ErrorDetails& details, bool says_why,
                    Repeat repeat) {
  const bool asks_to_wait = details.retry_after_ms() >= 0;
  const std::string wait = "The service asks to wait " +
                           std::to_string((details.retry_after_ms() + 999) / 1000) +
                           " s, then to call again.";
  const auto refused = [](std::string what, std::string remedy) {
    return Verdict{std::move(what), std::move(remedy), Effect::kNone, false};
  };
  switch (result.code) {
    case StatusCode::kOk:
      break;
    case StatusCode::kCancelled:
      return Unsure("The service cancelled the call.", result, repeat, "You can try again.");
    case StatusCode::kDeadlineExceeded:
      return Unsure("The service itself ran out of time.", result, repeat, "You can try again.");
    case StatusCode::kUnavailable: {
      if (asks_to_wait) {
        // It may have done a part before it found out.
        Verdict verdict = Unsure("The service cannot serve the call now.", result, repeat, "");
        verdict.remedy = wait;
        verdict.retryable = true;
        return verdict;
      }
      return Unsure("The service, or what stands before it, is unavailable.", result, repeat,
                    "Try again in a few seconds.");
    }
    case StatusCode::kInvalidArgument:
      return refused("The service rejected the arguments.", "Fix them and call again.");
    case StatusCode::kOutOfRange:
      return refused("A value is outside the valid range.", "Change it and call again.");
    case StatusCode::kNotFound:
      return refused(says_why ? "" : "The service did not find what the call names.",
                     "Check the identifier.");
    case StatusCode::kAlreadyExists:
      return refused(says_why ? "" : "What the call would make exists already.",
                     "Read the existing one, which an earlier try may have made, or use another "
                     "identifier.");
    case StatusCode::kPermissionDenied:
      return refused("The service does not permit this.",
                     "Calling again will not help; ask the user for access.");
    case StatusCode::kUnauthenticated:
      return refused("The service asks for credentials that the bridge does not send.",
                     "Calling again will not help; tell the user.");
    case StatusCode::kResourceExhausted:
      if (asks_to_wait)
        return {"A quota or limit of the service is reached.", wait, Effect::kNone, true};
      return refused(
          "A quota or limit of the service is reached.",
          "Repeating the same call at once will not help; a later or a smaller one may.");
    case StatusCode::kFailedPrecondition:
      return refused("The current state does not allow this.",
                     "The same call fails again as long as that state lasts.");
    case StatusCode::kAborted:
      if (asks_to_wait)
        return {"It conflicts with a concurrent change.", wait, Effect::kNone, true};
      return {"It conflicts with a concurrent change.",
              "Read the current state again, then repeat the whole operation.", Effect::kNone,
              repeat == Repeat::kHarmless};
    case StatusCode::kUnimplemented:
      return refused("This cannot be called on this service: it does not implement it.",
                     "Do not call it again; use another tool or tell the user.");
    case StatusCode::kDataLoss:
    case StatusCode::kInternal:
    case StatusCode::kUnknown:
      break;
  }
  std::string what =
      result.code == StatusCode::kDataLoss   ? "The service reports lost or corrupted data."
      : result.code == StatusCode::kInternal ? "The service hit an internal error."
      : result.number > 16
          ? "The service failed with a status of its own, " + std::to_string(result.number) + "."
          : "The service failed with an unspecified error.";
  Verdict verdict = Unsure(std::move(what), result, repeat, "");
  verdict.remedy = kTellTheUser;
  verdict.retryable = false;
  return verdict;
}

}  // namespace

Verdict JudgeFailure(const CallResult& result, const Method& method, const ErrorDetails& details,
                     bool says_why, int64_t timeout_ms, bool begun) {
  const Repeat repeat = RepeatOf(method);
  Verdict verdict = result.cause == Cause::kService ? JudgeStatus(result, details, says_why, repeat)
                                                    : JudgeCause(result, method, timeout_ms);
  if (!begun || repeat == Repeat::kHarmless || verdict.effect != Effect::kNone) return verdict;
  verdict.what.append(verdict.what.empty() ? "" : " ")
      .append("The stream had begun, so part of the call may have taken effect.");
  verdict.effect = Effect::kUnknown;
  if (repeat == Repeat::kSame) return verdict;
  verdict.remedy = "Check what took effect before you call again.";
  verdict.retryable = false;
  return verdict;
}

std::string HowToGoOn(const Method& method) {
  const bool unsafe = RepeatOf(method) == Repeat::kUnsafe;
  if (method.client_streaming) {
    return std::string("The service may not have dealt with all that was sent: ") +
           (unsafe ? "check what took effect, then " : "") + "send the rest in another call.";
  }
  return unsafe ? "Call again to go on, unless a second call would do something twice."
                : "Call again to go on.";
}

Verdict JudgeAnswer(const std::string& what, const Method& method, AnswerFault fault) {
  const std::string less =
      fault == AnswerFault::kUnreadable ? std::string() : HowToAskForLess(*method.input);
  if (RepeatOf(method) != Repeat::kHarmless) {
    return {what + " The call has taken effect.",
            "Do not repeat it; use a tool that reads to see the outcome" +
                (less.empty() ? "." : ", or ask for less the next time: " + less + "."),
            Effect::kDone, false};
  }
  const bool passes = fault == AnswerFault::kNoRoom;
  std::string remedy = passes ? "Try again in a few seconds" : "The same call fails again";
  if (!less.empty()) {
    remedy += (passes ? ", or ask for less: " : ". Ask for less: ") + less + ".";
  } else {
    remedy += passes ? "." : "; tell the user.";
  }
  return {what, remedy, Effect::kNone, passes};
}

}  // namespace bridge::mcp
