// All tools of all upstreams as one immutable snapshot. A reload builds a new one beside it;
// whoever holds a shared_ptr keeps using the old one to the end of its call. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/streaming.h"
#include "bridge/schema/tool.h"
#include "bridge/transcode/any_types.h"
#include "bridge/transcode/codec.h"
#include "bridge/transcode/unknown_types.h"

namespace google::protobuf {
class FileDescriptorProto;
}

namespace bridge::catalog {

// What one upstream says of itself, and how much of it is taken.
struct Source {
  std::string upstream;               // its alias; empty if it is the only one, and no server
  size_t index = 0;                   // its position in the reactors' channels
  std::vector<std::string> services;  // full names to expose
  std::vector<std::string> files;     // serialized FileDescriptorProto, closed under imports
  std::vector<std::string> types;     // full names of messages in them that an Any may hold
  std::shared_ptr<transcode::UnknownTypes> unknown_types;  // is told of others; may be null
  // The rest is left out: a method is thirty bytes in a description, and pages as schemas.
  size_t max_tools = 5'000;
  size_t max_tool_bytes = 64u << 20;
};

struct Tool {
  schema::Tool text;  // its name and all that lists show of it, schemas too
  const descriptor::Method* method = nullptr;
  const transcode::Codec* codec = nullptr;
  const transcode::Plan* input = nullptr;
  const transcode::Plan* output = nullptr;
  size_t upstream = 0;  // Source::index
  descriptor::Streaming streaming;
};

class Catalog final {
 public:
  // Makes every method of every service a tool, but what options hide. `comments` are serialized
  // FileDescriptorSets that carry what reflection does not: comments, joined by full name, and
  // types that an Any may hold. A service that cannot be understood is left out and named in
  // `problems`; the others work.
  //
  // The type of an Any is looked for in what its upstream describes, then in what the others do, in
  // the order of `sources`, then in the descriptor sets.
  //
  // Big descriptions take seconds. `stop` may be null: once it is true, what is returned soon is
  // not to be used.
  static std::shared_ptr<const Catalog> Make(std::span<const Source> sources,
                                             std::span<const std::string> comments,
                                             const schema::SchemaOptions& options,
                                             std::vector<std::string>* problems,
                                             const std::atomic<bool>* stop = nullptr);

  // Null if there is none.
  const Tool* Find(std::string_view name) const;
  // Sorted by name.
  const std::vector<Tool>& tools() const { return tools_; }

 private:
  friend class CatalogBuilder;
  Catalog() = default;

  std::vector<std::shared_ptr<const transcode::Codec>> codecs_;  // they keep their graphs
  std::vector<Tool> tools_;
  std::unordered_map<std::string_view, const Tool*> by_name_;
};

}  // namespace bridge::catalog
