// Writes the JSON Schema of one message, once, in one layout. Not thread-safe; one write each.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "bridge/schema/leaf.h"
#include "bridge/schema/reach.h"
#include "bridge/schema/tool.h"

namespace bridge::schema {

// How a schema trades detail for size.
struct Layout {
  size_t max_bytes = 0;  // give up above
  bool share = false;    // messages used twice are written once, in $defs
  bool comments = true;
  int max_distance = 0;  // messages farther from the root are left open
};

class SchemaWriter final {
 public:
  // `method` may be null; it adds what is true for its arguments only. All must outlive the writer.
  SchemaWriter(Direction direction, const SchemaOptions& options, const Layout& layout,
               const descriptor::Method* method)
      : direction_(direction), options_(options), layout_(layout), method_(method) {}

  // Appends the schema; false if it is larger than the layout allows, and `out` is then unusable.
  bool Write(const descriptor::Message& root, std::string* out);

 private:
  bool input() const { return direction_ == Direction::kInput; }
  bool IsShared(const descriptor::Message& message) const;
  bool IsRequired(const descriptor::Field& field, const descriptor::Message& owner) const;

  void WriteWrapped(const descriptor::Message& root);
  void WriteMembers(const descriptor::Message& message, bool is_root);
  void WriteDefinitions();
  void WriteField(const descriptor::Field& field, const descriptor::Message& owner);
  void WriteElement(const descriptor::Field& element, const descriptor::FieldRules* rules,
                    std::string comment, const std::string& notes);
  void WriteMessage(const descriptor::Message& message, std::string comment,
                    const std::string& notes);
  void WriteLeaf(const Leaf& leaf, const std::string& comment, const std::string& notes);
  void WriteMap(const descriptor::Field& field, const std::string& comment, std::string notes);
  void WriteList(const descriptor::Field& field, std::string comment, const std::string& notes);

  // The first sentence, with the names of the fields of `owner` as the schema spells them.
  std::string CommentOf(std::string_view comment, const descriptor::Message& owner) const;
  std::string FieldNotes(const descriptor::Field& field, const descriptor::Message& owner) const;
  // The comment, cut to what `notes` leaves of the budget, and the notes.
  std::string Description(std::string_view comment, std::string_view notes) const;
  std::string_view DefinitionName(const descriptor::Message& message);

  const Direction direction_;
  const SchemaOptions& options_;
  const Layout layout_;
  const descriptor::Method* method_;
  std::string* out_ = nullptr;
  std::unordered_map<const descriptor::Message*, Use> uses_;
  std::unordered_map<const descriptor::Message*, int> open_;  // being written, and how often
  std::unordered_map<const descriptor::Message*, std::string> definition_names_;
  std::unordered_set<std::string> names_taken_;
  std::vector<const descriptor::Message*> definitions_;
  bool timestamp_explained_ = false;
};

}  // namespace bridge::schema
