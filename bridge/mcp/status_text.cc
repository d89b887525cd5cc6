#include "bridge/mcp/status_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_split.h"
#include "bridge/base/json_text.h"
#include "bridge/base/text.h"
#include "bridge/mcp/error_details.h"
#include "bridge/mcp/service_words.h"
#include "bridge/mcp/verdict.h"

namespace bridge::mcp {
namespace {

using descriptor::Method;
using upstream::CallResult;
using upstream::Cause;
using upstream::StatusCode;

constexpr size_t kMaxTextBytes = 2048;
constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxProblemsBytes = 900;
constexpr size_t kMaxFactsBytes = 500;

std::string_view EffectName(Effect effect) {
  return effect == Effect::kNone ? "none" : effect == Effect::kDone ? "done" : "unknown";
}

bool IsInternal(const CallResult& result) {
  return result.code == StatusCode::kInternal ||
         (result.code == StatusCode::kUnknown && result.number <= 16);
}

// A call that the service refused for what was in it, or that broke it.
bool MayBlameArguments(StatusCode code) {
  return code == StatusCode::kInvalidArgument || code == StatusCode::kNotFound ||
         code == StatusCode::kFailedPrecondition || code == StatusCode::kOutOfRange ||
         code == StatusCode::kUnknown || code == StatusCode::kInternal;
}

// What the person on call can look up, where a model cannot help itself.
std::string Reference(const CallResult& result, std::string_view trace_id) {
  const bool helpless =
      result.code == StatusCode::kUnknown || result.code == StatusCode::kInternal ||
      result.code == StatusCode::kDataLoss || result.code == StatusCode::kUnauthenticated;
  return trace_id.empty() || !helpless ? "" : " Reference: trace " + std::string(trace_id) + ".";
}

// True if `message` says what the violations say and nothing else, as services like to do.
bool RepeatsViolations(std::string message, const ErrorDetails& details) {
  if (details.violations().empty() || details.more_violations() > 0) return false;
  for (const Violation& violation : details.violations()) {
    const size_t at =
        violation.description.empty() ? std::string::npos : message.find(violation.description);
    if (at == std::string::npos) return false;
    message.erase(at, violation.description.size());
  }
  // What is left may be the places: "customer_id: ; lines: ".
  for (const absl::string_view word : absl::StrSplit(message, ' ')) {
    const bool letters = std::any_of(word.begin(), word.end(), IsIdentifierByte);
    if (letters && word.back() != ':') return false;
  }
  return true;
}

// Sentences that are said as far as there is room for them.
class Sentences final {
 public:
  explicit Sentences(size_t room) : room_(room) {}

  size_t room() const { return room_ - text_.size(); }
  const std::string& text() const { return text_; }

  // What must not be cut is left out instead.
  void Add(std::string_view lead, std::string_view words) {
    if (!words.empty() && lead.size() + words.size() + 2 <= room()) {
      text_.append(" ").append(lead).append(words).append(".");
    }
  }

  // `lead "words".`: what fits of them, `at_most` so many bytes.
  void Quote(std::string_view lead, std::string_view words, size_t at_most) {
    constexpr size_t kLeast = 40;  // less of the words says nothing
    const size_t frame = lead.size() + 4;
    if (words.empty() || room() < frame + kLeast) return;
    Add(lead, Quoted(words, std::min(at_most, room() - frame)));
  }

  // `lead a; b; and 70 more.`: the items that fit in `at_most` bytes, and how many they are not,
  // with `more` that are not here at all.
  void List(std::string_view lead, const std::vector<std::string>& items, size_t at_most,
            size_t more = 0) {
    constexpr size_t kCount = 24;
    const size_t frame = lead.size() + 2 + kCount;
    at_most = std::min(at_most, room() - std::min(room(), frame));
    std::string list;
    size_t told = 0;
    while (told < items.size() && list.size() + 2 + items[told].size() <= at_most) {
      list.append(told > 0 ? "; " : "").append(items[told]);
      ++told;
    }
    more += items.size() - told;
    if (told > 0 && more > 0) list.append("; and ").append(std::to_string(more)).append(" more");
    Add(lead, list);
  }

