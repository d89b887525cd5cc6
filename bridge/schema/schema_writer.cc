#include "bridge/schema/schema_writer.h"

#include <algorithm>
#include <utility>

#include "bridge/base/text.h"
#include "bridge/descriptor/rules.h"
#include "bridge/descriptor/well_known.h"
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
using descriptor::WellKnown;

constexpr size_t kLongestDefinitionName = 64;
constexpr size_t kShortestUsefulComment = 20;

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

bool IsUpdate(const descriptor::Method* method) {
  return method != nullptr &&
         (method->http_verb == HttpVerb::kPatch || method->http_verb == HttpVerb::kPut ||
          method->name.starts_with("Update"));
}

}  // namespace

bool SchemaWriter::IsShared(const Message& message) const {
  if (!layout_.share) return false;
  return uses_.at(&message).count > 1 && !message.fields.empty();
}

bool SchemaWriter::IsRequired(const Field& field, const Message& owner) const {
  // Nothing is promised of a result: ProtoJSON leaves out default values.
  if (!input()) return false;
  if (field.required) return true;
  if (field.oneof >= 0) return false;
  if ((field.behavior & descriptor::kRequired) != 0) return true;
  if (field.rules == nullptr) return false;
  // Fields without presence are checked even if unset.
  return field.rules->required || (field.rules->zero_violates && !field.rules->ignore_zero &&
                                   !field.presence && !IsChoice(field, owner));
}

bool SchemaWriter::Write(const Message& root, std::string* out) {
  out_ = out;
  uses_ = FindUses(root, direction_);
  open_[&root] = 1;
  if (descriptor::NeedsWrapping(root)) {
    WriteWrapped(root);
  } else {
    JsonObject object(out_);
    object.String("type", "object");
    if (root.well_known == WellKnown::kAny || root.well_known == WellKnown::kStruct) {
      const Leaf leaf = MakeWellKnownLeaf(root.well_known, nullptr, direction_);
      if (!leaf.notes.empty()) object.String("description", leaf.notes);
      object.Raw("properties", "{}");
      if (input()) object.Raw("required", "[]");
    } else {
      WriteMembers(root, true);
    }
    if (!definitions_.empty()) {
      object.Key("$defs");
      WriteDefinitions();
    }
  }
  return out_->size() <= layout_.max_bytes;
}

void SchemaWriter::WriteWrapped(const Message& root) {
  JsonObject object(out_);
  object.String("type", "object");
  object.Key("properties");
  {
    JsonObject properties(out_);
    properties.Key("value");
    WriteLeaf(MakeWellKnownLeaf(root.well_known, nullptr, direction_), {}, {});
  }
  if (input()) object.Raw("required", "[]");
  if (input()) object.Raw("additionalProperties", "false");
}

// `,"properties":{...},"required":[...],"additionalProperties":false` of an object that is open.
void SchemaWriter::WriteMembers(const Message& message, bool is_root) {
  std::vector<const Field*> shown;
  for (const Field& field : message.fields) {
    if (IsShown(field, direction_)) shown.push_back(&field);
  }
  const auto first_optional = std::stable_partition(
      shown.begin(), shown.end(), [&](const Field* field) { return IsRequired(*field, message); });
  std::vector<std::string_view> required;
  for (auto field = shown.begin(); field != first_optional; ++field) {
    required.push_back((*field)->input_key);
  }
  *out_ += R"(,"properties":)";
  {
    JsonObject properties(out_);
    for (const Field* field : shown) {
      if (out_->size() > layout_.max_bytes) break;
      properties.Key(input() ? field->input_key : field->json_name);
      WriteField(*field, message);
    }
  }
  if (!input()) return;
  if (is_root || !required.empty()) {
    *out_ += R"(,"required":)";
    AppendJsonStrings(out_, required);
  }
  *out_ += R"(,"additionalProperties":false)";
}

