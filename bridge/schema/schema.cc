#include "bridge/schema/schema.h"

#include <algorithm>
#include <vector>

#include "bridge/schema/schema_writer.h"

namespace bridge::schema {
namespace {

// Clients walk schemas recursively; nothing real is deeper.
constexpr int kMaxDistance = 24;

// From the most detailed layout to the smallest.
std::vector<Layout> Layouts(const SchemaOptions& options) {
  std::vector<Layout> layouts = {
      {std::min(options.max_inline_bytes, options.max_bytes), false, true, kMaxDistance},
      {options.max_bytes, true, true, kMaxDistance},
      {options.max_bytes, true, false, kMaxDistance},
  };
  for (const int distance : {8, 6, 4, 3, 2, 1, 0}) {
    layouts.push_back({options.max_bytes, true, false, distance});
  }
  return layouts;
}

}  // namespace

std::string MakeSchema(const descriptor::Message& message, Direction direction,
                       const SchemaOptions& options, const descriptor::Method* method) {
  for (const Layout& layout : Layouts(options)) {
    std::string schema;
    if (SchemaWriter(direction, options, layout, method).Write(message, &schema)) return schema;
  }
  // Even the names of its fields are too long: an open object is true of every message.
  return R"({"type":"object","properties":{},"required":[]})";
}

std::string InputSchema(const descriptor::Message& message, const SchemaOptions& options) {
  return MakeSchema(message, Direction::kInput, options, nullptr);
}

std::string OutputSchema(const descriptor::Message& message, const SchemaOptions& options) {
  return MakeSchema(message, Direction::kOutput, options, nullptr);
}

}  // namespace bridge::schema
