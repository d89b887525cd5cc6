#include "bridge/schema/mask_notes.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "bridge/base/text.h"
#include "bridge/descriptor/masked_messages.h"
#include "bridge/schema/annotations.h"
#include "bridge/schema/field_notes.h"
#include "bridge/schema/leaf.h"
#include "bridge/schema/operations.h"
#include "bridge/schema/reach.h"
#include "bridge/schema/scalar_leaf.h"
#include "bridge/schema/texts.h"

namespace bridge::schema {
namespace {

using descriptor::Field;
using descriptor::Message;
using descriptor::Method;

constexpr size_t kMaxPathsBytes = 200;
constexpr size_t kMaxOmissionBytes = 150;

// The name as answers have it, see transcode/mask_path.cc: a json_name of the field's own cannot be
// told from its spelling.
const std::string& MaskPath(const Field& field) {
  return IsIdentifier(field.json_name) ? field.json_name : field.name;
}

// What a mask of `direction` may name.
bool IsMaskable(const Field& field, Direction direction) {
  constexpr uint16_t kFixed = descriptor::kIdentifier | descriptor::kImmutable;
  return IsShown(field, direction) &&
         (direction == Direction::kOutput || (field.behavior & kFixed) == 0);
}

std::vector<std::string> Paths(const Message& message, Direction direction) {
  std::vector<std::string> paths;
  for (const Field& field : message.fields) {
    if (IsMaskable(field, direction)) paths.push_back(MaskPath(field));
  }
  return paths;
}

// "price.amount"; empty if `message` holds no message of one. No path leads into lists and maps.
std::string NestedPath(const Message& message, Direction direction) {
  for (const Field& field : message.fields) {
    if (field.repeated || IsLeaf(field) || !IsMaskable(field, direction)) continue;
    const std::vector<std::string> inner = Paths(*field.message, direction);
    if (!inner.empty()) return MaskPath(field) + "." + inner.front();
  }
  return {};
}

// What a mask of an answer is about: what `method` returns, or returns a list of.
const Message* ReturnedMessage(const Field& mask, const Message& owner, const Method& method) {
  const Message& output = *method.output;
  if (output.well_known != descriptor::WellKnown::kNone ||
      OperationRoleOf(method) != OperationRole::kNone) {
    return nullptr;
  }
  const Method* const methods[] = {&method};
  const std::vector<const Message*> messages = descriptor::MaskedMessages(owner, mask, methods);
  if (messages.empty()) return nullptr;
  const bool wraps =
      output.name.ends_with("Response") || output.FindField("next_page_token") != nullptr;
  return wraps ? messages.back() : messages.front();
}

bool SaysOmission(std::string_view sentence) {
  static constexpr std::string_view kSayings[] = {
      "omit",       "mitted",       "ithout it", "ithout a mask", "unset",   "not set",
      "mpty",       "not provided", "not given", "not specified", "absent",  "nspecified",
      "is missing", "not present",  "y default", "not supplied",  "defaults"};
  return std::any_of(std::begin(kSayings), std::end(kSayings), [sentence](std::string_view saying) {
    return sentence.find(saying) != std::string_view::npos;
  });
}

// The first sentence about leaving the mask out of what is said of `field`; `comment` is as much of
// that as is shown, and loses it.
std::string TakeOmission(const Field& field, const Message& owner, std::string* comment) {
  const std::string whole = FieldComment(field, owner, Direction::kInput, Comments::kWhole);
  for (std::string_view rest = whole; !rest.empty();) {
    const std::string_view sentence = TakeSentence(&rest);
    if (!SaysOmission(sentence) || sentence.size() > kMaxOmissionBytes) continue;
    const size_t shown = comment->find(sentence);
    if (shown != std::string::npos) comment->erase(shown, sentence.size());
    return std::string(sentence);
  }
  return {};
}

}  // namespace

bool IsFieldMask(const Field& field) {
  return field.message != nullptr && field.message->well_known == descriptor::WellKnown::kFieldMask;
}

bool IsUpdateMask(const Field& field) {
  return IsFieldMask(field) &&
         (field.name.ends_with("update_mask") || field.name.ends_with("field_mask"));
}

std::string MaskNotes(const Field& field, const Message& owner, const Method* method,
                      std::string* comment) {
  if (!IsFieldMask(field) || field.repeated) return {};
  std::string notes, omission;
  const std::span<const Method* const> methods(&method, method == nullptr ? 0 : 1);
  if (const Message* const resource =
          IsUpdateMask(field) ? descriptor::MaskedNeighbour(owner, field, methods) : nullptr) {
    const std::vector<std::string> paths = Paths(*resource, Direction::kInput);
    if (paths.empty()) return {};
    notes = "Comma-separated paths: " + JoinNames(paths, kMaxPathsBytes) + ".";
    const std::string nested = NestedPath(*resource, Direction::kInput);
    if (!nested.empty()) AddSentence(&notes, "Nested ones as " + nested + ".");
    AddSentence(&notes, "A listed field that is not given is cleared.");
    omission = "If omitted, every field given is changed.";
  } else if (method != nullptr && &owner == method->input && &owner != method->output &&
             (field.name == "read_mask" || MakeAnnotations(*method).read_only == true)) {
    const Message* const returned = ReturnedMessage(field, owner, *method);
    if (returned == nullptr) return {};
    const std::vector<std::string> paths = Paths(*returned, Direction::kOutput);
    if (paths.empty()) return {};
    const std::string nested = NestedPath(*returned, Direction::kOutput);
    // What identifies it often comes first.
    const std::string& example = paths.size() > 1 ? paths[1] : paths[0];
    notes = "Comma-separated paths of " + returned->name + ", e.g. \"" + example +
            (nested.empty() ? "" : "," + nested) + "\".";
    omission = "If omitted, all fields are returned.";
  } else {
    return {};
  }
  const std::string said = TakeOmission(field, owner, comment);
  const bool must_be_given = (field.behavior & descriptor::kRequired) != 0 || field.required;
  AddSentence(&notes, !said.empty() ? said : must_be_given ? "" : omission);
  return notes;
}

}  // namespace bridge::schema