void SchemaWriter::WriteDefinitions() {
  JsonObject object(out_);
  // Writing one may find more.
  for (size_t i = 0; i < definitions_.size() && out_->size() <= layout_.max_bytes; ++i) {
    const Message& message = *definitions_[i];
    object.Key(definition_names_.at(&message));
    JsonObject definition(out_);
    definition.String("type", "object");
    const std::string text = Description(CommentOf(message.comment, message),
                                         input() ? MessageConstraints(message) : "");
    if (!text.empty()) definition.String("description", text);
    WriteMembers(message, false);
  }
}

void SchemaWriter::WriteField(const Field& field, const Message& owner) {
  std::string comment = CommentOf(field.comment, owner);
  std::string notes = input() ? FieldNotes(field, owner) : "";
  if (field.map) return WriteMap(field, comment, std::move(notes));
  if (field.repeated) return WriteList(field, std::move(comment), notes);
  WriteElement(field, field.rules.get(), std::move(comment), notes);
}

void SchemaWriter::WriteMap(const Field& field, const std::string& comment, std::string notes) {
  const Field& value = field.message->fields[1];
  const FieldRules* rules = field.rules != nullptr ? field.rules->values.get() : nullptr;
  if (input()) AddSentence(&notes, KeyNotes(field));
  if (input() && field.rules != nullptr) {
    AddSentence(&notes, EntryCount(*field.rules));
    AddSentence(&notes, RuleTexts(*field.rules));
  }
  JsonObject object(out_);
  object.String("type", "object");
  const std::string text = Description(comment, notes);
  if (!text.empty()) object.String("description", text);
  if (field.message->fields[0].kind == Kind::kBool) {
    object.Key("properties");
    {
      JsonObject properties(out_);
      for (const std::string_view key : {"true", "false"}) {
        properties.Key(key);
        WriteElement(value, rules, {}, {});
      }
    }
    if (input()) object.Raw("additionalProperties", "false");
    return;
  }
  object.Key("additionalProperties");
  WriteElement(value, rules, {}, {});
}

void SchemaWriter::WriteList(const Field& field, std::string comment, const std::string& notes) {
  const FieldRules* rules = input() ? field.rules.get() : nullptr;
  const FieldRules* item_rules = rules != nullptr ? rules->items.get() : nullptr;
  JsonObject object(out_);
  object.String("type", "array");
  std::string all_notes = notes;
  object.Key("items");
  if (IsLeaf(field)) {
    // What is true of each item is said once, of the list.
    const Leaf leaf = MakeLeaf(field, item_rules, direction_, options_);
    AddSentence(&all_notes, leaf.notes);
    JsonObject items(out_);
    items.Members(leaf.keywords);
  } else {
    WriteMessage(*field.message,
                 comment.empty() ? CommentOf(field.message->comment, *field.message) : "",
                 item_rules != nullptr ? RuleTexts(*item_rules) : "");
  }
  if (rules != nullptr) {
    const bool must_have = rules->required && rules->min_count.value_or(0) == 0;
    if (rules->min_count || must_have) object.Uint("minItems", must_have ? 1 : *rules->min_count);
    if (rules->max_count) object.Uint("maxItems", *rules->max_count);
    if (rules->unique) AddSentence(&all_notes, "No duplicates.");
    AddSentence(&all_notes, RuleTexts(*rules));
  }
  const std::string text = Description(comment, all_notes);
  if (!text.empty()) object.String("description", text);
}

void SchemaWriter::WriteElement(const Field& element, const FieldRules* rules, std::string comment,
                                const std::string& notes) {
  if (!IsLeaf(element)) {
    std::string all_notes = notes;
    if (input() && rules != nullptr) AddSentence(&all_notes, RuleTexts(*rules));
    if (comment.empty()) comment = CommentOf(element.message->comment, *element.message);
    return WriteMessage(*element.message, std::move(comment), all_notes);
  }
  Leaf leaf = MakeLeaf(element, rules, direction_, options_);
  if (element.message != nullptr && element.message->well_known == WellKnown::kTimestamp) {
    if (timestamp_explained_) {
      leaf.notes = rules != nullptr && input() ? RuleTexts(*rules) : "";
    }
    timestamp_explained_ = true;
  }
  WriteLeaf(leaf, comment, notes);
}

