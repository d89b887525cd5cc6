// The roots of schemas: a message, a list of them, and the argument that ends an answer early.

#include <utility>

#include "bridge/descriptor/well_known.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/schema_writer.h"

namespace bridge::schema {
namespace {

using descriptor::Message;
using descriptor::WellKnown;

bool IsOpenRoot(const Message& root) {
  return root.well_known == WellKnown::kAny || root.well_known == WellKnown::kStruct;
}

}  // namespace

bool SchemaWriter::Write(const Message& root, std::string* out) {
  out_ = out;
  open_[&root] = 1;
  {
    JsonObject object(out_);
    object.String("type", "object");
    IsStream() ? WriteStream(root) : WriteRoot(root, true);
    if (!definitions_.empty()) {
      object.Key("$defs");
      WriteDefinitions();
    }
  }
  return out_->size() <= layout_.max_bytes &&
         (!dialect_.closed || properties_ <= kStrictProperties);
}

void SchemaWriter::WriteRoot(const Message& root, bool is_root) {
  if (descriptor::NeedsWrapping(root) || (dialect_.closed && IsOpenRoot(root))) {
    WriteWrapped(root, is_root);
  } else if (IsOpenRoot(root) || layout_.bare) {
    WriteOpen(root, is_root);
  } else {
    WriteMembers(root, is_root);
  }
}

void SchemaWriter::WriteWrapped(const Message& root, bool is_root) {
  const bool has_limit = HasLimit(is_root);
  *out_ += R"(,"properties":)";
  {
    JsonObject properties(out_);
    properties.Key("value");
    About about;
    about.nullable = dialect_.closed;
    WriteLeaf(MakeWellKnownLeaf(root.well_known, nullptr, direction_, options_), about);
    if (has_limit) WriteLimit(&properties);
  }
  if (!input()) return;
  std::vector<std::string_view> required;
  if (dialect_.closed) required.emplace_back("value");
  WriteRequired(std::move(required), has_limit);
  *out_ += R"(,"additionalProperties":false)";
}

// Of any members, or without its own. An open object is true of every message; a closed one at
// least of the message without fields.
void SchemaWriter::WriteOpen(const Message& root, bool is_root) {
  const bool has_limit = HasLimit(is_root);
  if (IsOpenRoot(root)) {
    const Leaf leaf = MakeWellKnownLeaf(root.well_known, nullptr, direction_, options_);
    if (!leaf.notes.empty()) {
      *out_ += R"(,"description":)";
      AppendJsonString(out_, leaf.notes);
    }
  }
  *out_ += R"(,"properties":)";
  {
    JsonObject properties(out_);
    if (has_limit) WriteLimit(&properties);
  }
  if (input() || layout_.bare) WriteRequired({}, has_limit);
  if (dialect_.closed) *out_ += R"(,"additionalProperties":false)";
}

// {"messages": [...]}: each as it would stand alone.
void SchemaWriter::WriteStream(const Message& message) {
  const bool has_limit = HasLimit(true);
  *out_ += R"(,"properties":)";
  {
    JsonObject properties(out_);
    properties.Key(descriptor::kMessagesKey);
    ++properties_;
    nesting_ += 2;
    {
      JsonObject list(out_);
      list.String("type", "array");
      list.Key("items");
      {
        JsonObject item(out_);
        item.String("type", "object");
        const bool has_rules = input() && !descriptor::NeedsWrapping(message);
        const std::string rules = Description("", has_rules ? MessageConstraints(message) : "");
        if (!rules.empty()) item.String("description", rules);
        WriteRoot(message, !input());
      }
      list.String("description", input() ? "Sent in this order." : "In the order they came.");
    }
    nesting_ -= 2;
    if (has_limit) WriteLimit(&properties);
    if (!input()) {
      properties.Raw(
          descriptor::kTruncatedKey,
          R"({"type":"string","description":"Only where a limit has cut the stream: which one, and how to ask for less."})");
    }
  }
  WriteRequired({descriptor::kMessagesKey}, has_limit);
  if (input()) *out_ += R"(,"additionalProperties":false)";
}

void SchemaWriter::WriteLimit(JsonObject* properties) {
  properties->Key(streaming_.limit_key);
  properties_ += 3;
  const NullableUnion nullable(out_, dialect_.closed);
  JsonObject limit(out_);
  limit.String("type", "object");
  limit.String("description",
               "Ends the call when so many messages have come or after so many seconds.");
  limit.Key("properties");
  {
    JsonObject members(out_);
    for (const std::string_view key : {descriptor::kMessagesKey, descriptor::kSecondsKey}) {
      members.Raw(key, dialect_.closed ? R"({"type":["integer","null"],"minimum":1})"
                                       : R"({"type":"integer","minimum":1})");
    }
  }
  if (dialect_.closed) limit.Raw("required", R"(["messages","seconds"])");
  limit.Raw("additionalProperties", "false");
}

void SchemaWriter::WriteRequired(std::vector<std::string_view> names, bool has_limit) {
  if (has_limit && dialect_.closed) names.push_back(streaming_.limit_key);
  *out_ += R"(,"required":)";
  AppendJsonStrings(out_, names);
}

}  // namespace bridge::schema
