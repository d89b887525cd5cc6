// Writes the JSON Schema of one message, once, in one layout. Not thread-safe; one write each.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/streaming.h"
#include "bridge/schema/field_notes.h"
#include "bridge/schema/leaf.h"
#include "bridge/schema/profile.h"
#include "bridge/schema/reach.h"
#include "bridge/schema/texts.h"
#include "bridge/schema/tool.h"

namespace bridge::schema {

class JsonObject;

// How a schema trades detail for size.
struct Layout {
  size_t max_bytes = 0;  // give up above
  bool share = false;    // messages used twice are written once, in $defs
  Comments comments = Comments::kShort;
  int max_distance = 0;  // messages farther from the root are left open
  bool bare = false;     // nor has the root its fields
};

class SchemaWriter final {
 public:
  // `method` may be null; it adds what is true for its arguments only, and what its streams need.
  // All must outlive the writer.
  SchemaWriter(Direction direction, const SchemaOptions& options, const Layout& layout,
               const Reach& reach, const descriptor::Method* method)
      : direction_(direction),
        options_(options),
        dialect_(DialectOf(options.profile)),
        layout_(layout),
        reach_(reach),
        method_(method),
        streaming_(method == nullptr ? descriptor::Streaming() : descriptor::StreamingOf(*method)),
        has_update_mask_(HasUpdateMask(method)) {}

  // Appends the schema; false if it is larger than the layout allows, and `out` is then unusable.
  bool Write(const descriptor::Message& root, std::string* out);

 private:
  // What is true of a value besides its form.
  struct About {
    std::string comment = {};   // cut to what `notes` leaves of the budget
    std::string notes = {};     // what no keyword says
    std::string form = {};      // in place of what the leaf says of its form; of bytes beside it
    std::string keywords = {};  // JSON members
    bool nullable = false;
    bool must_end = false;  // a reference would need itself, for ever
  };

  bool input() const { return direction_ == Direction::kInput; }
  bool IsRequired(const descriptor::Field& field, const descriptor::Message& owner) const;
  // The members that a result always has.
  std::vector<std::string_view> Promised(const descriptor::Message& message, bool is_root) const;
  bool IsShared(const descriptor::Message& message) const;
  bool IsCut(const descriptor::Message& message) const;

  void WriteMembers(const descriptor::Message& message, bool is_root);
  void WriteDefinitions();

  // schema_root.cc. Each appends the members of an object that is open. `is_root`: the object is
  // the arguments, or an answer.
  void WriteRoot(const descriptor::Message& root, bool is_root);
  void WriteWrapped(const descriptor::Message& root, bool is_root);
  void WriteOpen(const descriptor::Message& root, bool is_root);
  // True if the schema is of a list of messages.
  bool IsStream() const { return input() ? streaming_.sends() : streaming_.answers(); }
  void WriteStream(const descriptor::Message& message);
  // The argument that ends the answer early, among those of the root.
  bool HasLimit(bool is_root) const { return is_root && input() && !streaming_.limit_key.empty(); }
  void WriteLimit(JsonObject* properties);
  // `["a","stream_limit"]` of `names`, which has the limit too where all is required.
  void WriteRequired(std::vector<std::string_view> names, bool has_limit);

  void WriteField(const descriptor::Field& field, const descriptor::Message& owner);
  void WriteElement(const descriptor::Field& element, const descriptor::FieldRules* rules,
                    About about);
  void WriteMessage(const descriptor::Message& message, About about);
  void WriteReference(const descriptor::Message& message, const About& about);
  void WriteCut(const descriptor::Message& message, bool seen_above, About about);
  void WriteLeaf(const Leaf& leaf, About about);
  void WriteList(const descriptor::Field& field, About about);
  void WriteItems(const descriptor::Field& field, const descriptor::FieldRules* rules,
                  About* about);
  void WriteMap(const descriptor::Field& field, About about);
  void WriteEntries(const descriptor::Field& field, const descriptor::FieldRules* value_rules,
                    const About& about);
  // What all of a value's forms end in.
  void WriteAbout(const About& about, JsonObject* object) const;

  // As much of it as the layout has, with the names of the fields of `owner`, which may be null, as
  // the schema spells them.
  std::string CommentOf(std::string_view comment, const descriptor::Message* owner) const;
  // The comment of the message or enum that `element` is of.
  std::string CommentOfType(const descriptor::Field& element) const;
  // The comment, cut to what `notes` leaves of the budget, and the notes.
  std::string Description(std::string_view comment, std::string_view notes) const;
  // As options_, with what is left for enum values.
  SchemaOptions LeafOptions() const;
  std::string_view DefinitionName(const descriptor::Message& message);

  const Direction direction_;
  const SchemaOptions& options_;
  const Dialect dialect_;
  const Layout layout_;
  const Reach& reach_;
  const descriptor::Method* method_;
  const descriptor::Streaming streaming_;
  const bool has_update_mask_;
  std::string* out_ = nullptr;
  std::unordered_map<const descriptor::Message*, int> open_;  // being written, and how often
  std::unordered_map<const descriptor::Message*, std::string> definition_names_;
  std::unordered_set<std::string> names_taken_;
  std::vector<const descriptor::Message*> definitions_;
  bool timestamp_explained_ = false;
  int nesting_ = 0;  // objects and arrays that are open
  size_t properties_ = 0;
  size_t enum_values_ = 0;
};

}  // namespace bridge::schema
