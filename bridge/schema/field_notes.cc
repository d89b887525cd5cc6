#include "bridge/schema/field_notes.h"

#include <algorithm>

#include "bridge/base/json_cursor.h"
#include "bridge/base/text.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/scalar_leaf.h"
#include "bridge/schema/texts.h"

namespace bridge::schema {
namespace {

using descriptor::Field;
using descriptor::FieldRules;
using descriptor::HttpVerb;
using descriptor::Kind;
using descriptor::Message;
using descriptor::Method;
using descriptor::WellKnown;

// True if a rule of `message` says that `field` is one of several to choose from: then its other
// rules hold only once it is set.
bool IsChoice(const Field& field, const Message& message) {
  if (message.rules == nullptr) return false;
  return std::any_of(message.rules->choices.begin(), message.rules->choices.end(),
                     [&field](const descriptor::MessageRules::Choice& choice) {
                       return std::find(choice.fields.begin(), choice.fields.end(), field.name) !=
                              choice.fields.end();
                     });
}

bool IsUpdate(const Method* method) {
  return method != nullptr &&
         (method->http_verb == HttpVerb::kPatch || method->http_verb == HttpVerb::kPut ||
          method->name.starts_with("Update"));
}

std::string ToJson(std::string_view text) {
  std::string json;
  AppendJsonString(&json, text);
  return json;
}

// The example of `field`; empty if there is none, or none in JSON.
std::string ExampleJson(const Field& field) {
  if (field.texts == nullptr || field.texts->example.empty()) return {};
  const std::string& example = field.texts->example;
  const bool text = field.kind == Kind::kString && !field.repeated;
  if (IsValidJson(example) && (!text || example.front() == '"')) return example;
  return text ? ToJson(VisibleText(example)) : "";
}

}  // namespace

bool IsRequired(const Field& field, const Message& owner, bool masked) {
  if (field.required) return true;
  if (field.oneof >= 0) return false;
  const bool identifies =
      (field.behavior & (descriptor::kIdentifier | descriptor::kImmutable)) != 0 ||
      field.name == "name";
  if ((field.behavior & descriptor::kRequired) != 0 && (!masked || identifies)) return true;
  if (field.rules == nullptr) return false;
  // Fields without presence are checked even if unset.
  return field.rules->required || (field.rules->zero_violates && !field.rules->ignore_zero &&
                                   !field.presence && !IsChoice(field, owner));
}

bool HasUpdateMask(const Method* method) {
  return IsUpdate(method) &&
         std::any_of(method->input->fields.begin(), method->input->fields.end(),
                     [](const Field& field) {
                       return field.message != nullptr &&
                              field.message->well_known == WellKnown::kFieldMask &&
                              (field.name == "update_mask" || field.name == "field_mask");
                     });
}

std::string FieldNotes(const Field& field, const Message& owner, const descriptor::Method* method,
                       const Dialect& dialect) {
  std::string notes = field.deprecated && !dialect.everything ? "Deprecated." : "";
  if ((field.behavior & descriptor::kImmutable) != 0 && IsUpdate(method)) {
    AddSentence(&notes, "Immutable after creation.");
  }
  if ((field.behavior & descriptor::kNonEmptyDefault) != 0) {
    AddSentence(&notes, "Server default when omitted.");
  }
  if (!field.default_text.empty() && (!dialect.everything || DefaultJson(field).empty())) {
    AddSentence(&notes, "Default: " + CutText(VisibleText(field.default_text), 60) + ".");
  }
  if (field.message != nullptr && field.message->well_known == WellKnown::kFieldMask) {
    AddSentence(&notes, UpdatablePaths(field, owner));
  }
  return notes;
}

std::string FieldComment(const Field& field, const Message& owner, Direction direction,
                         bool whole_comment) {
  std::string_view text =
      whole_comment ? std::string_view(field.comment) : FirstSentence(field.comment);
  if (field.texts != nullptr && !field.texts->description.empty()) text = field.texts->description;
  if (field.texts != nullptr && text.empty()) text = field.texts->title;
  return WithPropertyNames(text, owner, direction);
}

std::string FieldKeywords(const Field& field, Direction direction, const Dialect& dialect) {
  std::string keywords;
  if (!dialect.everything) return keywords;
  if (field.texts != nullptr && !field.texts->title.empty()) {
    AddKeyword(&keywords, "title", ToJson(VisibleText(field.texts->title)));
  }
  if (field.deprecated) AddKeyword(&keywords, "deprecated", "true");
  if (direction == Direction::kOutput) return keywords;
  const std::string default_json = DefaultJson(field);
  if (!default_json.empty()) AddKeyword(&keywords, "default", default_json);
  const std::string example = ExampleJson(field);
  if (!example.empty()) AddKeyword(&keywords, "examples", "[" + example + "]");
  return keywords;
}

std::string KeyNotes(const Field& field) {
  const Field& key = field.message->fields[0];
  std::string notes;
  if (key.kind != Kind::kString && key.kind != Kind::kBool) notes = "Keys are decimal integers.";
  if (field.rules == nullptr || field.rules->keys == nullptr) return notes;
  const FieldRules& rules = *field.rules->keys;
  if (!rules.pattern.empty()) {
    AddSentence(&notes, "Keys match `" + VisibleText(rules.pattern) + "`.");
  }
  if (!rules.in.empty()) AddSentence(&notes, "Keys: " + JoinNames(rules.in, 200) + ".");
  AddSentence(&notes, RuleTexts(rules));
  return notes;
}

std::string EntryCount(const FieldRules& rules) {
  if (!rules.min_count && !rules.max_count) return {};
  std::string text = "Entries:";
  if (rules.min_count) text += " at least " + std::to_string(*rules.min_count);
  if (rules.max_count) {
    text += (rules.min_count ? ", at most " : " at most ") + std::to_string(*rules.max_count);
  }
  return text + ".";
}

}  // namespace bridge::schema
