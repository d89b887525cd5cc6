#include "bridge/schema/annotations.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/schema/mask_notes.h"
#include "bridge/schema/texts.h"

namespace bridge::schema {
namespace {

using descriptor::HttpVerb;
using descriptor::Idempotency;
using descriptor::Method;
using descriptor::ToolHints;
using Words = std::vector<std::string>;

constexpr ToolHints kReads = {.read_only = true, .destructive = {}, .idempotent = {}};
constexpr ToolHints kAdds = {.read_only = false, .destructive = false, .idempotent = false};
constexpr ToolHints kChanges = {.read_only = false, .destructive = true, .idempotent = {}};
constexpr ToolHints kReplaces = {.read_only = false, .destructive = true, .idempotent = true};
constexpr ToolHints kRepeats = {.read_only = false, .destructive = true, .idempotent = false};

// A verb that a method's name begins with, and what such methods do. A wrong guess that something
// reads is the worst, so verbs that others use to write (Resolve, Verify, Scan, Export) are none.
struct Verb {
  std::string_view word;
  const ToolHints* hints;
};
constexpr Verb kVerbs[] = {
    {"Browse", &kReads},       {"Calculate", &kReads},
    {"Check", &kReads},        {"Classify", &kReads},
    {"Compare", &kReads},      {"Compute", &kReads},
    {"Count", &kReads},        {"Describe", &kReads},
    {"Diff", &kReads},         {"Echo", &kReads},
    {"Enumerate", &kReads},    {"Estimate", &kReads},
    {"Exists", &kReads},       {"Expand", &kReads},
    {"Explain", &kReads},      {"Fetch", &kReads},
    {"Find", &kReads},         {"Get", &kReads},
    {"Has", &kReads},          {"Hash", &kReads},
    {"Inspect", &kReads},      {"Is", &kReads},
    {"List", &kReads},         {"Lookup", &kReads},
    {"Peek", &kReads},         {"Ping", &kReads},
    {"Predict", &kReads},      {"Preview", &kReads},
    {"Query", &kReads},        {"Range", &kReads},
    {"Read", &kReads},         {"Recommend", &kReads},
    {"Retrieve", &kReads},     {"Search", &kReads},
    {"Show", &kReads},         {"Stat", &kReads},
    {"Status", &kReads},       {"Suggest", &kReads},
    {"Summarize", &kReads},    {"Translate", &kReads},
    {"Validate", &kReads},     {"View", &kReads},
    {"Wait", &kReads},         {"Watch", &kReads},

    {"Add", &kAdds},           {"Append", &kAdds},
    {"Book", &kAdds},          {"Clone", &kAdds},
    {"Create", &kAdds},        {"Duplicate", &kAdds},
    {"Enqueue", &kAdds},       {"Import", &kAdds},
    {"Insert", &kAdds},        {"Invite", &kAdds},
    {"Issue", &kAdds},         {"Place", &kAdds},
    {"Register", &kAdds},      {"Reserve", &kAdds},
    {"Schedule", &kAdds},      {"Submit", &kAdds},
    {"Upload", &kAdds},

    {"Abort", &kReplaces},     {"Archive", &kReplaces},
    {"Cancel", &kReplaces},    {"Clear", &kReplaces},
    {"Delete", &kReplaces},    {"Deregister", &kReplaces},
    {"Destroy", &kReplaces},   {"Disable", &kReplaces},
    {"Discard", &kReplaces},   {"Drop", &kReplaces},
    {"Empty", &kReplaces},     {"Enable", &kReplaces},
    {"Erase", &kReplaces},     {"Evict", &kReplaces},
    {"Expire", &kReplaces},    {"Flush", &kReplaces},
    {"Kill", &kReplaces},      {"Purge", &kReplaces},
    {"Put", &kReplaces},       {"Remove", &kReplaces},
    {"Replace", &kReplaces},   {"Reset", &kReplaces},
    {"Revoke", &kReplaces},    {"Set", &kReplaces},
    {"Terminate", &kReplaces}, {"Truncate", &kReplaces},
    {"Uninstall", &kReplaces}, {"Unregister", &kReplaces},
    {"Wipe", &kReplaces},

    {"Authorize", &kRepeats},  {"Buy", &kRepeats},
    {"Capture", &kRepeats},    {"Charge", &kRepeats},
    {"Deposit", &kRepeats},    {"Notify", &kRepeats},
    {"Pay", &kRepeats},        {"Publish", &kRepeats},
    {"Purchase", &kRepeats},   {"Refund", &kRepeats},
    {"Sell", &kRepeats},       {"Send", &kRepeats},
    {"Transfer", &kRepeats},   {"Withdraw", &kRepeats},

    {"Accept", &kChanges},     {"Activate", &kChanges},
    {"Apply", &kChanges},      {"Approve", &kChanges},
    {"Assign", &kChanges},     {"Attach", &kChanges},
    {"Change", &kChanges},     {"Close", &kChanges},
    {"Commit", &kChanges},     {"Complete", &kChanges},
    {"Confirm", &kChanges},    {"Deactivate", &kChanges},
    {"Decline", &kChanges},    {"Deny", &kChanges},
    {"Deploy", &kChanges},     {"Detach", &kChanges},
    {"Dismiss", &kChanges},    {"Edit", &kChanges},
    {"Execute", &kChanges},    {"Finish", &kChanges},
    {"Freeze", &kChanges},     {"Grant", &kChanges},
    {"Install", &kChanges},    {"Join", &kChanges},
    {"Leave", &kChanges},      {"Link", &kChanges},
    {"Lock", &kChanges},       {"Mark", &kChanges},
    {"Merge", &kChanges},      {"Migrate", &kChanges},
    {"Modify", &kChanges},     {"Move", &kChanges},
    {"Overwrite", &kChanges},  {"Patch", &kChanges},
    {"Pause", &kChanges},      {"Promote", &kChanges},
    {"Reassign", &kChanges},   {"Rebuild", &kChanges},
    {"Reject", &kChanges},     {"Release", &kChanges},
    {"Rename", &kChanges},     {"Renew", &kChanges},
    {"Reorder", &kChanges},    {"Restart", &kChanges},
    {"Restore", &kChanges},    {"Resume", &kChanges},
    {"Revert", &kChanges},     {"Rollback", &kChanges},
    {"Rotate", &kChanges},     {"Run", &kChanges},
    {"Save", &kChanges},       {"Ship", &kChanges},
    {"Split", &kChanges},      {"Start", &kChanges},
    {"Stop", &kChanges},       {"Store", &kChanges},
    {"Subscribe", &kChanges},  {"Suspend", &kChanges},
    {"Swap", &kChanges},       {"Sync", &kChanges},
    {"Trigger", &kChanges},    {"Undelete", &kChanges},
    {"Unlink", &kChanges},     {"Unlock", &kChanges},
    {"Unpublish", &kChanges},  {"Unsubscribe", &kChanges},
    {"Update", &kChanges},     {"Upgrade", &kChanges},
    {"Upsert", &kChanges},     {"Write", &kChanges},
};

Words WordsOf(std::string_view name) {
  const std::string title = ToTitle(name);
  Words words;
  for (size_t at = 0; at < title.size();) {
    const size_t end = std::min(title.find(' ', at), title.size());
    words.push_back(title.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

const ToolHints* FindVerb(std::string_view word) {
  const auto* const found = std::find_if(std::begin(kVerbs), std::end(kVerbs),
                                         [word](const Verb& verb) { return verb.word == word; });
  return found == std::end(kVerbs) ? nullptr : found->hints;
}

// GetOrCreate, CheckAndSet, CheckOut, CheckBookOut: not what the first word says.
bool DoesMore(const Words& words, size_t verb) {
  for (size_t i = verb + 1; i < words.size(); ++i) {
    if (IsOneOf(words[i], {"And", "Or", "Then"})) return true;
    const bool at_edge = i == verb + 1 || i + 1 == words.size();
    if (at_edge && IsOneOf(words[i], {"In", "Out", "On", "Off"})) return true;
  }
  return false;
}

bool HasFieldMask(const descriptor::Message& message) {
  return std::any_of(message.fields.begin(), message.fields.end(), IsFieldMask);
}

// A verb and nothing else: no noun at the end of "GetRelease" or "CheckoutBook".
bool EndsInWriting(const Words& words) {
  return words.size() > 1 &&
         IsOneOf(words.back(), {"Add", "Append", "Clear", "Create", "Delete", "Disable", "Enable",
                                "Grant", "Insert", "Put", "Remove", "Reset", "Revoke", "Set",
                                "Update", "Upsert", "Write"});
}

ToolHints ByName(const Method& method) {
  const Words words = WordsOf(method.name);
  const size_t verb =
      words.size() > 1 && IsOneOf(words[0], {"Batch", "Bulk", "Force", "Multi"}) ? 1 : 0;
  const ToolHints* found = FindVerb(words[verb]);
  // The noun first, as in etcd: UserDelete, RoleGet; ListRemove, StatusUpdate.
  const bool by_end = found == nullptr
                          ? EndsInWriting(words) || words.back() == "Get"
                          : found == &kReads && words[verb] != "Get" && EndsInWriting(words);
  if (by_end) found = FindVerb(words.back());
  if (found == nullptr || DoesMore(words, verb)) return {};
  ToolHints hints = *found;
  if (words[verb] == "Update" && HasFieldMask(*method.input)) hints.idempotent = true;
  return hints;
}

ToolHints ByIdempotency(const Method& method) {
  switch (method.idempotency) {
    case Idempotency::kNoSideEffects:
      return kReads;
    case Idempotency::kIdempotent:
      return {.read_only = false, .destructive = {}, .idempotent = true};
    default:
      return {};
  }
}

ToolHints ByHttpVerb(const Method& method) {
  switch (method.http_verb) {
    case HttpVerb::kGet:
      return kReads;
    case HttpVerb::kDelete:
    case HttpVerb::kPut:
      return kReplaces;
    case HttpVerb::kPatch:
      return kChanges;
    default:
      return {};
  }
}

struct Hint {
  std::string_view name;
  std::optional<bool> ToolHints::* value;
};
constexpr Hint kHints[] = {{"readOnlyHint", &ToolHints::read_only},
                           {"destructiveHint", &ToolHints::destructive},
                           {"idempotentHint", &ToolHints::idempotent},
                           {"openWorldHint", &ToolHints::open_world}};

// Adds to `hints` what they leave open, unless it contradicts them: what reads does not destroy.
void Fill(const ToolHints& more, ToolHints* hints) {
  if (hints->destructive.value_or(false) && !hints->read_only) hints->read_only = false;
  if (hints->read_only && more.read_only && *hints->read_only != *more.read_only) return;
  for (const Hint& hint : kHints) {
    if (!(hints->*hint.value)) hints->*hint.value = more.*hint.value;
  }
}

}  // namespace

ToolHints DeclaredHints(const Method& method) {
  ToolHints hints = method.hints;
  Fill(ByIdempotency(method), &hints);
  Fill(ByHttpVerb(method), &hints);
  return hints;
}

ToolHints MakeAnnotations(const Method& method) {
  ToolHints hints = DeclaredHints(method);
  Fill(ByName(method), &hints);
  if (hints.read_only == false && !hints.destructive) hints.destructive = true;
  return hints;
}

std::vector<GuessedHint> GuessedHints(const ToolHints& shown, const ToolHints& declared) {
  std::vector<GuessedHint> guessed;
  for (const Hint& hint : kHints) {
    const std::optional<bool>& value = shown.*hint.value;
    if (value && !(declared.*hint.value)) guessed.push_back({hint.name, *value});
  }
  return guessed;
}

}  // namespace bridge::schema