void SchemaWriter::WriteLeaf(const Leaf& leaf, const std::string& comment,
                             const std::string& notes) {
  JsonObject object(out_);
  object.Members(leaf.keywords);
  std::string all_notes = notes;
  AddSentence(&all_notes, leaf.notes);
  const std::string text = Description(comment, all_notes);
  if (!text.empty()) object.String("description", text);
}

void SchemaWriter::WriteMessage(const Message& message, std::string comment,
                                const std::string& notes) {
  if (IsShared(message) && uses_.at(&message).distance <= layout_.max_distance) {
    // A node with $ref may have no siblings, so the comment of the field is lost here.
    JsonObject object(out_);
    object.String("$ref", "#/$defs/" + std::string(DefinitionName(message)));
    return;
  }
  JsonObject object(out_);
  object.String("type", "object");
  int& times_open = open_[&message];
  const bool recurs = times_open >= options_.max_recursion;
  if (recurs || uses_.at(&message).distance > layout_.max_distance) {
    std::string text = std::move(comment);
    AddSentence(&text, message.name + (recurs ? ", same shape as above." : "."));
    object.String("description", Description(text, notes));
    return;
  }
  std::string all_notes = notes;
  if (input()) AddSentence(&all_notes, MessageConstraints(message));
  const std::string text = Description(comment, all_notes);
  if (!text.empty()) object.String("description", text);
  ++times_open;
  WriteMembers(message, false);
  --open_[&message];
}

std::string SchemaWriter::CommentOf(std::string_view comment, const Message& owner) const {
  if (!layout_.comments) return {};
  return WithPropertyNames(FirstSentence(comment), owner, direction_);
}

std::string SchemaWriter::FieldNotes(const Field& field, const Message& owner) const {
  std::string notes = field.deprecated ? "Deprecated." : "";
  if ((field.behavior & descriptor::kImmutable) != 0 && IsUpdate(method_)) {
    AddSentence(&notes, "Immutable after creation.");
  }
  if ((field.behavior & descriptor::kNonEmptyDefault) != 0) {
    AddSentence(&notes, "Server default when omitted.");
  }
  if (!field.default_text.empty()) {
    AddSentence(&notes, "Default: " + CutText(VisibleText(field.default_text), 60) + ".");
  }
  if (field.message != nullptr && field.message->well_known == WellKnown::kFieldMask) {
    AddSentence(&notes, UpdatablePaths(field, owner));
  }
  return notes;
}

std::string SchemaWriter::Description(std::string_view comment, std::string_view notes) const {
  // What constrains comes before what explains: it may take twice the budget, alone.
  std::string constraints = CutText(notes, 2 * options_.max_field_description);
  const size_t used = constraints.size() + 1;
  if (used + kShortestUsefulComment > options_.max_field_description && !constraints.empty()) {
    return constraints;
  }
  std::string text =
      CutText(comment, options_.max_field_description - (constraints.empty() ? 0 : used));
  if (!text.empty() && !constraints.empty() &&
      std::isalnum(static_cast<unsigned char>(text.back()))) {
    text += '.';
  }
  AddSentence(&text, constraints);
  return text;
}

std::string_view SchemaWriter::DefinitionName(const Message& message) {
  const auto found = definition_names_.find(&message);
  if (found != definition_names_.end()) return found->second;
  std::string name = message.name;
  if (name.size() > kLongestDefinitionName || !names_taken_.insert(name).second) {
    name =
        name.substr(0, kLongestDefinitionName - 8) + "_" + std::to_string(definitions_.size() + 1);
    names_taken_.insert(name);
  }
  definitions_.push_back(&message);
  return definition_names_.emplace(&message, std::move(name)).first->second;
}

}  // namespace bridge::schema
