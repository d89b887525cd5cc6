#include "bridge/schema/schema.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "bridge/schema/schema_writer.h"

namespace bridge::schema {
namespace {

// Clients walk schemas recursively; nothing real is deeper.
constexpr int kMaxDistance = 24;

// From the most detailed layout to the smallest.
std::vector<Layout> Layouts(const SchemaOptions& options) {
  const bool closed = DialectOf(options.profile).closed;
  // A name or an enum value has fewer bytes than the schema.
  const size_t most = closed ? std::min(options.max_bytes, kStrictNameBytes) : options.max_bytes;
  const Comments comments = options.whole_comments ? Comments::kWhole : Comments::kShort;
  std::vector<Layout> layouts = {
      {std::min(options.max_inline_bytes, most), false, comments, kMaxDistance},
      {most, true, comments, kMaxDistance},
      {most, true, Comments::kFirstSentence, kMaxDistance},
  };
  for (const int distance : {kMaxDistance, 8, 6, 4, 3, 2, 1, 0}) {
    layouts.push_back({most, true, Comments::kNone, distance});
  }
  return layouts;
}

}  // namespace

std::string MakeSchema(const descriptor::Message& message, Direction direction,
                       const SchemaOptions& options, const descriptor::Method* method) {
  SchemaOptions used = options;
  if (direction == Direction::kOutput && DialectOf(used.profile).closed) {
    used.profile = SchemaProfile::kPortable;  // only arguments have the closed form
  }
  constexpr size_t kLeastBytes = 4;  // of a property
  const Reach reach = FindReach(message, direction, used.max_bytes / kLeastBytes);
  for (const Layout& layout : Layouts(used)) {
    std::string schema;
    if (SchemaWriter(direction, used, layout, reach, method).Write(message, &schema)) {
      return schema;
    }
  }
  // Even the names of its fields are too long.
  std::string schema;
  const Layout bare = {.max_bytes = SIZE_MAX, .bare = true};
  SchemaWriter(direction, used, bare, reach, method).Write(message, &schema);
  return schema;
}

std::string InputSchema(const descriptor::Message& message, const SchemaOptions& options) {
  return MakeSchema(message, Direction::kInput, options, nullptr);
}

std::string OutputSchema(const descriptor::Message& message, const SchemaOptions& options) {
  return MakeSchema(message, Direction::kOutput, options, nullptr);
}

}  // namespace bridge::schema
