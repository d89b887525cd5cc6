#include "bridge/schema/annotations.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/schema/mask_notes.h"
#include "bridge/schema/texts.h"

namespace bridge::schema {
namespace {

using descriptor::HttpVerb;
using descriptor::Idempotency;
using descriptor::Method;
using descriptor::ToolHints;

constexpr ToolHints kReads = {.read_only = true, .destructive = {}, .idempotent = {}};
constexpr ToolHints kCreates = {.read_only = false, .destructive = false, .idempotent = false};
constexpr ToolHints kReplaces = {.read_only = false, .destructive = true, .idempotent = true};

std::vector<std::string> WordsOf(std::string_view name) {
  const std::string title = ToTitle(name);
  std::vector<std::string> words;
  for (size_t at = 0; at < title.size();) {
    const size_t end = std::min(title.find(' ', at), title.size());
    words.push_back(title.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

bool IsOneOf(const std::string& word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool Creates(const std::vector<std::string>& words) {
  return IsOneOf(words[0], {"Create", "Insert", "Add", "Import", "Upload"});
}

bool Reads(const std::vector<std::string>& words) {
  // GetOrCreate, CheckAndSet, CheckOut
  if (std::any_of(words.begin() + 1, words.end(), [](const std::string& word) {
        return IsOneOf(word, {"And", "Or", "In", "Out"});
      })) {
    return false;
  }
  if (words[0] == "Batch") return words.size() > 1 && words[1] == "Get";
  return IsOneOf(words[0], {"Get", "List", "Search", "Query", "Lookup", "Read", "Count", "Check",
                            "Watch", "Describe"});
}

bool Deletes(const std::vector<std::string>& words) {
  return IsOneOf(words[0], {"Delete", "Remove", "Purge", "Drop", "Destroy"});
}

bool HasFieldMask(const descriptor::Message& message) {
  return std::any_of(message.fields.begin(), message.fields.end(), IsFieldMask);
}

ToolHints GuessHints(const Method& method) {
  if (method.idempotency == Idempotency::kNoSideEffects) return kReads;
  if (method.idempotency == Idempotency::kIdempotent) {
    return {.read_only = false, .destructive = {}, .idempotent = true};
  }
  const std::vector<std::string> words = WordsOf(method.name);
  switch (method.http_verb) {
    case HttpVerb::kGet:
      return kReads;
    case HttpVerb::kDelete:
    case HttpVerb::kPut:
      return kReplaces;
    case HttpVerb::kPatch: {
      ToolHints hints = {.read_only = false, .destructive = true, .idempotent = {}};
      if (words[0] == "Update" && HasFieldMask(*method.input)) hints.idempotent = true;
      return hints;
    }
    case HttpVerb::kPost:
      if (Creates(words)) return kCreates;
      return {.read_only = false, .destructive = {}, .idempotent = {}};
    default:
      break;
  }
  if (Reads(words)) return kReads;
  if (Deletes(words)) return kReplaces;
  return {};
}

}  // namespace

ToolHints MakeAnnotations(const Method& method) {
  const ToolHints& said = method.hints;
  ToolHints hints = GuessHints(method);
  // No guess may contradict what is said: what reads does not destroy.
  const bool guess = hints.read_only.value_or(false);
  const bool reads = said.read_only.value_or(guess && !said.destructive.value_or(false));
  if (reads != guess) hints = {.read_only = reads};
  for (const auto hint : {&ToolHints::read_only, &ToolHints::destructive, &ToolHints::idempotent,
                          &ToolHints::open_world}) {
    if ((said.*hint).has_value()) hints.*hint = said.*hint;
  }
  return hints;
}

}  // namespace bridge::schema