 private:
  const size_t room_;
  std::string text_;
};

// `$.lines[0].sku: "is empty"`
std::vector<std::string> Problems(const ErrorDetails& details) {
  std::vector<std::string> out;
  for (const Violation& violation : details.violations()) {
    out.push_back(violation.argument ? violation.where : Quoted(violation.where, kMaxWordBytes));
    if (!violation.description.empty()) {
      out.back() += ": " + Quoted(violation.description, kMaxWordBytes);
    }
  }
  return out;
}

// What a ResourceInfo adds to the message: a thing is named once.
std::string Resource(const ErrorDetails& details, std::string_view message) {
  const auto is_news = [message](const std::string& words) {
    return !words.empty() && message.find(words) == std::string_view::npos;
  };
  const std::string type = Quoted(details.resource_type(), kMaxWordBytes);
  if (is_news(details.resource_name())) {
    return "It names the resource " + Quoted(details.resource_name(), kMaxWordBytes) +
           (details.resource_type().empty() ? "" : " of type " + type);
  }
  return is_news(details.resource_type()) ? "It names the resource type " + type : "";
}

// All that the service says, in at most `room` bytes.
std::string ServiceWords(const CallResult& result, const CallFacts& call,
                         const ErrorDetails& details, std::string_view message, size_t room) {
  const std::vector<std::string> problems = Problems(details);
  Sentences facts(room);
  facts.List("It names these problems: ", problems, kMaxProblemsBytes, details.more_violations());
  if (problems.empty() && MayBlameArguments(result.code)) {
    facts.Add("The arguments lack what the tool requires: ", call.missing);
  }
  facts.Add("", Resource(details, message));
  facts.List("Its reason: ", details.facts(), kMaxFactsBytes);
  // The message, which may be long, gets the room that these leave.
  Sentences said(facts.room());
  if (!RepeatsViolations(std::string(message), details)) {
    said.Quote("The service says: ", message, kMaxMessageBytes);
  }
  Sentences more(said.room());
  if (details.localized() != message) {
    more.Quote("For the user it says: ", details.localized(), kMaxWordBytes);
  }
  more.List("It adds: ", details.own(), room);
  more.List("It adds details that are not shown: ", details.unknown(), room);
  more.List("It refers to ", details.help(), room);
  return said.text() + facts.text() + more.text();
}

std::string Meta(StatusCode code, int number, const Verdict& verdict) {
  return "{\"code\":" + std::to_string(number) + ",\"name\":\"" +
         std::string(upstream::StatusCodeName(code)) +
         "\",\"retryable\":" + (verdict.retryable ? "true" : "false") + ",\"effect\":\"" +
         std::string(EffectName(verdict.effect)) + "\"";
}

void AppendSentence(std::string_view sentence, std::string* text) {
  if (!sentence.empty()) text->append(" ").append(sentence);
}

}  // namespace

StatusText ToStatusText(const CallResult& result, const CallFacts& call) {
  const bool by_service = result.cause == Cause::kService;
  const bool show = call.show_internal_errors || !IsInternal(result);
  const ErrorDetails details(by_service ? result.details : std::string_view(), call.tool, show);
  const std::string_view message = by_service && show ? result.message : std::string_view();
  const Verdict verdict = JudgeFailure(result, *call.tool.method, details, !message.empty(),
                                       call.timeout_ms, call.begun);
  const int number = result.number > 16 ? result.number : static_cast<int>(result.code);

  StatusText out;
  out.text = upstream::StatusCodeName(result.code);
  out.text += ":";
  AppendSentence(verdict.what, &out.text);
  const std::string reference = Reference(result, call.trace_id);
  const size_t said = out.text.size() + 1 + verdict.remedy.size() + reference.size();
  const size_t room = kMaxTextBytes - std::min(kMaxTextBytes, said);
  if (by_service) {
    out.text += ServiceWords(result, call, details, message, room);
  } else if (result.cause == Cause::kUnreadable) {
    Sentences came(room);
    came.Quote("What came: ", result.message, kMaxWordBytes);
    out.text += came.text();
  }
  AppendSentence(verdict.remedy, &out.text);
  out.text += reference;
  out.meta = Meta(result.code, number, verdict);
  if (!message.empty()) {
    out.meta.append(",\"message\":");
    AppendJsonString(&out.meta, OneLine(message, kMaxMessageBytes));
  }
  out.meta += details.members() + "}";
  return out;
}

StatusText UnreadableAnswer(const transcode::CodecError& error, const CallFacts& call) {
  const Method& method = *call.tool.method;
  const std::string what = "The service's answer could not be read as " + method.output->full_name +
                           ": at " + OneLine(error.path, kMaxWordBytes) + ", " +
                           OneLine(error.message, kMaxMessageBytes) + ".";
  const Verdict verdict = JudgeAnswer(
      what, method, error.too_large ? AnswerFault::kTooLarge : AnswerFault::kUnreadable);
  StatusText out;
  out.text = "INTERNAL: " + verdict.what + " " + verdict.remedy;
  if (!call.trace_id.empty()) out.text += " Reference: trace " + call.trace_id + ".";
  out.meta = Meta(StatusCode::kInternal, static_cast<int>(StatusCode::kInternal), verdict) + "}";
  return out;
}

StatusText AnswerWithoutRoom(size_t bytes, const Method& method) {
  const Verdict verdict =
      JudgeAnswer("The bridge has no memory left at the moment for the service's answer of " +
                      std::to_string(bytes) + " bytes.",
                  method, AnswerFault::kNoRoom);
  return {"RESOURCE_EXHAUSTED: " + verdict.what + " " + verdict.remedy,
          Meta(StatusCode::kResourceExhausted, static_cast<int>(StatusCode::kResourceExhausted),
               verdict) +
              "}"};
}

}  // namespace bridge::mcp
