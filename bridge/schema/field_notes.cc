#include "bridge/schema/field_notes.h"

#include <algorithm>

#include "bridge/base/text.h"
#include "bridge/schema/example.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/mask_notes.h"
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

constexpr size_t kMaxQuotedBytes = 60;
constexpr size_t kMaxExampleBytes = 200;

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

// JSON for a sentence.
std::string Quoted(std::string_view json) {
  return "`" + CutText(VisibleText(json), kMaxQuotedBytes) + "`";
}

// What has a keyword where there is everything: infinities are strings, and the type is a number.
bool IsKeyword(const std::string& default_json, const Field& field) {
  const bool real = field.kind == Kind::kDouble || field.kind == Kind::kFloat;
  return !default_json.empty() && !(real && default_json.front() == '"');
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
         std::any_of(method->input->fields.begin(), method->input->fields.end(), IsUpdateMask);
}

std::string FieldNotes(const Field& field, std::string_view comment,
                       const descriptor::Method* method, const Dialect& dialect) {
  std::string notes;
  if (field.deprecated && !dialect.everything && !SaysDeprecated(comment)) notes = "Deprecated.";
  if ((field.behavior & descriptor::kImmutable) != 0 && IsUpdate(method)) {
    AddSentence(&notes, "Immutable after creation.");
  }
  if ((field.behavior & descriptor::kNonEmptyDefault) != 0) {
    AddSentence(&notes, "Server default when omitted.");
  }
  const std::string default_json = DefaultJson(field);
  if (!default_json.empty() && !(dialect.everything && IsKeyword(default_json, field))) {
    AddSentence(&notes, "Default: " + Quoted(default_json) + ".");
  }
  if (!dialect.everything) {
    const std::string example = ExampleJson(field, dialect);
    // Half an example is none.
    if (!example.empty() && example.size() <= kMaxExampleBytes) {
      AddSentence(&notes, "Example: `" + VisibleText(example) + "`.");
    }
  }
  return notes;
}

std::string FieldComment(const Field& field, const Message& owner, Direction direction,
                         Comments detail) {
  std::string text = Shortened(field.comment, detail);
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
  if (IsKeyword(default_json, field)) AddKeyword(&keywords, "default", default_json);
  const std::string example = ExampleJson(field, dialect);
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

}  // namespace bridge::schema
