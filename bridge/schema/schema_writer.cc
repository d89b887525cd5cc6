#include "bridge/schema/schema_writer.h"

#include <algorithm>
#include <utility>

#include "bridge/base/markdown.h"
#include "bridge/base/text.h"
#include "bridge/descriptor/media_type.h"
#include "bridge/descriptor/rules.h"
#include "bridge/descriptor/well_known.h"
#include "bridge/descriptor/zero_values.h"
#include "bridge/schema/choices.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/mask_notes.h"
#include "bridge/schema/scalar_leaf.h"

namespace bridge::schema {
namespace {

using descriptor::Field;
using descriptor::FieldRules;
using descriptor::Kind;
using descriptor::Message;
using descriptor::WellKnown;

constexpr size_t kLongestDefinitionName = 64;
constexpr size_t kShortestUsefulComment = 20;

// Of bytes that are text by their media type.
std::string MediaNote(const std::string& type_name, Direction direction) {
  return direction == Direction::kInput
             ? "Text too is given in Base64."
             : "Text if " + type_name + " is a type of text and the bytes are UTF-8, else Base64.";
}

}  // namespace

bool SchemaWriter::IsRequired(const Field& field, const Message& owner) const {
  return input() && schema::IsRequired(field, owner, has_update_mask_ && &owner != method_->input);
}

// ProtoJSON leaves out default values: only those that are written all the same are promised.
std::vector<std::string_view> SchemaWriter::Promised(const Message& message, bool is_root) const {
  std::vector<std::string_view> names;
  if (!descriptor::WritesZeros(message, is_root, options_.zero_values, method_)) return names;
  for (const Field& field : message.fields) {
    if (descriptor::HasWrittenZero(field)) names.push_back(field.json_name);
  }
  return names;
}

bool SchemaWriter::IsShared(const Message& message) const {
  const auto found = reach_.uses.find(&message);
  if (found == reach_.uses.end()) return false;
  const Use& use = found->second;
  if (use.count < 2 || message.fields.empty() || use.distance > layout_.max_distance) return false;
  return layout_.share || (dialect_.everything && use.recursive);
}

bool SchemaWriter::IsCut(const Message& message) const {
  const auto found = reach_.uses.find(&message);
  if (found == reach_.uses.end() || found->second.distance > layout_.max_distance) return true;
  // The deepest that its own fields need is a list of entries; a map has two properties more.
  constexpr int kLevels = 3;
  return dialect_.closed && (nesting_ + kLevels > kStrictNesting ||
                             properties_ + 3 * message.fields.size() > kStrictProperties);
}

// `,"properties":{...},"required":[...],"additionalProperties":false` of an object that is open.
void SchemaWriter::WriteMembers(const Message& message, bool is_root) {
  std::vector<const Field*> shown;
  for (const Field& field : message.fields) {
    if (IsShown(field, direction_)) shown.push_back(&field);
  }
  auto first_optional = std::stable_partition(
      shown.begin(), shown.end(), [&](const Field* field) { return IsRequired(*field, message); });
  if (dialect_.closed) first_optional = shown.end();
  std::vector<std::string_view> required;
  for (auto field = shown.begin(); field != first_optional; ++field) {
    required.push_back((*field)->input_key);
  }
  ++nesting_;
  properties_ += shown.size();
  *out_ += R"(,"properties":)";
  {
    JsonObject properties(out_);
    for (const Field* field : shown) {
      if (out_->size() > layout_.max_bytes) break;
      properties.Key(input() ? field->input_key : field->json_name);
      WriteField(*field, message);
    }
    if (HasLimit(is_root)) WriteLimit(&properties);
  }
  --nesting_;
  if (!input()) {
    const std::vector<std::string_view> promised = Promised(message, is_root);
    if (promised.empty()) return;
    *out_ += R"(,"required":)";
    return AppendJsonStrings(out_, promised);
  }
  if (is_root || dialect_.closed || !required.empty()) {
    WriteRequired(std::move(required), HasLimit(is_root));
  }
  *out_ += R"(,"additionalProperties":false)";
  // They would count the limit as a choice.
  if (!dialect_.everything || HasLimit(is_root)) return;
  const std::string choices = ChoiceKeywords(message, is_root);
  if (!choices.empty()) *out_ += "," + choices;
}

void SchemaWriter::WriteDefinitions() {
  JsonObject object(out_);
  // Writing one may find more.
  for (size_t i = 0; i < definitions_.size() && out_->size() <= layout_.max_bytes; ++i) {
    const Message& message = *definitions_[i];
    object.Key(definition_names_.at(&message));
    JsonObject definition(out_);
    definition.String("type", "object");
    const std::string text = Description(CommentOf(message.comment, &message),
                                         input() ? MessageConstraints(message) : "");
    if (!text.empty()) definition.String("description", text);
    WriteMembers(message, false);
  }
}

void SchemaWriter::WriteField(const Field& field, const Message& owner) {
  const bool required = IsRequired(field, owner);
  About about;
  if (layout_.comments != Comments::kNone) {
    about.comment = FieldComment(field, owner, direction_, layout_.comments);
  }
  if (input()) {
    about.notes = FieldNotes(field, about.comment, method_, dialect_);
    about.form = MaskNotes(field, owner, method_, &about.comment);
    const size_t used = about.form.size() + about.notes.size() + about.comment.size();
    // Paths say more than half a comment does.
    if (!about.form.empty() && used > options_.max_field_description) about.comment.clear();
  }
  about.keywords = FieldKeywords(field, direction_, dialect_);
  about.nullable = dialect_.closed && !required;
  about.must_end = required && !dialect_.everything && reach_.back_edges.contains(&field);
  if (field.map) return WriteMap(field, std::move(about));
  if (field.repeated) return WriteList(field, std::move(about));
  if (const Field* const media_type = descriptor::FindMediaType(owner, field)) {
    about.form = MediaNote(media_type->json_name, direction_);
  }
  WriteElement(field, field.rules.get(), std::move(about));
}

void SchemaWriter::WriteMap(const Field& field, About about) {
  const FieldRules* const rules = input() ? field.rules.get() : nullptr;
  const FieldRules* const value_rules = rules != nullptr ? rules->values.get() : nullptr;
  if (dialect_.closed) {
    if (rules != nullptr) AddSentence(&about.notes, RuleTexts(*rules));
    return WriteEntries(field, value_rules, about);
  }
  if (input() && !dialect_.everything) AddSentence(&about.notes, KeyNotes(field));
  if (rules != nullptr) {
    if (!dialect_.everything) {
      AddSentence(&about.notes,
                  CountInWords(rules->min_count.value_or(0), rules->max_count, "entries"));
    }
    AddSentence(&about.notes, RuleTexts(*rules));
  }
  const Field& value = field.message->fields[1];
  About about_value;
  about_value.must_end = about.must_end;
  JsonObject object(out_);
  object.String("type", "object");
  WriteAbout(about, &object);
  if (field.message->fields[0].kind == Kind::kBool) {
    object.Key("properties");
    {
      JsonObject properties(out_);
      for (const std::string_view key : {"true", "false"}) {
        properties.Key(key);
        WriteElement(value, value_rules, about_value);
      }
    }
    if (input()) object.Raw("additionalProperties", "false");
  } else {
    object.Key("additionalProperties");
    WriteElement(value, value_rules, about_value);
    const bool names = input() && dialect_.everything;
    const std::string keys = names ? MakeKeyLeaf(field, options_).keywords : "";
    if (!keys.empty()) object.Raw("propertyNames", "{" + keys + "}");
  }
  if (rules == nullptr || !dialect_.everything) return;
  if (rules->min_count) object.Count("minProperties", *rules->min_count);
  if (rules->max_count) object.Count("maxProperties", *rules->max_count);
}

// A map as a list of {"key": ..., "value": ...}.
void SchemaWriter::WriteEntries(const Field& field, const FieldRules* value_rules,
                                const About& about) {
  const NullableUnion nullable(out_, about.nullable);
  JsonObject object(out_);
  object.String("type", "array");
  object.Key("items");
  nesting_ += 2;
  properties_ += 2;
  {
    JsonObject items(out_);
    items.String("type", "object");
    items.Key("properties");
    {
      JsonObject properties(out_);
      properties.Key("key");
      WriteLeaf(MakeKeyLeaf(field, LeafOptions()), {});
      properties.Key("value");
      About about_value;
      about_value.must_end = about.must_end;
      WriteElement(field.message->fields[1], value_rules, std::move(about_value));
    }
    items.Raw("required", R"(["key","value"])");
    items.Raw("additionalProperties", "false");
  }
  nesting_ -= 2;
  if (field.rules != nullptr) {
    if (field.rules->min_count) object.Count("minItems", *field.rules->min_count);
    if (field.rules->max_count) object.Count("maxItems", *field.rules->max_count);
  }
  About about_list = about;
  AddSentence(&about_list.notes, "Each key once.");
  WriteAbout(about_list, &object);
}

void SchemaWriter::WriteList(const Field& field, About about) {
  const FieldRules* const rules = input() ? field.rules.get() : nullptr;
  const NullableUnion nullable(out_, about.nullable);
  JsonObject object(out_);
  object.String("type", "array");
  object.Key("items");
  ++nesting_;
  WriteItems(field, rules != nullptr ? rules->items.get() : nullptr, &about);
  --nesting_;
  if (rules != nullptr) {
    const bool must_have = rules->required && rules->min_count.value_or(0) == 0;
    if (rules->min_count || must_have) object.Count("minItems", must_have ? 1 : *rules->min_count);
    if (rules->max_count) object.Count("maxItems", *rules->max_count);
    if (rules->unique && dialect_.everything) object.Raw("uniqueItems", "true");
    if (rules->unique && !dialect_.everything) AddSentence(&about.notes, "No duplicates.");
    AddSentence(&about.notes, RuleTexts(*rules));
  }
  WriteAbout(about, &object);
}

void SchemaWriter::WriteItems(const Field& field, const FieldRules* rules, About* about) {
  if (about->comment.empty() && field.enumeration != nullptr) {
    about->comment = CommentOfType(field);
  }
  if (IsLeaf(field)) {
    // What is true of each item is said once, of the list.
    Leaf leaf = MakeLeaf(field, rules, direction_, LeafOptions());
    AddSentence(&about->notes, std::exchange(leaf.notes, {}));
    return WriteLeaf(leaf, {});
  }
  About about_item;
  if (about->comment.empty()) about_item.comment = CommentOfType(field);
  if (rules != nullptr) about_item.notes = RuleTexts(*rules);
  about_item.must_end = about->must_end;
  WriteMessage(*field.message, std::move(about_item));
}

void SchemaWriter::WriteElement(const Field& element, const FieldRules* rules, About about) {
  if (about.comment.empty()) about.comment = CommentOfType(element);
  if (!IsLeaf(element)) {
    if (input() && rules != nullptr) AddSentence(&about.notes, RuleTexts(*rules));
    return WriteMessage(*element.message, std::move(about));
  }
  Leaf leaf = MakeLeaf(element, rules, direction_, LeafOptions());
  const bool timestamp =
      element.message != nullptr && element.message->well_known == WellKnown::kTimestamp;
  if (element.kind == Kind::kBytes && !about.form.empty()) {
    if (!input()) leaf.keywords.clear();  // it need not be Base64
    AddSentence(&leaf.notes, about.form);
  } else if (!about.form.empty() || (timestamp && std::exchange(timestamp_explained_, true))) {
    leaf.notes = about.form;
    if (rules != nullptr && input()) AddSentence(&leaf.notes, RuleTexts(*rules));
  }
  WriteLeaf(leaf, std::move(about));
}

void SchemaWriter::WriteLeaf(const Leaf& leaf, About about) {
  enum_values_ += leaf.enum_values;
  // null is a type more, but a list of values would have to list it too.
  const bool in_type = about.nullable && leaf.enum_values == 0 && leaf.type != "object";
  const NullableUnion nullable(out_, about.nullable && !in_type);
  JsonObject object(out_);
  if (in_type) {
    object.Raw("type", "[\"" + leaf.type + "\",\"null\"]");
  } else if (!leaf.type.empty()) {
    object.String("type", leaf.type);
  }
  object.Members(leaf.keywords);
  AddSentence(&about.notes, leaf.notes);
  WriteAbout(about, &object);
}

void SchemaWriter::WriteMessage(const Message& message, About about) {
  const bool shared = IsShared(message);
  const bool recurs = shared ? about.must_end : open_[&message] >= options_.max_recursion;
  if (recurs || IsCut(message)) return WriteCut(message, recurs, std::move(about));
  if (shared) return WriteReference(message, about);
  const NullableUnion nullable(out_, about.nullable);
  JsonObject object(out_);
  object.String("type", "object");
  if (input()) AddSentence(&about.notes, MessageConstraints(message));
  WriteAbout(about, &object);
  ++open_[&message];
  WriteMembers(message, false);
  --open_[&message];
}

void SchemaWriter::WriteReference(const Message& message, const About& about) {
  const NullableUnion nullable(out_, about.nullable);
  JsonObject object(out_);
  object.String("$ref", "#/$defs/" + std::string(DefinitionName(message)));
  // Not every vendor takes siblings of a $ref, so there the comment of the field is lost.
  if (dialect_.everything) WriteAbout(about, &object);
}

// Without its members: an open object, or its JSON text.
void SchemaWriter::WriteCut(const Message& message, bool seen_above, About about) {
  const std::string name = message.name + (seen_above ? ", same shape as above." : ".");
  Leaf leaf;
  leaf.type = dialect_.closed ? "string" : "object";
  if (dialect_.closed) {
    leaf.notes = "JSON text of a " + name;
  } else {
    AddSentence(&about.comment, name);
  }
  WriteLeaf(leaf, std::move(about));
}

void SchemaWriter::WriteAbout(const About& about, JsonObject* object) const {
  const std::string text = Description(about.comment, about.notes);
  if (!text.empty()) object->String("description", text);
  object->Members(about.keywords);
}

std::string SchemaWriter::CommentOf(std::string_view comment, const Message* owner) const {
  const std::string text = Shortened(comment, layout_.comments);
  return owner == nullptr ? text : WithPropertyNames(text, *owner, direction_);
}

std::string SchemaWriter::CommentOfType(const Field& element) const {
  if (element.enumeration != nullptr) return CommentOf(element.enumeration->comment, nullptr);
  return element.message == nullptr ? "" : CommentOf(element.message->comment, element.message);
}

std::string SchemaWriter::Description(std::string_view comment, std::string_view notes) const {
  // What constrains comes before what explains: it may take twice the budget, alone.
  std::string constraints = CutText(notes, 2 * options_.max_field_description);
  const size_t used = constraints.size() + 1;
  if (used + kShortestUsefulComment > options_.max_field_description && !constraints.empty()) {
    return constraints;
  }
  std::string text =
      CutMarkdown(comment, options_.max_field_description - (constraints.empty() ? 0 : used));
  AddSentence(&text, constraints);
  return text;
}

SchemaOptions SchemaWriter::LeafOptions() const {
  SchemaOptions options = options_;
  if (dialect_.closed) {
    options.max_enum_values = std::min(
        options.max_enum_values, kStrictEnumValues - std::min(kStrictEnumValues, enum_values_));
  }
  return options;
}

std::string_view SchemaWriter::DefinitionName(const Message& message) {
  const auto found = definition_names_.find(&message);
  if (found != definition_names_.end()) return found->second;
  const std::string_view own = std::string_view(message.name).substr(0, kLongestDefinitionName);
  std::string name(own);
  // A name with a number may be what a third message is called.
  for (size_t n = definitions_.size() + 1; !names_taken_.insert(name).second; ++n) {
    const std::string suffix = "_" + std::to_string(n);
    name = std::string(own.substr(0, kLongestDefinitionName - suffix.size())) + suffix;
  }
  definitions_.push_back(&message);
  return definition_names_.emplace(&message, std::move(name)).first->second;
}

}  // namespace bridge::schema
